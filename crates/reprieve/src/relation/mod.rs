//! Relations: the rows of one model that belong to a row of another. They are constants of the model, declared beside
//! its fields:
//!
//! ```
//! use reprieve::{Database, Links, Model};
//!
//! #[derive(Debug, Clone, PartialEq, Model)]
//! #[model(table = "users", soft_delete, has_many(posts: Post, by = author_id))]
//! struct User {
//!     #[model(primary_key)]
//!     id: i64,
//!     name: String,
//! }
//!
//! #[derive(Debug, Clone, PartialEq, Model)]
//! #[model(table = "posts", soft_delete, many_to_many(tags: Tag, through = PostTag))]
//! struct Post {
//!     #[model(primary_key)]
//!     id: i64,
//!     title: String,
//!     #[model(references = User)]
//!     author_id: i64,
//! }
//!
//! #[derive(Debug, Clone, PartialEq, Model)]
//! #[model(table = "tags")]
//! struct Tag {
//!     #[model(primary_key)]
//!     id: i64,
//!     name: String,
//! }
//!
//! /// Which post has which tag.
//! #[derive(Debug, Links)]
//! #[links(table = "post_tags", post_id = Post, tag_id = Tag)]
//! struct PostTag;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! # let database =
//! #     Database::builder("sqlite::memory:").model::<User>().model::<Post>().model::<Tag>().connect()?;
//! # database.create_tables().await?;
//! # let mut session = database.session()?;
//! let ada = User::create().name("Ada").insert(&mut session).await?;
//! let post = Post::create().title("Notes").author(&ada).insert(&mut session).await?;
//! let tag = Tag::create().name("history").insert(&mut session).await?;
//! Post::TAGS.link(&post, &tag, &mut session).await?;
//!
//! // One statement for the posts, and one for each relation, whatever the number of posts.
//! let page: Vec<(Post, Option<User>, Vec<Tag>)> =
//!     Post::all().include(Post::AUTHOR).include(Post::TAGS).all(&mut session).await?;
//! assert_eq!(page, [(post.clone(), Some(ada.clone()), vec![tag.clone()])]);
//!
//! // Relations of the rows of a relation.
//! let users: Vec<(User, Vec<(Post, Vec<Tag>)>)> =
//!     User::all().include(User::POSTS.include(Post::TAGS)).all(&mut session).await?;
//! assert_eq!(users[0].1[0].1, [tag]);
//!
//! // Of one row: at once, or as a query to be narrowed.
//! assert_eq!(Post::AUTHOR.load(&post, &mut session).await?, Some(ada.clone()));
//! assert_eq!(User::POSTS.of(&ada).filter(Post::TITLE.starts_with("N")).count(&mut session).await?, 1);
//! # Ok::<(), reprieve::Error>(())
//! # }).unwrap();
//! ```
//!
//! What was included is in the type of the result: there is no relation that is "not loaded". Rows are live ones; a
//! reference to a deleted row reads as `None` and never drops the row that refers, and [`Relation::with_deleted`] asks for
//! deleted rows too. A row that belongs to several others is cloned for each of them, so that each owns what it has: it can
//! be changed, or deleted, without regard to the others.

mod include;
mod key;
mod kind;
mod links;
mod load;
mod refers;
mod related;
mod rows;
mod share;

pub use include::{Append, Includes};
pub use kind::{Child, Children, Kind, Linked, Reference};
pub use links::{Links, Through};
pub use load::Relates;
pub use refers::RefersTo;
pub use related::{HasOne, ManyToMany, Relation, ToMany, ToOne};
#[doc(hidden)]
pub use related::{child, children, linked, reference};
