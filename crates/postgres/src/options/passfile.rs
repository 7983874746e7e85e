//! The file of passwords, `~/.pgpass`.
//!
//! Source: PostgreSQL's manual, "The Password File".

use super::{Environment, Host, PostgresOptions, Way};
use std::path::{Path, PathBuf};

/// Gives each host the password that the file has for it. A file that others may read is not used, and that is remembered
/// for the error that will come of it.
pub(super) fn look_up(options: &mut PostgresOptions, path: Option<&str>, environment: &Environment) {
    let default = || environment.home.as_ref().map(|home| home.join(".pgpass"));
    let Some(path) = path.map(PathBuf::from).or_else(default) else { return };
    // A file that is not there, or cannot be read, says nothing.
    let Ok(text) = std::fs::read_to_string(&path) else { return };
    if is_open_to_others(&path) {
        options.passfile =
            Some(format!("{} was not used, because others may read it: chmod 600 it", path.display()));
        return;
    }
    let (user, database) = (options.user.clone(), options.database.clone());
    for host in &mut options.hosts {
        let wanted = [name(host, environment), host.port.to_string(), database.clone(), user.clone()];
        host.password = text.lines().find_map(|line| password(line, &wanted));
    }
}

/// What the file calls a host: a socket in its usual folder is `localhost`.
fn name(host: &Host, environment: &Environment) -> String {
    match &host.way {
        Way::Tcp { name, .. } => name.clone(),
        Way::Unix(folder) if environment.sockets.contains(folder) => "localhost".to_owned(),
        Way::Unix(folder) => folder.display().to_string(),
    }
}

/// The password of a line, when its four fields are the wanted ones or `*`.
fn password(line: &str, wanted: &[String; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line.trim_end_matches('\r');
    for wanted in wanted {
        let (field, escaped, after) = field(rest)?;
        if field != *wanted && (field != "*" || escaped) {
            return None;
        }
        rest = after;
    }
    let (password, ..) = field(&format!("{rest}:"))?;
    (!password.is_empty()).then_some(password)
}

/// A field up to its colon, whether any of it was escaped by a backslash, and what follows.
fn field(text: &str) -> Option<(String, bool, &str)> {
    let (mut field, mut escaped) = (String::new(), false);
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            ':' => return Some((field, escaped, &text[at + 1..])),
            '\\' => {
                field.push(characters.next()?.1);
                escaped = true;
            }
            other => field.push(other),
        }
    }
    None
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|file| file.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_libpq_reads_them() {
        let wanted = ["db.example", "5432", "blog", "ann"].map(str::to_owned);
        for (line, found) in [
            ("db.example:5432:blog:ann:secret", Some("secret")),
            ("*:*:*:*:a\\:b\\\\c", Some("a:b\\c")),
            ("*:*:*:ann:with:colon", Some("with")),
            ("#*:*:*:*:no", None),
            ("other:*:*:*:no", None),
            ("\\*:*:*:*:no", None),
            ("*:*:*:*:", None),
            ("*:*:*", None),
        ] {
            assert_eq!(password(line, &wanted).as_deref(), found, "{line}");
        }
    }
}
