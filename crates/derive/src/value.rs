//! `#[derive(Value)]`: of a newtype, and of an enum without data.

use crate::case::Case;
use crate::names;
use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DataEnum, DeriveInput, Fields, Ident, LitStr};

const WHAT: &str = "a value of a column is a newtype, `struct Email(String)`, or an enum without data";

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new(input.generics.span(), "a value of a column has no generic parameters"));
    }
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                Ok(newtype(&input.ident, &fields.unnamed[0].ty))
            }
            _ => Err(syn::Error::new(input.ident.span(), WHAT)),
        },
        Data::Enum(data) => labels(input, data).map(|labels| enumeration(&input.ident, &labels)),
        Data::Union(_) => Err(syn::Error::new(input.ident.span(), WHAT)),
    }
}

fn newtype(ident: &Ident, inner: &syn::Type) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::reprieve::Value for #ident {
            const NULLABLE: bool = <#inner as ::reprieve::Value>::NULLABLE;

            fn column() -> ::reprieve::derived::ColumnType {
                <#inner as ::reprieve::Value>::column()
            }

            fn to_value(&self) -> ::reprieve::derived::Bound {
                ::reprieve::Value::to_value(&self.0)
            }

            fn from_cell(cell: ::reprieve::derived::Cell<'_>) -> ::core::option::Option<Self> {
                <#inner as ::reprieve::Value>::from_cell(cell).map(Self)
            }
        }

        // What the type inside can be used for, if anything: `for<'a>` leaves it open until it is asked for.
        #[automatically_derived]
        impl ::reprieve::derived::Text for #ident where for<'a> #inner: ::reprieve::derived::Text {}

        #[automatically_derived]
        impl ::reprieve::derived::GeneratedKey for #ident
        where
            for<'a> #inner: ::reprieve::derived::GeneratedKey,
        {
        }
    }
}

fn enumeration(ident: &Ident, labels: &[(&Ident, String)]) -> TokenStream {
    let (variants, labels): (Vec<&Ident>, Vec<&String>) = labels.iter().map(|(v, l)| (*v, l)).unzip();
    quote! {
        #[automatically_derived]
        impl ::reprieve::Value for #ident {
            fn column() -> ::reprieve::derived::ColumnType {
                let labels = [#(::std::string::String::from(#labels)),*];
                ::reprieve::derived::ColumnType::Enum(::reprieve::derived::Arc::new(labels))
            }

            fn to_value(&self) -> ::reprieve::derived::Bound {
                ::reprieve::derived::Bound::Text(::std::string::String::from(match self {
                    #(Self::#variants => #labels,)*
                }))
            }

            fn from_cell(cell: ::reprieve::derived::Cell<'_>) -> ::core::option::Option<Self> {
                match cell {
                    #(::reprieve::derived::Cell::Text(#labels) => ::core::option::Option::Some(Self::#variants),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

/// The label of each variant: what `#[value(rename = "…")]` says, or its name as `#[value(rename_all = "…")]` of the enum has it.
fn labels<'a>(input: &DeriveInput, data: &'a DataEnum) -> syn::Result<Vec<(&'a Ident, String)>> {
    if data.variants.is_empty() {
        return Err(syn::Error::new(input.ident.span(), WHAT));
    }
    let all = renamed(&input.attrs, "rename_all")?;
    let case = all.map(|name| Case::parse(&name)).transpose()?;
    let mut labels: Vec<(&Ident, String)> = Vec::new();
    for variant in &data.variants {
        if !variant.fields.is_empty() {
            return Err(syn::Error::new(variant.span(), WHAT));
        }
        let name = names::plain(&variant.ident);
        let label = match (renamed(&variant.attrs, "rename")?, &case) {
            (Some(given), _) => given.value(),
            (None, Some(case)) => case.apply(&name),
            (None, None) => name,
        };
        if labels.iter().any(|(_, taken)| *taken == label) {
            return Err(syn::Error::new(variant.span(), format!("two variants are stored as \"{label}\"")));
        }
        labels.push((&variant.ident, label));
    }
    Ok(labels)
}

fn renamed(attributes: &[Attribute], known: &str) -> syn::Result<Option<LitStr>> {
    let mut name = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("value")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident(known) {
                return Err(meta.error(format!("unknown attribute: known here is `{known} = \"…\"`")));
            }
            name = Some(meta.value()?.parse()?);
            Ok(())
        })?;
    }
    Ok(name)
}
