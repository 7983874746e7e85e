//! The builder of changes to a row.

use super::Model;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let (ident, visibility) = (model.ident, model.visibility);
    let builder = format_ident!("{ident}Update");
    let fields = model.fields.iter().enumerate();
    let fields = fields.filter(|(position, field)| *position != model.key && !model.is_marker(field));
    let setters = fields.map(|(position, field)| {
        let (ident, of) = (&field.ident, &field.of);
        let docs = format!("Sets `{}`.", field.name);
        let linked = field.relation.as_ref().map(|name| {
            let parent = &field.attributes.references;
            let text = format!("Refers to this live row by `{}`.", field.name);
            quote! {
                #[doc = #text]
                #visibility fn #name(mut self, row: &#parent) -> Self {
                    self.values.set(#position, ::reprieve::Value::to_value(::reprieve::Model::key(row)));
                    self
                }
            }
        });
        quote! {
            #[doc = #docs]
            #visibility fn #ident<V: ::reprieve::derived::Sets<#of>>(mut self, value: V) -> Self {
                self.values.set(#position, value.operand());
                self
            }

            #linked
        }
    });
    let docs = format!("Changes to a {ident} on their way to being written.");
    quote! {
        #[doc = #docs]
        #[must_use = "the changes are written by save()"]
        #[allow(dead_code)]
        #visibility struct #builder<'row> {
            row: &'row mut #ident,
            values: ::reprieve::derived::Values,
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident {
            /// Begins to change the row: only the columns that are set are written.
            #visibility fn update(&mut self) -> #builder<'_> {
                #builder { row: self, values: ::core::default::Default::default() }
            }
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl #builder<'_> {
            #(#setters)*

            /// Writes the changes; the struct has them when they are written.
            ///
            /// # Errors
            /// When a value does not fit its field, a unique key is taken, or a reference leads to no row or a deleted
            /// one; `Error::is_deleted` when the row was deleted after it was read, `Error::is_not_found` when it is gone.
            /// Nothing is written then.
            #visibility async fn save(self, session: &mut ::reprieve::Session) -> ::reprieve::Result<()> {
                ::reprieve::derived::update(self.row, self.values, session).await
            }
        }
    }
}
