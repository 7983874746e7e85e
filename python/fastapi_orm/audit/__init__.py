"""The audit log: who acts, what was changed, and how to ask for it."""

from ..mixins import AuditMixin
from .actor import clear_audit_user, get_audit_metadata, get_audit_user, set_audit_user
from .log import AuditLog
from .queries import get_audit_trail, get_recent_changes, get_user_activity, search_audit_logs

__all__ = [
    "AuditLog",
    "AuditMixin",
    "clear_audit_user",
    "get_audit_metadata",
    "get_audit_trail",
    "get_audit_user",
    "get_recent_changes",
    "get_user_activity",
    "search_audit_logs",
    "set_audit_user",
]
