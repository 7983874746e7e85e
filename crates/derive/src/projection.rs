//! `#[derive(Projection)]`.

use crate::names;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Ident, Path};

const WHAT: &str = "a projection is a struct with named fields";
const MODEL: &str = "say of which model it holds fields: `#[projection(model = Post)]`";

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(data) = &input.data else { return Err(syn::Error::new(input.ident.span(), WHAT)) };
    let Fields::Named(fields) = &data.fields else {
        return Err(syn::Error::new(input.ident.span(), WHAT));
    };
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new(input.generics.span(), "a projection has no generic parameters"));
    }
    let model: Option<Path> = attribute(&input.attrs, "model", "`model = Post`")?;
    let model = model.ok_or_else(|| syn::Error::new(input.ident.span(), MODEL))?;
    let fields = fields.named.iter().map(|field| column(&model, field)).collect::<syn::Result<Vec<_>>>()?;
    let ident = &input.ident;
    let (names, columns): (Vec<&Ident>, Vec<&TokenStream>) =
        fields.iter().map(|(name, column, _)| (*name, column)).unzip();
    let reads = fields.iter().enumerate().map(|(at, (_, column, field))| {
        let of = &field.ty;
        quote_spanned! { of.span() => __reprieve::Field(#column).read::<#of>(row, #at)? }
    });
    Ok(quote! {
        #[automatically_derived]
        const _: () = {
            use ::reprieve::derived as __reprieve;

            impl ::reprieve::Projection for #ident {
                type Model = #model;

                fn columns() -> ::std::vec::Vec<usize> {
                    ::std::vec![#(#columns.position()),*]
                }

                fn read(row: &dyn __reprieve::Row) -> __reprieve::Result<Self> {
                    Ok(Self { #(#names: #reads,)* })
                }
            }
        };
    })
}

/// A field, and the constant of the column that it is read from.
fn column<'a>(model: &Path, field: &'a Field) -> syn::Result<(&'a Ident, TokenStream, &'a Field)> {
    let name = field.ident.as_ref().ok_or_else(|| syn::Error::new(field.span(), WHAT))?;
    let from: Option<Ident> = attribute(&field.attrs, "field", "`field = name`")?;
    let constant = names::constant(from.as_ref().unwrap_or(name));
    Ok((name, quote_spanned! { constant.span() => <#model>::#constant }, field))
}

fn attribute<T: syn::parse::Parse>(
    attributes: &[Attribute],
    name: &str,
    known: &str,
) -> syn::Result<Option<T>> {
    let mut value = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("projection")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident(name) {
                return Err(meta.error(format!("unknown attribute: known here is {known}")));
            }
            value = Some(meta.value()?.parse()?);
            Ok(())
        })?;
    }
    Ok(value)
}
