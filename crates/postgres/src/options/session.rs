//! What kind of server is wanted among several.

use super::invalid;
use reprieve_core::error::Result;

/// What kind of server is wanted among several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Session {
    #[default]
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl Session {
    pub(super) fn parse(value: &str) -> Result<Self> {
        Ok(match value {
            "any" => Self::Any,
            "read-write" => Self::ReadWrite,
            "read-only" => Self::ReadOnly,
            "primary" => Self::Primary,
            "standby" => Self::Standby,
            "prefer-standby" => Self::PreferStandby,
            _ => {
                return Err(invalid(format!(
                    "target_session_attrs={value} is unknown: use any, read-write, read-only, primary, standby or \
                     prefer-standby"
                )));
            }
        })
    }

    /// Whether a server will do: one that replays another's log, or whose sessions only read.
    pub(crate) fn suits(self, standby: bool, read_only: bool) -> bool {
        match self {
            Self::Any | Self::PreferStandby => true,
            Self::ReadWrite => !standby && !read_only,
            Self::ReadOnly => standby || read_only,
            Self::Primary => !standby,
            Self::Standby => standby,
        }
    }
}
