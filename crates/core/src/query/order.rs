//! The order of rows.

use super::Expr;

/// One term of an ORDER BY.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is compared.
    pub by: Expr,
    /// Largest first.
    pub descending: bool,
}

impl Order {
    /// Smallest first.
    pub fn ascending(by: Expr) -> Self {
        Self { by, descending: false }
    }

    /// Largest first.
    pub fn descending(by: Expr) -> Self {
        Self { by, descending: true }
    }
}
