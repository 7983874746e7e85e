//! The derives of Reprieve: `Model` makes a struct a row of a table, `Value` makes a type one that columns can hold.
//!
//! The code they write declares into the engine's schema and calls `reprieve::derived`; it decides nothing.
#![forbid(unsafe_code)]

mod case;
mod links;
mod model;
mod names;
mod projection;
mod value;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct a row of a table: see `reprieve::Model`.
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    model::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct without fields a table of links between rows of two models: see `reprieve::Links`.
#[proc_macro_derive(Links, attributes(links))]
pub fn derive_links(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    links::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a newtype, or an enum without data, a type that columns can hold: see `reprieve::Value`.
#[proc_macro_derive(Value, attributes(value))]
pub fn derive_value(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    value::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct one of some fields of a model: see `reprieve::Projection`.
#[proc_macro_derive(Projection, attributes(projection))]
pub fn derive_projection(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    projection::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
