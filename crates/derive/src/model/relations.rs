//! A constant for each relation, and which field refers to which model.

use super::Model;
use super::attributes::{Relation, Way};
use crate::names;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Path};

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let ident = model.ident;
    let constants = references(model).chain(model.attributes.relations.iter().map(|it| related(model, it)));
    let refers = model.fields.iter().enumerate().filter_map(|(position, field)| {
        let parent = field.attributes.references.as_ref()?;
        Some(quote! {
            #[automatically_derived]
            impl ::reprieve::derived::RefersTo<#parent, #position> for #ident {}
        })
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code, reason = "a program need not follow every relation")]
        impl #ident {
            #(#constants)*
        }

        #(#refers)*
    }
}

/// The rows that the model's own fields refer to.
fn references<'a>(model: &'a Model<'_>) -> impl Iterator<Item = TokenStream> + 'a {
    let (ident, visibility) = (model.ident, model.visibility);
    model.fields.iter().enumerate().filter_map(move |(position, field)| {
        let (parent, name) = (field.attributes.references.as_ref()?, field.relation.as_ref()?);
        let constant = names::constant(name);
        let docs = format!("The row that `{}` refers to.", field.name);
        Some(quote! {
            #[doc = #docs]
            #visibility const #constant: ::reprieve::ToOne<#ident, #parent> =
                ::reprieve::derived::reference::<#ident, #parent, #position>();
        })
    })
}

/// The rows that refer to the model, and those that are linked to it.
fn related(model: &Model<'_>, relation: &Relation) -> TokenStream {
    let (ident, visibility) = (model.ident, model.visibility);
    let Relation { name, target, way } = relation;
    let constant = names::constant(name);
    let (docs, of, made) = match way {
        Way::Many { by } | Way::One { by } => {
            let by = by.clone().unwrap_or_else(|| reference_to(ident));
            let field = position(target, &by);
            let (alias, made) = match way {
                Way::One { .. } => (quote! { HasOne }, quote! { child }),
                _ => (quote! { ToMany }, quote! { children }),
            };
            (
                format!("The `{}` rows that refer to it by `{by}`.", last(target)),
                quote! { ::reprieve::#alias<#ident, #target> },
                quote_spanned! { by.span() => ::reprieve::derived::#made::<#ident, #target, { #field }>() },
            )
        }
        Way::Links { through, near, far } => {
            let near = near.clone().unwrap_or_else(|| reference_to(ident));
            let far = far.clone().unwrap_or_else(|| reference_to(last(target)));
            let (near_field, far_field) = (position(through, &near), position(through, &far));
            (
                format!("The `{}` rows that are linked to it by `{}`.", last(target), last(through)),
                quote! { ::reprieve::ManyToMany<#ident, #target, #through> },
                quote_spanned! { far.span() =>
                    ::reprieve::derived::linked::<#ident, #target, #through, { #near_field }, { #far_field }>()
                },
            )
        }
    };
    quote! {
        #[doc = #docs]
        #visibility const #constant: #of = #made;
    }
}

/// The tables of links that come with the model.
pub(crate) fn links<'a>(model: &'a Model<'_>) -> Vec<&'a Path> {
    let through = |relation: &'a Relation| match &relation.way {
        Way::Links { through, .. } => Some(through),
        _ => None,
    };
    model.attributes.relations.iter().filter_map(through).collect()
}

/// `author_id`, for a reference to `Author`, when nothing else is said.
fn reference_to(model: &Ident) -> Ident {
    Ident::new(&format!("{}_id", names::snake(&names::plain(model))), model.span())
}

fn position(model: &Path, field: &Ident) -> TokenStream {
    let constant = names::constant(field);
    quote_spanned! { field.span() => <#model>::#constant.position() }
}

fn last(path: &Path) -> &Ident {
    // A path has a segment: the parser took it for one.
    &path.segments[path.segments.len() - 1].ident
}
