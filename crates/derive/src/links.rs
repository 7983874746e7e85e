//! `#[derive(Links)]`.

use crate::names;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path};

const WHAT: &str = "a table of links is a struct without fields: \
                    `#[derive(Links)] #[links(post_id = Post, tag_id = Tag)] struct PostTag;`";
const ENDS: &str = "a table of links has two columns, each with the model it refers to: \
                    `#[links(table = \"post_tags\", post_id = Post, tag_id = Tag)]`";

/// What stands in `#[links(…)]`.
#[derive(Default)]
struct Attributes {
    table: Option<LitStr>,
    ends: Vec<(Ident, Path)>,
}

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let fieldless = matches!(&input.data, Data::Struct(data) if matches!(data.fields, Fields::Unit));
    if !fieldless || !input.generics.params.is_empty() {
        return Err(syn::Error::new(input.ident.span(), WHAT));
    }
    let attributes = parse(input)?;
    let [(left, left_model), (right, right_model)] = &attributes.ends[..] else {
        return Err(syn::Error::new(input.ident.span(), ENDS));
    };
    if left == right {
        return Err(syn::Error::new(right.span(), format!("both columns are called `{right}`")));
    }
    let (ident, visibility) = (&input.ident, &input.vis);
    let table = attributes.table.map_or_else(|| names::table(&names::plain(ident)), |name| name.value());
    let (left_constant, right_constant) = (names::constant(left), names::constant(right));
    let (left_name, right_name) = (names::plain(left), names::plain(right));
    let docs = |name: &str| format!("The column `{name}`.");
    let (left_docs, right_docs) = (docs(&left_name), docs(&right_name));
    Ok(quote! {
        #[automatically_derived]
        #[allow(dead_code, reason = "a program need not name them")]
        impl #ident {
            #[doc = #left_docs]
            #visibility const #left_constant: ::reprieve::Column<#ident, <#left_model as ::reprieve::Model>::Key> =
                ::reprieve::Column::at(0);
            #[doc = #right_docs]
            #visibility const #right_constant: ::reprieve::Column<#ident, <#right_model as ::reprieve::Model>::Key> =
                ::reprieve::Column::at(1);
        }

        #[automatically_derived]
        const _: () = {
            use ::reprieve::derived as __reprieve;

            impl __reprieve::Through for #ident {
                fn links() -> __reprieve::Result<&'static __reprieve::Arc<__reprieve::Table>> {
                    static __TABLE: __reprieve::OnceLock<__reprieve::Arc<__reprieve::Table>> = __reprieve::OnceLock::new();
                    if let Some(table) = __TABLE.get() {
                        return Ok(table);
                    }
                    let left = (#left_name, <#left_model as ::reprieve::Model>::TABLE);
                    let right = (#right_name, <#right_model as ::reprieve::Model>::TABLE);
                    let table = __reprieve::Table::links(#table, left, right)?;
                    Ok(__TABLE.get_or_init(|| table))
                }
            }

            impl ::reprieve::Links for #ident {
                const TABLE: &'static str = #table;
            }

            impl __reprieve::RefersTo<#left_model, 0> for #ident {}
            impl __reprieve::RefersTo<#right_model, 1> for #ident {}
        };
    })
}

fn parse(input: &DeriveInput) -> syn::Result<Attributes> {
    let mut parsed = Attributes::default();
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("links")) {
        attribute.parse_nested_meta(|meta| {
            let Some(name) = meta.path.get_ident() else { return Err(meta.error(ENDS)) };
            match name == "table" {
                true => parsed.table = Some(meta.value()?.parse()?),
                false => parsed.ends.push((name.clone(), meta.value()?.parse()?)),
            }
            Ok(())
        })?;
    }
    Ok(parsed)
}
