//! The builder of new rows: one type parameter for each required field says whether it was given.

use super::table::is_constant;
use super::{Field, Model};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let (ident, visibility) = (model.ident, model.visibility);
    let builder = format_ident!("{ident}Create");
    let names = format_ident!("__{}_fields", crate::names::snake(&ident.to_string()));
    let required: Vec<&Field> =
        (0..model.fields.len()).filter(|i| model.requires(*i)).map(|i| &model.fields[i]).collect();
    let parameters: Vec<Ident> = required.iter().map(|field| field.parameter()).collect();
    let markers: Vec<&Ident> = required.iter().map(|field| &field.ident).collect();
    let key = &model.fields[model.key];
    let generated = (model.requires(model.key) && key.attributes.references.is_none()).then(|| {
        let (marker, of) = (&key.ident, &key.of);
        // Decided by the type, which the derive cannot see through: `for<'a>` leaves it open until it is asked for.
        quote! {
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl ::reprieve::derived::Dispensable for #names::#marker
            where
                for<'a> #of: ::reprieve::derived::GeneratedKey,
            {
            }
        }
    });
    let setters = model.fields.iter().enumerate().filter(|(_, field)| !model.is_marker(field));
    let setters = setters.map(|(position, field)| setter(model, &builder, &required, position, field));
    let defaults = model.fields.iter().enumerate().filter_map(|(position, field)| {
        let (default, of) = (field.attributes.default.as_ref().filter(|d| !is_constant(d))?, &field.of);
        Some(quote! {
            if !values.has(#position) {
                values.set(#position, <_ as ::reprieve::derived::Sets<#of>>::operand(#default));
            }
        })
    });
    let (docs, insert_docs) = (
        format!("A new {ident} on its way to being inserted."),
        "Inserts the row; awaited, it gives the row as it was stored.\n\n# Errors\nWhen a value does not fit its field, a unique key is \
         taken, or a reference leads to no row or a deleted one. Nothing is written then.",
    );
    quote! {
        #[doc(hidden)]
        #[allow(missing_docs, missing_debug_implementations, non_camel_case_types, dead_code)]
        #visibility mod #names {
            #(pub struct #markers;)*
        }

        #generated

        #[doc = #docs]
        #[must_use = "the row is written by insert()"]
        #[allow(dead_code)]
        #visibility struct #builder<#(#parameters = ::reprieve::derived::Missing<#names::#markers>),*> {
            values: ::reprieve::derived::Values,
            given: ::core::marker::PhantomData<fn() -> (#(#parameters,)*)>,
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident {
            /// Begins a new row.
            #visibility fn create() -> #builder {
                #builder { values: ::core::default::Default::default(), given: ::core::marker::PhantomData }
            }
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl<#(#parameters),*> #builder<#(#parameters),*> {
            #(#setters)*

            #[doc = #insert_docs]
            #visibility fn insert(self, session: &mut ::reprieve::Session) -> ::reprieve::derived::Inserting<'_, #ident>
            where
                #(#parameters: ::reprieve::derived::IsGiven,)*
            {
                ::reprieve::derived::Inserting::new(::reprieve::derived::NewRow::into_values(self), session)
            }
        }

        #[automatically_derived]
        impl<#(#parameters: ::reprieve::derived::IsGiven),*> ::reprieve::derived::NewRow for #builder<#(#parameters),*> {
            type Model = #ident;

            fn into_values(self) -> ::reprieve::derived::Values {
                #[allow(unused_mut, reason = "some models have defaults for each row")]
                let mut values = self.values;
                #(#defaults)*
                values
            }
        }
    }
}

/// The method that gives a field, and the one that gives the row it refers to.
fn setter(
    model: &Model<'_>,
    builder: &Ident,
    required: &[&Field],
    position: usize,
    field: &Field,
) -> TokenStream {
    let (visibility, ident, of) = (model.visibility, &field.ident, &field.of);
    let is_required = required.iter().any(|other| other.ident == field.ident);
    let after = required.iter().map(|other| {
        let parameter = other.parameter();
        if other.ident == field.ident {
            quote! { ::reprieve::derived::Given }
        } else {
            quote! { #parameter }
        }
    });
    let after = if is_required {
        quote! { #builder<#(#after),*> }
    } else {
        quote! { Self }
    };
    let docs = if field.docs.is_empty() {
        let text = format!("Gives `{}`.", field.name);
        quote! { #[doc = #text] }
    } else {
        let docs = &field.docs;
        quote! { #(#docs)* }
    };
    let linked = field.relation.as_ref().map(|name| {
        let parent = &field.attributes.references;
        let text = format!("Refers to this live row by `{}`.", field.name);
        quote! {
            #[doc = #text]
            #visibility fn #name(mut self, row: &#parent) -> #after {
                self.values.set(#position, ::reprieve::Value::to_value(::reprieve::Model::key(row)));
                #builder { values: self.values, given: ::core::marker::PhantomData }
            }
        }
    });
    quote! {
        #docs
        #visibility fn #ident<V: ::reprieve::derived::Sets<#of>>(mut self, value: V) -> #after {
            self.values.set(#position, value.operand());
            #builder { values: self.values, given: ::core::marker::PhantomData }
        }

        #linked
    }
}
