//! The driver against a real server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod address;
mod auth;
mod cancel;
mod cascade;
mod command_timeout;
mod crowd;
mod errors;
mod farewell;
mod guard;
mod killed;
mod late;
mod late_pool;
mod lost;
mod own_server;
mod pooler;
mod proxy;
mod rows;
mod stale;
mod support;
mod tls;
mod together;
mod transactions;
mod unprepared;
mod way;
