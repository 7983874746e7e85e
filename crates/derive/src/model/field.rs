//! A field of a model.

use super::attributes::FieldAttributes;
use crate::names;
use proc_macro2::Span;
use syn::{Ident, Type};

/// A field of a model.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// Its name, without the `r#` of a keyword.
    pub(crate) name: String,
    pub(crate) of: Type,
    pub(crate) docs: Vec<syn::Attribute>,
    /// What the row that it refers to is called: `author` for `author_id`, unless another field has the name.
    pub(crate) relation: Option<Ident>,
    pub(crate) attributes: FieldAttributes,
}

impl Field {
    pub(crate) fn parse(field: &syn::Field) -> syn::Result<Self> {
        let ident =
            field.ident.clone().ok_or_else(|| syn::Error::new(Span::call_site(), "a field has a name"))?;
        let name = names::plain(&ident);
        let attributes = FieldAttributes::parse(&field.attrs)?;
        if attributes.on_delete.is_some() && attributes.references.is_none() {
            let message =
                "`on_delete` says what the deletion of the row referred to does: add `references = Model`";
            return Err(syn::Error::new(ident.span(), message));
        }
        if let (Some(relation), None) = (&attributes.relation, &attributes.references) {
            let message = "`relation` names the row that a field refers to: add `references = Model`";
            return Err(syn::Error::new(relation.span(), message));
        }
        let relation = attributes.references.as_ref().and_then(|_| match &attributes.relation {
            Some(name) => Some(name.clone()),
            None => names::ident(name.strip_suffix("_id")?, ident.span()),
        });
        let docs = field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect();
        Ok(Self { ident, name, of: field.ty.clone(), docs, relation, attributes })
    }

    /// The column's name in the database.
    pub(crate) fn column(&self) -> String {
        self.attributes.column.as_ref().map_or_else(|| self.name.clone(), syn::LitStr::value)
    }

    /// `title` as `TITLE`.
    pub(crate) fn constant(&self) -> Ident {
        names::constant(&self.ident)
    }

    /// The type parameter that says whether it was given.
    pub(crate) fn parameter(&self) -> Ident {
        Ident::new(&format!("Has{}", names::camel(&self.name)), self.ident.span())
    }

    pub(crate) fn is_option(&self) -> bool {
        let Type::Path(path) = &self.of else { return false };
        path.path.segments.last().is_some_and(|last| last.ident == "Option")
    }

    /// The type inside of `Option`, or the type.
    pub(crate) fn inner(&self) -> &Type {
        let Type::Path(path) = &self.of else { return &self.of };
        let Some(last) = path.path.segments.last().filter(|last| last.ident == "Option") else {
            return &self.of;
        };
        match &last.arguments {
            syn::PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
                Some(syn::GenericArgument::Type(inner)) => inner,
                _ => &self.of,
            },
            _ => &self.of,
        }
    }
}
