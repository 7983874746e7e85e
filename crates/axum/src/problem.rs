//! Bodies of answers that are no success: problem details, `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A problem. Its type is `about:blank`, which is left out: the status and the members say it all.
#[derive(Debug, Serialize)]
pub(crate) struct Problem<'a> {
    pub(crate) title: &'a str,
    #[serde(serialize_with = "number")]
    pub(crate) status: StatusCode,
    pub(crate) detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<&'a str>,
}

fn number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl<'a> Problem<'a> {
    pub(crate) fn new(status: StatusCode, title: &'a str, detail: &'a str) -> Self {
        Self { title, status, detail, model: None, field: None }
    }
}

impl IntoResponse for Problem<'_> {
    fn into_response(self) -> Response {
        // A struct of texts and a number always has a JSON form.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        (self.status, [(header::CONTENT_TYPE, kind)], body).into_response()
    }
}
