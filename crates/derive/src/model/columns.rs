//! A constant for each column.

use super::Model;
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let (ident, visibility) = (model.ident, model.visibility);
    let columns = model.fields.iter().enumerate().map(|(position, field)| {
        let (constant, of) = (field.constant(), &field.of);
        let docs = format!("The column `{}`.", field.column());
        quote! {
            #[doc = #docs]
            #visibility const #constant: ::reprieve::Column<#ident, #of> = ::reprieve::Column::at(#position);
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code, reason = "a program need not use every column")]
        impl #ident {
            #(#columns)*
        }
    }
}
