//! What stands in `#[model(…)]`, on the struct and on its fields.

use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, LitStr, Path, Token, parenthesized};

/// Of the struct.
#[derive(Default)]
pub(crate) struct ModelAttributes {
    pub(crate) table: Option<LitStr>,
    pub(crate) soft_delete: bool,
    pub(crate) over_deleted: Option<Ident>,
    pub(crate) audit: bool,
    pub(crate) unique: Vec<Vec<Ident>>,
    pub(crate) index: Vec<Vec<Ident>>,
    pub(crate) relations: Vec<Relation>,
}

/// A relation that no field of the model's own makes.
pub(crate) struct Relation {
    pub(crate) name: Ident,
    pub(crate) target: Path,
    pub(crate) way: Way,
}

/// How its rows are found.
pub(crate) enum Way {
    /// They refer to the model by this field.
    Many { by: Option<Ident> },
    /// One refers to the model by this field.
    One { by: Option<Ident> },
    /// They are linked.
    Links { through: Path, near: Option<Ident>, far: Option<Ident> },
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
    pub(crate) allow_infinity: bool,
    pub(crate) precision: Option<Expr>,
    pub(crate) scale: Option<Expr>,
    pub(crate) references: Option<Path>,
    pub(crate) relation: Option<Ident>,
    pub(crate) on_delete: Option<Ident>,
}

const OF_MODELS: &str = "`table = \"…\"`, `soft_delete`, `over_deleted = Revive`, `audit`, `unique(a, b)`, `index(a, b)`, \
                         `has_many(posts: Post, by = author_id)`, `has_one(profile: Profile, by = user_id)`, \
                         `many_to_many(tags: Tag, through = PostTag, near = post_id, far = tag_id)`";
const OF_FIELDS: &str = "`primary_key`, `unique`, `index`, `max_len = n`, `min_len = n`, `min = n`, `max = n`, \
                         `allow_infinity`, `precision = n`, `scale = n`, `default = …`, `created`, `updated`, `column = \"…\"`, \
                         `references = Model`, `on_delete = Cascade`, `relation = name`";

impl ModelAttributes {
    pub(crate) fn parse(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut parsed = Self::default();
        each(attributes, |meta| {
            match name(&meta).as_str() {
                "table" => parsed.table = Some(meta.value()?.parse()?),
                "soft_delete" => parsed.soft_delete = true,
                "over_deleted" => parsed.over_deleted = Some(one_of(&meta, "policy", &POLICIES)?),
                "audit" => parsed.audit = true,
                "unique" => parsed.unique.push(idents(&meta)?),
                "index" => parsed.index.push(idents(&meta)?),
                way @ ("has_many" | "has_one" | "many_to_many") => {
                    parsed.relations.push(relation(way, &meta)?);
                }
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
                "allow_infinity" => parsed.allow_infinity = true,
                "precision" => parsed.precision = value(&meta)?,
                "scale" => parsed.scale = value(&meta)?,
                "references" => parsed.references = Some(meta.value()?.parse()?),
                "relation" => parsed.relation = Some(meta.value()?.parse()?),
                "on_delete" => parsed.on_delete = Some(one_of(&meta, "action", &ACTIONS)?),
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

/// `(posts: Post, by = author_id)`.
fn relation(way: &str, meta: &ParseNestedMeta<'_>) -> syn::Result<Relation> {
    let inside;
    parenthesized!(inside in meta.input);
    let name: Ident = inside.parse()?;
    inside.parse::<Token![:]>()?;
    let target = inside.parse()?;
    let (mut by, mut through, mut near, mut far) = (None, None, None, None);
    while inside.parse::<Option<Token![,]>>()?.is_some() && !inside.is_empty() {
        let key: Ident = inside.parse()?;
        inside.parse::<Token![=]>()?;
        match (way, key.to_string().as_str()) {
            ("has_many" | "has_one", "by") => by = Some(inside.parse()?),
            ("many_to_many", "through") => through = Some(inside.parse()?),
            ("many_to_many", "near") => near = Some(inside.parse()?),
            ("many_to_many", "far") => far = Some(inside.parse()?),
            ("many_to_many", _) => {
                return Err(syn::Error::new(
                    key.span(),
                    "known here are `through = Links`, `near = field`, `far = field`",
                ));
            }
            _ => return Err(syn::Error::new(key.span(), "known here is `by = field`")),
        }
    }
    if !inside.is_empty() {
        return Err(inside.error("expected `,`"));
    }
    let way = match (way, through) {
        ("has_many", _) => Way::Many { by },
        ("has_one", _) => Way::One { by },
        (_, Some(through)) => Way::Links { through, near, far },
        (_, None) => {
            let message = "say which table links the two: `through = PostTag`, with \
                           `#[derive(Links)] #[links(post_id = Post, tag_id = Tag)] struct PostTag;`";
            return Err(syn::Error::new(name.span(), message));
        }
    };
    Ok(Relation { name, target, way })
}

const POLICIES: [&str; 3] = ["New", "Revive", "Reject"];
const ACTIONS: [&str; 5] = ["Cascade", "Restrict", "SetNull", "SetDefault", "NoAction"];

fn one_of(meta: &ParseNestedMeta<'_>, what: &str, known: &[&str]) -> syn::Result<Ident> {
    let given: Ident = meta.value()?.parse()?;
    if known.contains(&given.to_string().as_str()) {
        return Ok(given);
    }
    Err(syn::Error::new(given.span(), format!("unknown {what} `{given}`: use {}", known.join(", "))))
}

fn unknown(meta: &ParseNestedMeta<'_>, known: &str) -> syn::Error {
    meta.error(format!("unknown attribute: known here are {known}"))
}
