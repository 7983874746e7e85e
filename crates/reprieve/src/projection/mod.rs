//! Projections: some columns of the rows of a query, instead of whole rows. Into values and tuples, or into structs of
//! your own:
//!
//! ```
//! use reprieve::{Database, Model, Projection};
//!
//! #[derive(Debug, Clone, Model)]
//! #[model(table = "posts", soft_delete)]
//! struct Post {
//!     #[model(primary_key)]
//!     id: i64,
//!     title: String,
//!     content: String,
//! }
//!
//! #[derive(Debug, PartialEq, Projection)]
//! #[projection(model = Post)]
//! struct Headline {
//!     id: i64,
//!     #[projection(field = title)]
//!     text: String,
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! # let database = Database::builder("sqlite::memory:").model::<Post>().connect()?;
//! # database.create_tables().await?;
//! # let mut session = database.session()?;
//! Post::create().title("Notes").content("…").insert(&mut session).await?;
//! let titles: Vec<String> = Post::all().select(Post::TITLE).all(&mut session).await?;
//! let pairs: Vec<(i64, String)> = Post::all().select((Post::ID, Post::TITLE)).all(&mut session).await?;
//! let headlines = Post::all().select_as::<Headline>().all(&mut session).await?;
//! assert_eq!(titles, ["Notes"]);
//! assert_eq!(pairs, [(1, "Notes".to_owned())]);
//! assert_eq!(headlines, [Headline { id: 1, text: "Notes".into() }]);
//! # Ok::<(), reprieve::Error>(())
//! # }).unwrap();
//! ```

mod selected;
mod selection;
mod structs;

pub use selected::Selected;
pub use selection::Selection;
#[doc(hidden)]
pub use structs::Field;
pub use structs::{As, Projection, ReadFrom};
