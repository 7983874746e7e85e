//! What the process was started with: the variables that libpq reads, and who the user is.

use std::collections::HashMap;
use std::path::PathBuf;

/// The variables `PG…`, the user and the user's folder, as a fallback for what an address does not say.
#[derive(Clone, Default)]
pub struct Environment {
    variables: HashMap<String, String>,
    pub(crate) user: Option<String>,
    pub(crate) home: Option<PathBuf>,
    /// Where sockets of a server on this machine usually lie.
    pub(crate) sockets: Vec<PathBuf>,
}

impl Environment {
    /// Nothing: an address says everything.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Those of this process.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| name.starts_with("PG") && !value.is_empty())
            .collect();
        let sockets = ["/var/run/postgresql", "/run/postgresql", "/tmp"].map(PathBuf::from).to_vec();
        Self { variables, user: whoami::username().ok(), home: std::env::home_dir(), sockets }
    }

    /// With this variable.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// With this user and their folder.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>, home: impl Into<PathBuf>) -> Self {
        (self.user, self.home) = (Some(user.into()), Some(home.into()));
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }
}

/// Values may be passwords.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}
