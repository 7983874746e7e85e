//! Whether the compiler is new enough, asked before anything long starts.

use anyhow::{Context, Result, bail};

use crate::checkout;

/// The workspace's manifest is the one place that names the oldest compiler.
const WORKSPACE: &str = include_str!("../../Cargo.toml");

/// MUST run before the first build: from an old compiler the build's own messages are about syntax.
pub(crate) fn check() -> Result<()> {
    let needed = needed();
    let output = checkout::command("rustc").arg("--version").output().with_context(|| {
        format!("rustc was not found; Reprieve needs Rust {needed} or newer: https://rustup.rs installs it")
    })?;
    let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let Some(version) = version(found.trim_start_matches("rustc ")) else {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`rustc --version` did not tell its version; it said: {found}{}", said.trim());
    };
    if Some(version) < self::version(needed) {
        bail!("{found} is too old: Reprieve needs Rust {needed} or newer; `rustup update stable` brings it");
    }
    Ok(())
}

fn needed() -> &'static str {
    WORKSPACE
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .map(|value| value.trim_matches('"'))
        .expect("the workspace's manifest names its rust-version")
}

/// Major and minor of `1.89`, `1.95.0 (59807616e 2026-04-14)` or `1.97.0-nightly`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers_not_as_text() {
        assert_eq!(version("1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert!(version("1.100.0-nightly") > version("1.89"));
        assert_eq!(version("unknown"), None);
    }

    #[test]
    fn the_oldest_compiler_is_read_from_the_workspace() {
        assert!(version(needed()).is_some());
    }
}
