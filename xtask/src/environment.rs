//! The virtual environment inside the checkout: made once, made again when the interpreter changes, and filled from
//! PyPI only when what it should hold has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::python::Python;
use crate::{checkout, process};

/// A virtual environment that is there and runs.
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Finds a Python and makes the environment from it, unless one made from the same Python is there.
    pub(crate) fn prepare() -> Result<Self> {
        let python = Python::find()?;
        let environment = Self { folder: checkout::path(".venv") };
        if !environment.is_made_from(&python) {
            environment.make(&python)?;
        }
        Ok(environment)
    }

    /// Installs a `[dependency-groups]` entry of pyproject.toml.
    pub(crate) fn install_group(&self, group: &str) -> Result<()> {
        self.install(group, "pyproject.toml", ["--group", group])
    }

    /// Installs what the tests say they need.
    pub(crate) fn install_test_requirements(&self) -> Result<()> {
        let file = "tests/python/requirements.txt";
        self.install("test", file, ["--requirement", file])
    }

    /// Asks PyPI only when `file`, which names what is wanted, is not what it was the last time.
    fn install(&self, name: &str, file: &str, arguments: [&str; 2]) -> Result<()> {
        let wanted = fs::read(checkout::path(file)).with_context(|| format!("cannot read {file}"))?;
        let stamp = self.folder.join(format!("reprieve-{name}.stamp"));
        if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        process::quiet(
            &format!("installing the {name} tools from PyPI into .venv"),
            self.pip_install().args(arguments),
        )?;
        fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
    }

    /// The environment's Python, as a command that runs at the root of the checkout.
    pub(crate) fn python(&self) -> Command {
        let mut command = checkout::command(self.executable());
        self.activate(&mut command);
        command
    }

    /// A program that a package of PyPI brought, as a command that runs at the root of the checkout.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = checkout::command(self.programs().join(name));
        self.activate(&mut command);
        command
    }

    /// Makes this the environment that `command`, and what it starts, finds.
    pub(crate) fn activate(&self, command: &mut Command) {
        command
            .env("VIRTUAL_ENV", &self.folder)
            .env("PYO3_PYTHON", self.executable())
            // Two active environments are an error for maturin; these two would put foreign modules first.
            .env_remove("CONDA_PREFIX")
            .env_remove("PYTHONHOME")
            .env_remove("PYTHONPATH");
    }

    fn executable(&self) -> PathBuf {
        self.programs().join(if cfg!(windows) { "python.exe" } else { "python" })
    }

    fn programs(&self) -> PathBuf {
        self.folder.join(if cfg!(windows) { "Scripts" } else { "bin" })
    }

    /// Says that a folder is ours to delete; `.venv` is a name that people and editors use too.
    fn mark(&self) -> PathBuf {
        self.folder.join("reprieve-xtask.stamp")
    }

    fn is_made_from(&self, python: &Python) -> bool {
        self.mark().exists()
            && Python::ask(&mut self.python())
                .is_some_and(|own| own.version == python.version && own.prefix == python.prefix)
    }

    fn make(&self, python: &Python) -> Result<()> {
        if self.folder.exists() {
            if !self.mark().exists() {
                bail!(
                    "{} was not made by cargo xtask: move or delete it, then try again",
                    self.folder.display()
                );
            }
            remove(&self.folder)?;
        }
        // The mark goes in first: an environment left half made is still ours to make again.
        fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(self.mark(), ""))
            .with_context(|| format!("cannot write to {}", self.folder.display()))?;
        let mut venv = checkout::command(&python.executable);
        venv.env_remove("PYTHONHOME").env_remove("PYTHONPATH").args(["-m", "venv"]).arg(&self.folder);
        process::quiet(&format!("making the virtual environment .venv from {python}"), &mut venv)
            .inspect_err(|_| drop(remove(&self.folder)))?;
        // Dependency groups are known to pip since 25.1; a new environment holds the interpreter's bundled one.
        process::quiet(
            "bringing pip up to date in .venv",
            self.pip_install().args(["--upgrade", "pip>=25.1"]),
        )
        .inspect_err(|_| drop(remove(&self.folder)))
    }

    fn pip_install(&self) -> Command {
        let mut pip = self.python();
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"]);
        pip
    }
}

fn remove(folder: &Path) -> Result<()> {
    fs::remove_dir_all(folder).with_context(|| format!("cannot delete {}", folder.display()))
}
