//! `#[derive(Model)]`.

mod attributes;
mod columns;
mod create;
mod field;
mod relations;
mod row;
mod table;
mod update;

use attributes::ModelAttributes;
use field::Field;
use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident, Visibility};

/// A struct that is to be a model.
pub(crate) struct Model<'a> {
    ident: &'a Ident,
    visibility: &'a Visibility,
    attributes: ModelAttributes,
    fields: Vec<Field>,
    key: usize,
}

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let model = Model::parse(input)?;
    let parts = [
        row::expand(&model),
        columns::expand(&model),
        relations::expand(&model),
        create::expand(&model),
        update::expand(&model),
    ];
    Ok(quote! { #(#parts)* })
}

impl<'a> Model<'a> {
    fn parse(input: &'a DeriveInput) -> syn::Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(syn::Error::new(input.ident.span(), "a model is a struct with named fields"));
        };
        let Fields::Named(named) = &data.fields else {
            return Err(syn::Error::new(data.fields.span(), "a model is a struct with named fields"));
        };
        if !input.generics.params.is_empty() {
            return Err(syn::Error::new(input.generics.span(), "a model has no generic parameters"));
        }
        let attributes = ModelAttributes::parse(&input.attrs)?;
        if let (Some(policy), false) = (&attributes.over_deleted, attributes.soft_delete) {
            let message = "`over_deleted` says what an upsert does with a deleted row: add `soft_delete`";
            return Err(syn::Error::new(policy.span(), message));
        }
        let mut fields = named.named.iter().map(Field::parse).collect::<syn::Result<Vec<_>>>()?;
        name_relations(&mut fields, &attributes)?;
        let keys: Vec<usize> = (0..fields.len()).filter(|i| fields[*i].attributes.primary_key).collect();
        let key = match keys[..] {
            [key] => key,
            [] => {
                let message = "a model has a primary key: mark one field with #[model(primary_key)]";
                return Err(syn::Error::new(input.ident.span(), message));
            }
            [_, second, ..] => {
                return Err(syn::Error::new(fields[second].ident.span(), "a model has one primary key"));
            }
        };
        Ok(Self { ident: &input.ident, visibility: &input.vis, attributes, fields, key })
    }

    /// Whether the engine alone writes the field.
    fn is_marker(&self, field: &Field) -> bool {
        self.attributes.soft_delete && field.column() == "deleted_at"
    }

    /// Whether a new row needs the field to be given; of a key the types decide, for the database may make it.
    fn requires(&self, position: usize) -> bool {
        let field = &self.fields[position];
        let filled =
            field.attributes.default.is_some() || field.attributes.created || field.attributes.updated;
        !field.is_option() && !filled && !self.is_marker(field)
    }
}

/// The names of relations, which share those of fields: a relation that follows from a field's name gives way to a field,
/// any other is refused.
fn name_relations(fields: &mut [Field], attributes: &ModelAttributes) -> syn::Result<()> {
    let mut taken: Vec<Ident> = fields.iter().map(|field| field.ident.clone()).collect();
    for field in fields.iter_mut() {
        if field.attributes.relation.is_none()
            && field.relation.as_ref().is_some_and(|name| taken.contains(name))
        {
            field.relation = None;
        }
    }
    let of_fields = fields.iter().filter_map(|field| field.relation.as_ref());
    for name in of_fields.chain(attributes.relations.iter().map(|relation| &relation.name)) {
        if taken.contains(name) {
            let message =
                format!("`{name}` is the name of a field or of another relation: give this one another name");
            return Err(syn::Error::new(name.span(), message));
        }
        taken.push(name.clone());
    }
    match taken.iter().find(|name| ["insert", "save"].iter().any(|verb| **name == verb)) {
        None => Ok(()),
        Some(name) => {
            let message = format!("a field cannot be called `{name}`: the builders of rows use the name");
            Err(syn::Error::new(name.span(), message))
        }
    }
}
