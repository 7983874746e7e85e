//! What stands in `#[model(…)]`, on the struct and on its fields.

use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitStr, Path, Token, parenthesized};

/// Of the struct.
#[derive(Default)]
pub(crate) struct ModelAttributes {
    pub(crate) table: Option<LitStr>,
    pub(crate) soft_delete: bool,
    pub(crate) audit: bool,
    pub(crate) unique: Vec<Vec<Ident>>,
    pub(crate) index: Vec<Vec<Ident>>,
}

/// Of a field.
#[derive(Default)]
pub(crate) struct FieldAttributes {
    pub(crate) primary_key: bool,
    pub(crate) unique: bool,
    pub(crate) index: bool,
    pub(crate) created: bool,
    pub(crate) updated: bool,
    pub(crate) column: Option<LitStr>,
    pub(crate) default: Option<Expr>,
    pub(crate) max_len: Option<Expr>,
    pub(crate) min_len: Option<Expr>,
    pub(crate) max: Option<Expr>,
    pub(crate) min: Option<Expr>,
    pub(crate) precision: Option<Expr>,
    pub(crate) scale: Option<Expr>,
    pub(crate) references: Option<Path>,
    pub(crate) on_delete: Option<Ident>,
}

const OF_MODELS: &str = "`table = \"…\"`, `soft_delete`, `audit`, `unique(a, b)`, `index(a, b)`";
const OF_FIELDS: &str = "`primary_key`, `unique`, `index`, `max_len = n`, `min_len = n`, `min = n`, `max = n`, \
                         `precision = n`, `scale = n`, `default = …`, `created`, `updated`, `column = \"…\"`, \
                         `references = Model`, `on_delete = Cascade`";

impl ModelAttributes {
    pub(crate) fn parse(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut parsed = Self::default();
        each(attributes, |meta| {
            match name(&meta).as_str() {
                "table" => parsed.table = Some(meta.value()?.parse()?),
                "soft_delete" => parsed.soft_delete = true,
                "audit" => parsed.audit = true,
                "unique" => parsed.unique.push(idents(&meta)?),
                "index" => parsed.index.push(idents(&meta)?),
                _ => return Err(unknown(&meta, OF_MODELS)),
            }
            Ok(())
        })?;
        Ok(parsed)
    }
}

impl FieldAttributes {
    pub(crate) fn parse(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut parsed = Self::default();
        each(attributes, |meta| {
            let value = |meta: &ParseNestedMeta<'_>| meta.value()?.parse::<Expr>().map(Some);
            match name(&meta).as_str() {
                "primary_key" => parsed.primary_key = true,
                "unique" => parsed.unique = true,
                "index" => parsed.index = true,
                "created" => parsed.created = true,
                "updated" => parsed.updated = true,
                "column" => parsed.column = Some(meta.value()?.parse()?),
                "default" => parsed.default = value(&meta)?,
                "max_len" => parsed.max_len = value(&meta)?,
                "min_len" => parsed.min_len = value(&meta)?,
                "max" => parsed.max = value(&meta)?,
                "min" => parsed.min = value(&meta)?,
                "precision" => parsed.precision = value(&meta)?,
                "scale" => parsed.scale = value(&meta)?,
                "references" => parsed.references = Some(meta.value()?.parse()?),
                "on_delete" => parsed.on_delete = Some(action(&meta)?),
                _ => return Err(unknown(&meta, OF_FIELDS)),
            }
            Ok(())
        })?;
        Ok(parsed)
    }
}

fn each(
    attributes: &[Attribute],
    mut take: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let ours = attributes.iter().filter(|attribute| attribute.path().is_ident("model"));
    ours.into_iter().try_for_each(|attribute| attribute.parse_nested_meta(&mut take))
}

fn name(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.get_ident().map(Ident::to_string).unwrap_or_default()
}

fn idents(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<Ident>> {
    let inside;
    parenthesized!(inside in meta.input);
    Ok(Punctuated::<Ident, Token![,]>::parse_terminated(&inside)?.into_iter().collect())
}

fn action(meta: &ParseNestedMeta<'_>) -> syn::Result<Ident> {
    let action: Ident = meta.value()?.parse()?;
    let known = ["Cascade", "Restrict", "SetNull", "SetDefault", "NoAction"];
    if known.contains(&action.to_string().as_str()) {
        return Ok(action);
    }
    Err(syn::Error::new(action.span(), format!("unknown action `{action}`: use {}", known.join(", "))))
}

fn unknown(meta: &ParseNestedMeta<'_>, known: &str) -> syn::Error {
    meta.error(format!("unknown attribute: known here are {known}"))
}
