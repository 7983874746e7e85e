//! The one error type of the engine: what was done, to which model, field and key, and what to do next.
//!
//! Callers ask through predicates and accessors; the kinds are private to the workspace's own matching and may
//! grow. Faces translate a [`Kind`] into their own classes; they do not invent kinds.

use crate::mask::masked;
use crate::value::Value;
use std::borrow::Cow;
use std::fmt;

/// The result of everything in Reprieve that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, by kind. Each kind is documented by what the user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A declaration contradicts itself or another one (a field twice, a relation to an unknown model).
    Schema,
    /// A name that the model does not have: field, operator, keyword.
    UnknownName,
    /// A value that the field cannot hold: wrong type, NULL, too long, out of range.
    InvalidValue,
    /// No row with that key is visible.
    NotFound,
    /// Another live row holds the same unique key.
    UniqueViolation,
    /// The database refused a row: a foreign key without its target, a check.
    ConstraintViolation,
    /// A live child forbids the deletion of its parent (RESTRICT).
    Restricted,
    /// Restoring would collide with a live row, or put a live row under a deleted parent.
    RestoreConflict,
    /// The row was deleted after its caller read it, or restored after it was taken from the trash; or a deleted row stands
    /// in the way of an upsert, by the policy of its table.
    Deleted,
    /// A row of the audit log was to be written: only the engine does that, together with the change it tells of.
    ReadOnly,
    /// A table that the schema declares is not in the database.
    MissingTable,
    /// The session was used after close, from two tasks at once, or after a cancelled statement.
    Session,
    /// A connection of the parent process was used after `fork`.
    Forked,
    /// Nobody let go of the lock, or of a connection, within the time allowed.
    Timeout,
    /// The database cannot be opened or written: not a database, read-only, disk full, no such folder.
    Unavailable,
    /// Another transaction was in the way: this one could not have run before or after it, or they waited for each
    /// other. Nothing of it is left; run again, it may well succeed.
    Serialization,
    /// The connection was lost while a statement was under way.
    Disconnected,
    /// The database reported anything else.
    Database,
    /// The statement was interrupted because its caller went away.
    Interrupted,
    /// A row sink of a face failed (for Python: an exception was raised while building an object).
    Sink,
    /// A broken invariant of Reprieve itself: please report it.
    Internal,
}

/// What an error is about, as far as it is known: every part may be absent.
#[derive(Debug, Default, Clone)]
pub struct ErrorContext {
    /// The model's name, for instance `Post`.
    pub model: Option<String>,
    /// The table that the database named.
    pub table: Option<String>,
    /// The fields (or columns) concerned. Those of a unique key are several when it is over several columns.
    pub fields: Vec<String>,
    /// What those fields of a unique key were given, in their order; empty when it is not known.
    pub values: Vec<Value>,
    /// The value or key concerned, written for a person.
    pub value: Option<String>,
}

impl ErrorContext {
    /// The fields as one text, for a person.
    pub fn field(&self) -> Option<Cow<'_, str>> {
        match &self.fields[..] {
            [] => None,
            [field] => Some(field.as_str().into()),
            fields => Some(fields.join(", ").into()),
        }
    }
}

/// An error of the engine or a driver.
///
/// Ask with the predicates ([`is_not_found`](Self::is_not_found), …) or [`kind`](Self::kind); `Display` says what
/// happened and what to do next; `source` keeps what the driver said.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    message: Cow<'static, str>,
    context: ErrorContext,
    in_doubt: bool,
    detail: Option<String>,
    hides_words: bool,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of this kind, with a message that says what was done and what to do next.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            context: ErrorContext::default(),
            in_doubt: false,
            detail: None,
            hides_words: false,
            source: None,
        }))
    }

    /// Names the model.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.0.context.model = Some(model.into());
        self
    }

    /// Names the field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.0.context.fields = vec![field.into()];
        self
    }

    /// Names several fields, of a key that is over several columns.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.context.fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Names the table, as the database has it.
    #[must_use]
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.0.context.table = Some(table.into());
        self
    }

    /// Says what the fields of a unique key were given, in their order.
    #[must_use]
    pub fn values(mut self, values: Vec<Value>) -> Self {
        self.0.context.values = values;
        self
    }

    /// Names the value or key, written for a person. MUST NOT be a password.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.0.context.value = Some(value.into());
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Keeps the cause, whose words the message leaves out because they may name constraints or repeat what rows hold.
    #[must_use]
    pub fn because_unsaid(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.hides_words = true;
        self.because(source)
    }

    /// What a client is told of it, where the message holds what only the program may know: keys and values of rows.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// What a client may be told: it names models and fields, and neither what rows hold, nor what was refused, nor
    /// anything that the database says.
    pub fn for_client(&self) -> Cow<'_, str> {
        let model = self.0.context.model.as_deref().unwrap_or("Another row");
        match (self.kind(), &self.0.detail, self.0.context.field()) {
            (_, Some(detail), _) => detail.into(),
            (Kind::UniqueViolation, _, Some(field)) => format!("{model} with this {field} already exists").into(),
            (Kind::UniqueViolation, ..) => format!("{model} with the same key already exists").into(),
            (Kind::ConstraintViolation, ..) => {
                "The row refers to one that does not exist, others refer to it, or it holds what is not allowed".into()
            }
            _ => self.0.message.as_ref().into(),
        }
    }

    /// The error without the values of the statement that it tells of: a database may repeat them, and what an error
    /// says goes into logs.
    #[must_use]
    pub fn without<'a>(mut self, values: impl Iterator<Item = &'a Value> + Clone) -> Self {
        // What was raised while a row was read is not the database's.
        if self.kind() == Kind::Sink {
            return self;
        }
        if let Some(message) = masked(&self.0.message, values.clone()) {
            self.0.message = message.into();
        }
        if let Some(said) = self.0.source.as_ref().and_then(|source| masked(&source.to_string(), values)) {
            self.0.source = Some(said.into());
        }
        self
    }

    /// Puts another message in front of the same kind, context and cause.
    #[must_use]
    pub fn message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Notes that the database may have done what was asked all the same: nobody was left to say.
    #[must_use]
    pub fn in_doubt(mut self) -> Self {
        self.0.in_doubt = true;
        self
    }

    /// Whether what was asked may have been done all the same: the connection was lost when a commit, or a write outside
    /// of a transaction, had been sent, and nobody was left to say what became of it. Look before you do it again.
    pub fn is_in_doubt(&self) -> bool {
        self.0.in_doubt
    }

    /// Another transaction was in the way: this one could not have run before or after it, or they waited for each
    /// other. Nothing of it is left; the same work, run again from its beginning, may well succeed.
    pub fn is_retryable(&self) -> bool {
        self.kind() == Kind::Serialization
    }

    /// What went wrong, by kind.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What it is about.
    pub fn context(&self) -> &ErrorContext {
        &self.0.context
    }

    /// Whether the message leaves out the words of the database, which [`database_message`](Self::database_message) has.
    pub fn hides_words(&self) -> bool {
        self.0.hides_words
    }

    /// What the database, or the system, said in its own words. They may name constraints and repeat what rows hold, which
    /// belongs in no answer and no log.
    pub fn database_message(&self) -> Option<String> {
        self.0.source.as_ref().map(ToString::to_string)
    }

    /// Takes the cause out, for a face whose sink raised it.
    pub fn into_source(self) -> Option<Box<dyn std::error::Error + Send + Sync>> {
        self.0.source
    }

    /// No row with that key is visible.
    pub fn is_not_found(&self) -> bool {
        self.kind() == Kind::NotFound
    }

    /// Another live row holds the same unique key.
    pub fn is_unique_violation(&self) -> bool {
        self.kind() == Kind::UniqueViolation
    }

    /// The row that was to be written is deleted, or was restored, since its caller read it; or a deleted row stands in the
    /// way of an upsert.
    pub fn is_deleted(&self) -> bool {
        self.kind() == Kind::Deleted
    }

    /// Restoring would collide with what is live.
    pub fn is_restore_conflict(&self) -> bool {
        self.kind() == Kind::RestoreConflict
    }

    /// A live child forbids the deletion.
    pub fn is_restricted(&self) -> bool {
        self.kind() == Kind::Restricted
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("context", &self.0.context)
            .field("source", &self.0.source)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| e.as_ref() as &(dyn std::error::Error + 'static))
    }
}
