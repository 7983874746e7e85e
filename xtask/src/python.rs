//! Finding a Python that can build and run the library.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

/// The Pythons that the extension module is built for, as in `requires-python` and the classifiers of pyproject.toml.
const OLDEST: (u32, u32) = (3, 10);
const NEWEST: (u32, u32) = (3, 14);

const HOW_TO_GET_ONE: &str = "\
To get one:
  Debian, Ubuntu   sudo apt install python3 python3-venv
  Fedora           sudo dnf install python3
  macOS            brew install python@3.13
  Windows          winget install Python.Python.3.13
or name one that is not on the PATH: REPRIEVE_PYTHON=/path/to/python3 cargo xtask ...";

/// What an interpreter says of itself. Written so that a Python 2 also answers, and is told that it is too old.
const QUESTIONS: &str = "\
import sys
print('%d.%d.%d' % sys.version_info[:3])
print(getattr(getattr(sys, 'implementation', None), 'name', 'unknown'))
print(getattr(sys, '_base_executable', None) or sys.executable)
print(getattr(sys, 'base_prefix', sys.prefix))
for module in ('venv', 'ensurepip'):
    try:
        __import__(module)
    except ImportError:
        print(module)
";

/// An interpreter's answers.
#[derive(Debug)]
pub(crate) struct Python {
    pub(crate) version: String,
    implementation: String,
    /// The interpreter itself: never a shim, and never the one of a virtual environment that happens to be active.
    pub(crate) executable: PathBuf,
    /// Where it is installed; with the version, what tells one interpreter from another.
    pub(crate) prefix: String,
    missing_modules: Vec<String>,
}

impl Python {
    /// The first usable interpreter; the error lists every one that was looked at and why it would not do.
    pub(crate) fn find() -> Result<Self> {
        let mut rejected = String::new();
        let mut looked_for = Vec::new();
        for candidate in candidates() {
            let Some(python) = Self::ask(&mut candidate.command()) else {
                looked_for.push(candidate.program);
                continue;
            };
            match python.objection() {
                None => return Ok(python),
                Some(objection) => rejected += &format!("  {} is {python}: {objection}\n", candidate.program),
            }
        }
        if rejected.is_empty() {
            rejected = format!("  none of these runs: {}\n", looked_for.join(", "));
        }
        bail!(
            "Reprieve needs CPython {} to {} with its venv and ensurepip modules, but\n{rejected}{HOW_TO_GET_ONE}",
            dotted(OLDEST),
            dotted(NEWEST),
        )
    }

    /// None when it does not run: a version manager's shim for a version that is not installed, for one.
    pub(crate) fn ask(command: &mut Command) -> Option<Self> {
        let output = command.args(["-c", QUESTIONS]).stdin(Stdio::null()).output().ok()?;
        if !output.status.success() {
            return None;
        }
        Self::parse(&String::from_utf8_lossy(&output.stdout))
    }

    fn parse(answers: &str) -> Option<Self> {
        let mut lines = answers.lines().map(str::to_owned);
        Some(Self {
            version: lines.next()?,
            implementation: lines.next()?,
            executable: lines.next()?.into(),
            prefix: lines.next()?,
            missing_modules: lines.collect(),
        })
    }

    fn objection(&self) -> Option<String> {
        let mut numbers = self.version.split('.').map_while(|part| part.parse().ok());
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if version < OLDEST {
            Some(String::from("too old"))
        } else if version > NEWEST {
            Some(String::from("newer than this release knows"))
        } else if self.implementation != "cpython" {
            Some(format!("it is {}, not CPython", self.implementation))
        } else if !self.missing_modules.is_empty() {
            Some(format!(
                "its standard library lacks {} (on Debian and Ubuntu: sudo apt install python{}-venv)",
                self.missing_modules.join(" and "),
                dotted(version),
            ))
        } else {
            None
        }
    }
}

impl fmt::Display for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Python {} ({})", self.version, self.executable.display())
    }
}

/// A command that may be a Python.
struct Candidate {
    program: String,
    arguments: &'static [&'static str],
}

impl Candidate {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.arguments);
        command
    }
}

/// What the user named, and only that; else the usual names, newest version first.
fn candidates() -> Vec<Candidate> {
    let candidate = |program: String| Candidate { program, arguments: &[] };
    if let Ok(named) = std::env::var("REPRIEVE_PYTHON") {
        return vec![candidate(named)];
    }
    let mut candidates = vec![candidate("python3".into())];
    let versions = (OLDEST.1..=NEWEST.1).rev();
    candidates.extend(versions.map(|minor| candidate(format!("python3.{minor}"))));
    if cfg!(windows) {
        candidates.push(Candidate { program: "py".into(), arguments: &["-3"] });
        candidates.push(candidate("python".into()));
    }
    candidates
}

fn dotted(version: (u32, u32)) -> String {
    format!("{}.{}", version.0, version.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(answers: &str) -> Option<String> {
        Python::parse(answers).expect("the answers are complete").objection()
    }

    #[test]
    fn a_complete_cpython_is_accepted() {
        assert_eq!(objection("3.10.0\ncpython\n/usr/bin/python3\n/usr\n"), None);
        assert_eq!(objection("3.14.2\ncpython\n/usr/bin/python3\n/usr\n"), None);
    }

    #[test]
    fn versions_compare_as_numbers_not_as_text() {
        assert_eq!(objection("3.9.18\ncpython\n/p\n/usr\n").as_deref(), Some("too old"));
        assert_eq!(objection("2.7.18\nunknown\n/p\n/usr\n").as_deref(), Some("too old"));
        assert!(objection("3.15.0\ncpython\n/p\n/usr\n").is_some());
    }

    #[test]
    fn a_python_without_its_venv_package_is_told_which_package_brings_it() {
        let objection = objection("3.11.2\ncpython\n/usr/bin/python3\n/usr\nensurepip\n");
        assert!(
            objection
                .is_some_and(|text| text.contains("lacks ensurepip") && text.contains("python3.11-venv"))
        );
    }

    #[test]
    fn an_answer_cut_short_is_no_python() {
        assert!(Python::parse("3.11.2\ncpython\n").is_none());
    }
}
