//! What a database says of all its sessions.

use crate::values::Timezone;

/// What a database says of all its sessions.
#[derive(Clone)]
pub struct Settings {
    /// What a naive datetime means: this zone, or local time.
    pub timezone: Option<Timezone>,
    /// Whether a dictionary that is given for a field is taken for operators.
    pub operators: bool,
    /// Whether a call may say who acts, by `_audit_user_id=`.
    pub audit_keyword: bool,
}
