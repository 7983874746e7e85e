//! The declaration of the table.

use super::Model;
use super::field::Field;
use crate::names;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Ident, Lit, UnOp};

/// The body of `Model::table`.
pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let name = table_name(model);
    let columns = model.fields.iter().enumerate().map(|(i, field)| column(model, i, field));
    let soft_delete = model.attributes.soft_delete.then(|| quote! { .soft_delete() });
    let over_deleted = model
        .attributes
        .over_deleted
        .as_ref()
        .map(|policy| quote! { .over_deleted(__reprieve::OverDeleted::#policy) });
    let audit = model.attributes.audit.then(|| quote! { .audit() });
    let of = |group: &Vec<Ident>| {
        // A group names fields, and so columns.
        let columns = group.iter().map(|ident| {
            let field = model.fields.iter().find(|field| field.ident == *ident);
            field.map_or_else(|| ident.to_string(), Field::column)
        });
        quote! { [#(#columns),*] }
    };
    let unique = model.attributes.unique.iter().map(of);
    let index = model.attributes.index.iter().map(of);
    let model_name = model.ident.to_string();
    quote! {
        static __TABLE: __reprieve::OnceLock<__reprieve::Arc<__reprieve::Table>> = __reprieve::OnceLock::new();
        if let Some(table) = __TABLE.get() {
            return Ok(table);
        }
        let table = __reprieve::Table::builder(#model_name, #name)
            #(.column(#columns))*
            #soft_delete
            #over_deleted
            #audit
            #(.unique_together(#unique))*
            #(.index(#index))*
            .build()?;
        Ok(__TABLE.get_or_init(|| table))
    }
}

pub(crate) fn table_name(model: &Model<'_>) -> String {
    model.attributes.table.as_ref().map_or_else(|| names::table(&model.ident.to_string()), syn::LitStr::value)
}

fn column(model: &Model<'_>, position: usize, field: &Field) -> TokenStream {
    let (name, of, attributes) = (field.column(), &field.of, &field.attributes);
    let kind = match (&attributes.precision, &attributes.scale) {
        (None, None) => quote! { <#of as ::reprieve::Value>::column() },
        (precision, scale) => {
            let precision = precision.as_ref().map_or_else(|| quote! { 28 }, |given| quote! { #given });
            let scale = scale.as_ref().map_or_else(|| quote! { 0 }, |given| quote! { #given });
            quote! { __reprieve::ColumnType::Decimal { precision: #precision, scale: #scale } }
        }
    };
    let flag = |set: bool, method: TokenStream| set.then(|| quote! { column = column.#method; });
    let flags = [
        flag(position == model.key, quote! { primary_key() }),
        flag(attributes.unique, quote! { unique() }),
        flag(attributes.index, quote! { indexed() }),
        flag(attributes.created, quote! { fill(__reprieve::Fill::Created) }),
        flag(attributes.updated, quote! { fill(__reprieve::Fill::Updated) }),
    ];
    let length = |value: &Option<Expr>, rule: TokenStream| {
        value.as_ref().map(|value| quote! { column.rules.#rule = Some(#value); })
    };
    let number = |value: &Option<Expr>, rule: TokenStream| {
        value.as_ref().map(|value| quote! { column.rules.#rule = Some((#value) as f64); })
    };
    let rules = [
        length(&attributes.max_len, quote! { max_length }),
        length(&attributes.min_len, quote! { min_length }),
        number(&attributes.max, quote! { max_value }),
        number(&attributes.min, quote! { min_value }),
        attributes.allow_infinity.then(|| quote! { column.rules.infinity = true; }),
    ];
    let default = attributes.default.as_ref().filter(|default| is_constant(default)).map(|default| {
        quote! { column.default = Some(<_ as __reprieve::Sets<#of>>::operand(#default)); }
    });
    let references = attributes.references.as_ref().map(|parent| {
        let action = attributes.on_delete.clone().map(|action| quote! { .on_delete(__reprieve::OnDelete::#action) });
        quote! { column = column.references(__reprieve::ForeignKey::to(<#parent as ::reprieve::Model>::TABLE)#action); }
    });
    quote! {
        {
            #[allow(unused_mut, reason = "most columns are more than a name and a type")]
            let mut column = __reprieve::Column::new(#name, #kind);
            if !<#of as ::reprieve::Value>::NULLABLE {
                column = column.not_null();
            }
            #(#flags)*
            #(#rules)*
            #default
            #references
            column
        }
    }
}

/// Whether a default is the same for every row: a literal, or the name of a constant or a variant. Anything else is
/// evaluated for each row.
pub(crate) fn is_constant(default: &Expr) -> bool {
    match default {
        Expr::Lit(literal) => !matches!(literal.lit, Lit::Verbatim(_)),
        Expr::Path(_) => true,
        Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_) | UnOp::Not(_)) && is_constant(&unary.expr),
        _ => false,
    }
}
