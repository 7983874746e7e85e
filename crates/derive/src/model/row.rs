//! `impl Model`: what the struct is as a row.

use super::{Model, relations, table};
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let (ident, fields) = (model.ident, &model.fields);
    let (name, table_name, count, key) =
        (ident.to_string(), table::table_name(model), fields.len(), model.key);
    let (key_ident, key_type) = (&fields[key].ident, &fields[key].of);
    let table = table::expand(model);
    let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.of).collect();
    let positions: Vec<usize> = (0..count).collect();
    let references = fields.iter().filter_map(|field| {
        let (parent, inner) = (field.attributes.references.as_ref()?, field.inner());
        Some(quote! { ::reprieve::derived::same_key::<#inner, #parent>(); })
    });
    let links = match relations::links(model)[..] {
        [] => None,
        ref through => Some(quote! {
            fn links() -> ::std::vec::Vec<fn() -> __reprieve::Result<&'static __reprieve::Arc<__reprieve::Table>>> {
                ::std::vec![#(<#through as __reprieve::Through>::links),*]
            }
        }),
    };
    let deletion = match model.attributes.soft_delete {
        true => soft_delete(model),
        false => quote! { impl ::reprieve::Delete for #ident {} },
    };
    quote! {
        #[automatically_derived]
        const _: () = {
            use ::reprieve::derived as __reprieve;

            impl ::reprieve::Model for #ident {
                type Key = #key_type;

                const NAME: &'static str = #name;
                const TABLE: &'static str = #table_name;
                const FIELDS: usize = #count;
                const KEY: usize = #key;

                fn table() -> __reprieve::Result<&'static __reprieve::Arc<__reprieve::Table>> {
                    #table
                }

                #links

                fn key(&self) -> &#key_type {
                    &self.#key_ident
                }

                fn value(&self, position: usize) -> __reprieve::Bound {
                    match position {
                        #(#positions => ::reprieve::Value::to_value(&self.#idents),)*
                        _ => __reprieve::Bound::Null,
                    }
                }

                fn set(&mut self, position: usize, value: &__reprieve::Bound) -> __reprieve::Result<()> {
                    match position {
                        #(#positions => self.#idents = __reprieve::bound::<Self, #types>(value, #positions)?,)*
                        _ => {}
                    }
                    Ok(())
                }

                fn read(row: &dyn __reprieve::Row) -> __reprieve::Result<Self> {
                    Ok(Self { #(#idents: __reprieve::field::<Self, #types>(row, #positions)?,)* })
                }
            }

            #[allow(dead_code, reason = "the compiler checks the types of references")]
            fn references() {
                #(#references)*
            }

            #deletion
        };
    }
}

fn soft_delete(model: &Model<'_>) -> TokenStream {
    let ident = model.ident;
    let declared = model.fields.iter().position(|field| model.is_marker(field));
    let (argument, mark) = match declared {
        None => (quote! { _ }, None),
        Some(position) => {
            let (field, of) = (&model.fields[position].ident, &model.fields[position].of);
            let mark = quote! {
                let marker = at.map_or(__reprieve::Bound::Null, __reprieve::Bound::from);
                if let Ok(marker) = __reprieve::bound::<Self, #of>(&marker, #position) {
                    self.#field = marker;
                }
            };
            (quote! { at }, Some(mark))
        }
    };
    quote! {
        #[diagnostic::do_not_recommend]
        impl ::reprieve::SoftDelete for #ident {
            fn mark(&mut self, #argument: ::core::option::Option<__reprieve::Timestamp>) {
                #mark
            }
        }
    }
}
