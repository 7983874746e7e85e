//! `?limit=…&offset=…`

use crate::{Error, Result};
use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;

/// Which part of a list is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) limit: Option<u32>,
    #[serde(default)]
    pub(super) offset: u32,
}

impl Page {
    /// # Errors
    /// 422, when it is no number, or more than a page holds.
    pub(super) fn of(uri: &Uri, page_size: u32) -> Result<Self> {
        let refused = |detail| Error::request(StatusCode::UNPROCESSABLE_ENTITY, "Invalid page", detail);
        let Query(page) = Query::<Self>::try_from_uri(uri).map_err(|error| refused(error.body_text()))?;
        match page.limit {
            Some(limit) if limit > page_size => {
                Err(refused(format!("limit is {limit}, and a page has at most {page_size} rows")))
            }
            _ => Ok(page),
        }
    }
}
