//! What is asked for beside a soft delete.

use crate::actor::{self, Actor};
use reprieve_engine::deletion::Delete;

/// How to delete, why, and who asked for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) cascade: bool,
    pub(super) reason: Option<String>,
    pub(super) by: Option<String>,
}

impl Asked {
    /// Who was named, else the task's actor.
    pub(super) fn actor(&self) -> Actor {
        let actor = actor::current();
        match &self.by {
            Some(by) => Actor { user_id: Some(by.clone()), ..actor },
            None => actor,
        }
    }

    pub(super) fn options(&self) -> Delete {
        Delete { cascade: self.cascade, reason: self.reason.clone(), ..Delete::default() }
    }
}
