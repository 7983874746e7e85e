//! How addresses of files are read.

/// How the address of a file is read: the libraries that users come from disagree about the third slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressStyle {
    /// As sqlx reads it, and the Rust face: `sqlite:app.db` and `sqlite://app.db` are relative, `sqlite:///srv/app.db` is
    /// absolute.
    #[default]
    Sqlx,
    /// As SQLAlchemy reads it, and the Python face: `sqlite:///app.db` is relative, `sqlite:////srv/app.db` is absolute.
    Sqlalchemy,
}
