//! Relations: what belongs to a row comes with it, live, by one statement for each relation.

use reprieve::{Database, HasOne, Links, ManyToMany, Model, Record, Session, ToMany, ToOne};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(soft_delete, has_many(books: Book, by = author_id), has_one(profile: Profile, by = author_id))]
struct Author {
    #[model(primary_key)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(soft_delete)]
struct Profile {
    #[model(primary_key)]
    id: i64,
    #[model(references = Author, unique)]
    author_id: i64,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    soft_delete,
    has_many(reviews: Review),
    many_to_many(tags: Tag, through = BookTag),
    many_to_many(readers: Author, through = Loan, near = book_id, far = reader_id)
)]
struct Book {
    #[model(primary_key)]
    id: i64,
    title: String,
    #[model(references = Author, on_delete = Cascade)]
    author_id: i64,
    #[model(references = Author, relation = editor, on_delete = SetNull)]
    edited_by: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(soft_delete)]
struct Review {
    #[model(primary_key)]
    id: i64,
    stars: i64,
    #[model(references = Book)]
    book_id: i64,
    #[model(references = Author)]
    author_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(soft_delete, many_to_many(books: Book, through = BookTag))]
struct Tag {
    #[model(primary_key)]
    name: String,
}

#[derive(Debug, Links)]
#[links(book_id = Book, tag_id = Tag)]
struct BookTag;

/// Links with a life of their own.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(soft_delete)]
struct Loan {
    #[model(primary_key)]
    id: i64,
    #[model(references = Book)]
    book_id: i64,
    #[model(references = Author)]
    reader_id: i64,
}

/// A tree, and friends: a model beside itself.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    soft_delete,
    has_many(children: Node, by = parent_id),
    many_to_many(likes: Node, through = Like, near = from_id, far = to_id),
    many_to_many(liked_by: Node, through = Like, near = to_id, far = from_id)
)]
struct Node {
    #[model(primary_key)]
    id: i64,
    #[model(references = Node)]
    parent_id: Option<i64>,
}

#[derive(Debug, Links)]
#[links(from_id = Node, to_id = Node)]
struct Like;

type ReviewBy = (Review, Option<Author>);

struct Library {
    session: Session,
    statements: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
}

impl Library {
    async fn open() -> Self {
        let (statements, last) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(String::new())));
        let (count, text) = (statements.clone(), last.clone());
        let database = Database::builder("sqlite::memory:")
            .model::<Author>()
            .model::<Profile>()
            .model::<Book>()
            .model::<Review>()
            .model::<Tag>()
            .model::<Loan>()
            .model::<Node>()
            .trace(move |sql| {
                count.fetch_add(1, Ordering::Relaxed);
                sql.clone_into(&mut text.lock().unwrap());
            })
            .connect()
            .unwrap();
        database.create_tables().await.unwrap();
        Self { session: database.session().unwrap(), statements, last }
    }

    fn statements(&self) -> usize {
        self.statements.swap(0, Ordering::Relaxed)
    }

    async fn author(&mut self, name: &str) -> Author {
        Author::create().name(name).insert(&mut self.session).await.unwrap()
    }

    async fn book(&mut self, title: &str, author: &Author) -> Book {
        Book::create().title(title).author(author).insert(&mut self.session).await.unwrap()
    }

    async fn review(&mut self, book: &Book, stars: i64, author: Option<&Author>) -> Review {
        let review = Review::create().stars(stars).book(book).author_id(author.map(|author| author.id));
        review.insert(&mut self.session).await.unwrap()
    }

    async fn tag(&mut self, name: &str, books: &[&Book]) -> Tag {
        let tag = Tag::create().name(name).insert(&mut self.session).await.unwrap();
        for book in books {
            Book::TAGS.link(book, &tag, &mut self.session).await.unwrap();
        }
        tag
    }
}

#[test]
fn relations_are_constants_of_the_models_with_their_types() {
    let _: ToOne<Book, Author> = Book::AUTHOR;
    let _: ToOne<Book, Author> = Book::EDITOR;
    let _: ToMany<Author, Book> = Author::BOOKS;
    let _: HasOne<Author, Profile> = Author::PROFILE;
    let _: ManyToMany<Book, Tag, BookTag> = Book::TAGS;
    let _: ManyToMany<Book, Author, Loan> = Book::READERS;
    assert_eq!(BookTag::TABLE, "book_tags");
    assert!(format!("{:?}", Book::AUTHOR).contains(r#"of: "Book", to: "Author""#));
}

#[tokio::test]
async fn each_relation_is_one_statement_whatever_the_number_of_rows() {
    let mut library = Library::open().await;
    let (ada, bob) = (library.author("Ada").await, library.author("Bob").await);
    let mut books = Vec::new();
    for number in 0..50 {
        books.push(library.book(&format!("{number:02}"), if number % 2 == 0 { &ada } else { &bob }).await);
    }
    library.review(&books[1], 5, Some(&ada)).await;
    library.review(&books[1], 1, None).await;
    library.statements();
    let query = Book::all().include(Book::AUTHOR).include(Book::REVIEWS.include(Review::AUTHOR));
    let rows: Vec<(Book, Option<Author>, Vec<ReviewBy>)> =
        query.order_by(Book::TITLE.asc()).all(&mut library.session).await.unwrap();
    assert_eq!(library.statements(), 4);
    assert_eq!(rows.len(), 50);
    assert_eq!(rows[0], (books[0].clone(), Some(ada.clone()), vec![]));
    assert_eq!(rows[1].1.as_ref(), Some(&bob));
    let reviews: Vec<(i64, Option<&Author>)> =
        rows[1].2.iter().map(|(review, author)| (review.stars, author.as_ref())).collect();
    assert_eq!(reviews, [(5, Some(&ada)), (1, None)], "by key");
}

#[tokio::test]
async fn nothing_is_asked_for_when_there_is_nothing_to_relate() {
    let mut library = Library::open().await;
    library.statements();
    let rows = Book::all().include(Book::AUTHOR).include(Book::TAGS).all(&mut library.session).await.unwrap();
    assert!(rows.is_empty());
    assert_eq!(library.statements(), 1);
    let ada = library.author("Ada").await;
    let book = library.book("One", &ada).await;
    library.statements();
    assert_eq!(Book::EDITOR.load(&book, &mut library.session).await.unwrap(), None);
    assert_eq!(library.statements(), 0, "a reference to nothing");
}

#[tokio::test]
async fn a_reference_to_a_deleted_row_never_drops_the_row_that_refers() {
    let mut library = Library::open().await;
    let ada = library.author("Ada").await;
    let book = library.book("One", &ada).await;
    let gone = ada.soft_delete(&mut library.session).because("left").await.unwrap();
    let session = &mut library.session;
    let rows = Book::all().include(Book::AUTHOR).all(session).await.unwrap();
    assert_eq!(rows, [(book.clone(), None)]);
    let rows = Book::all().include(Book::AUTHOR.with_deleted()).all(session).await.unwrap();
    assert_eq!(rows, [(book, Some(Record::Deleted(gone)))]);
}

#[tokio::test]
async fn deleted_rows_are_listed_with_what_was_deleted_with_them() {
    let mut library = Library::open().await;
    let (ada, bob) = (library.author("Ada").await, library.author("Bob").await);
    let books = [library.book("One", &ada).await, library.book("Two", &ada).await];
    library.book("Three", &bob).await;
    let gone = ada.soft_delete(&mut library.session).cascade().await.unwrap();
    let query = Author::only_deleted().include(Author::BOOKS.only_deleted()).include(Author::BOOKS);
    let rows = query.all(&mut library.session).await.unwrap();
    let [(author, deleted, live)] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((author, live.len()), (&gone, 0));
    assert_eq!(deleted.iter().map(|book| book.row()).collect::<Vec<_>>(), books.each_ref());
    assert!(deleted.iter().all(|book| book.deletion() == gone.deletion()));
    let rows = Author::with_deleted().include(Author::BOOKS).all(&mut library.session).await.unwrap();
    assert_eq!(
        rows.iter().map(|(author, books)| (author.is_deleted(), books.len())).collect::<Vec<_>>(),
        [(true, 0), (false, 1)]
    );
}

#[tokio::test]
async fn children_are_narrowed_and_ordered_in_the_include() {
    let mut library = Library::open().await;
    let (ada, bob) = (library.author("Ada").await, library.author("Bob").await);
    let (one, two) = (library.book("One", &ada).await, library.book("Two", &bob).await);
    for stars in [1, 5, 3, 4] {
        library.review(&one, stars, None).await;
        library.review(&two, stars, None).await;
    }
    let gone = library.review(&one, 5, None).await;
    gone.soft_delete(&mut library.session).await.unwrap();
    let good = Book::REVIEWS.filter(Review::STARS.gte(3)).order_by(Review::STARS.desc());
    let rows = Book::all().include(good).all(&mut library.session).await.unwrap();
    for (_, reviews) in rows {
        assert_eq!(reviews.iter().map(|review| review.stars).collect::<Vec<_>>(), [5, 4, 3]);
    }
}

#[tokio::test]
async fn one_child_is_the_first_or_none() {
    let mut library = Library::open().await;
    let (ada, bob) = (library.author("Ada").await, library.author("Bob").await);
    let profile = Profile::create().author(&ada).text("Countess").insert(&mut library.session).await.unwrap();
    let rows = Author::all().include(Author::PROFILE).all(&mut library.session).await.unwrap();
    assert_eq!(rows, [(ada.clone(), Some(profile.clone())), (bob, None)]);
    profile.soft_delete(&mut library.session).await.unwrap();
    assert_eq!(Author::PROFILE.load(&ada, &mut library.session).await.unwrap(), None);
}

#[tokio::test]
async fn links_are_made_and_taken_away_and_seen_when_both_ends_are_live() {
    let mut library = Library::open().await;
    let ada = library.author("Ada").await;
    let (one, two) = (library.book("One", &ada).await, library.book("Two", &ada).await);
    let (art, wit) = (library.tag("art", &[&one, &two]).await, library.tag("wit", &[&one]).await);
    let session = &mut library.session;
    Book::TAGS.link(&one, &art, session).await.unwrap();
    let rows = Book::all().include(Book::TAGS.include(Tag::BOOKS)).all(session).await.unwrap();
    let both = vec![one.clone(), two.clone()];
    assert_eq!(
        rows,
        [
            (one.clone(), vec![(art.clone(), both.clone()), (wit.clone(), vec![one.clone()])]),
            (two.clone(), vec![(art.clone(), both)]),
        ]
    );
    Tag::BOOKS.unlink(&art, &two, session).await.unwrap();
    Tag::BOOKS.unlink(&art, &two, session).await.unwrap();
    assert_eq!(Book::TAGS.load(&two, session).await.unwrap(), []);
    let gone = wit.soft_delete(session).await.unwrap();
    assert_eq!(Book::TAGS.load(&one, session).await.unwrap(), std::slice::from_ref(&art));
    let wit = gone.restore(session).await.unwrap();
    assert_eq!(Book::TAGS.load(&one, session).await.unwrap(), [art, wit]);
}

#[tokio::test]
async fn links_with_a_life_of_their_own_are_rows_of_a_model() {
    let mut library = Library::open().await;
    let (ada, bob) = (library.author("Ada").await, library.author("Bob").await);
    let book = library.book("One", &ada).await;
    let session = &mut library.session;
    let loan = Loan::create().book(&book).reader(&bob).insert(session).await.unwrap();
    assert_eq!(Book::READERS.load(&book, session).await.unwrap(), [bob]);
    loan.soft_delete(session).await.unwrap();
    assert_eq!(Book::READERS.load(&book, session).await.unwrap(), []);
}

#[tokio::test]
async fn a_link_to_a_row_that_is_not_there_is_refused() {
    let mut library = Library::open().await;
    let ada = library.author("Ada").await;
    let book = library.book("One", &ada).await;
    let session = &mut library.session;
    let error = Book::TAGS.link(&book, &Tag { name: "nowhere".into() }, session).await.unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
    assert_eq!(Book::TAGS.load(&book, session).await.unwrap(), []);
}

#[tokio::test]
async fn what_belongs_to_a_row_is_a_query() {
    let mut library = Library::open().await;
    let (ada, bob) = (library.author("Ada").await, library.author("Bob").await);
    let (one, two) = (library.book("One", &ada).await, library.book("Two", &ada).await);
    let (art, _) = (library.tag("art", &[&one, &two]).await, library.tag("wit", &[&one]).await);
    library.book("Three", &bob).await;
    let session = &mut library.session;
    let titles = Author::BOOKS.of(&ada).filter(Book::TITLE.starts_with("T")).order_by(Book::ID.desc());
    assert_eq!(titles.all(session).await.unwrap(), std::slice::from_ref(&two));
    assert_eq!(Author::BOOKS.of(&ada).count(session).await.unwrap(), 2);
    assert_eq!(Book::AUTHOR.of(&one).first(session).await.unwrap().as_ref(), Some(&ada));
    assert!(!Book::EDITOR.of(&one).exists(session).await.unwrap(), "a reference to nothing");
    assert_eq!(
        Book::TAGS.of(&one).filter(Tag::NAME.ne("wit")).all(session).await.unwrap(),
        std::slice::from_ref(&art)
    );
    assert_eq!(
        Tag::BOOKS.of(&art).limit(1).offset(1).all(session).await.unwrap(),
        std::slice::from_ref(&two)
    );
    let gone = one.soft_delete(session).await.unwrap();
    let deleted = Tag::BOOKS.only_deleted().of(&art).all(session).await.unwrap();
    assert_eq!(deleted, [gone]);
    let with_author = Tag::BOOKS.include(Book::AUTHOR).of(&art).all(session).await.unwrap();
    assert_eq!(with_author, [(two, Some(ada))]);
}

#[tokio::test]
async fn verbs_on_many_rows_take_what_belongs_to_a_row() {
    let mut library = Library::open().await;
    let ada = library.author("Ada").await;
    let (one, two) = (library.book("One", &ada).await, library.book("Two", &ada).await);
    let (three, art) = (library.book("Three", &ada).await, library.tag("art", &[&one, &two]).await);
    let session = &mut library.session;
    let changed = Tag::BOOKS.of(&art).update([Book::TITLE.to("New")], session).await.unwrap();
    assert_eq!(changed, 2);
    Tag::BOOKS.of(&art).filter(Book::ID.ne(one.id)).soft_delete(session).await.unwrap();
    let left = Author::BOOKS.of(&ada).order_by(Book::ID.asc()).select((Book::ID, Book::TITLE));
    let left = left.all(session).await.unwrap();
    assert_eq!(left, [(one.id, "New".to_owned()), (three.id, "Three".to_owned())]);
    assert_eq!(Book::EDITOR.of(&one).update([Author::NAME.to("x")], session).await.unwrap(), 0);
}

#[tokio::test]
async fn verbs_on_many_rows_take_a_page_of_what_is_linked_to_a_row() {
    let mut library = Library::open().await;
    let ada = library.author("Ada").await;
    let (one, two) = (library.book("One", &ada).await, library.book("Two", &ada).await);
    let art = library.tag("art", &[&one, &two]).await;
    let session = &mut library.session;
    let last = || Tag::BOOKS.of(&art).order_by(Book::ID.desc()).limit(1);
    assert_eq!(last().update([Book::TITLE.to("New")], session).await.unwrap(), 1);
    assert_eq!(last().soft_delete(session).await.unwrap().rows(), 1);
    assert_eq!(Tag::BOOKS.load(&art, session).await.unwrap(), [one]);
}

#[tokio::test]
async fn rows_at_hand_get_their_relations_afterwards_each_of_them() {
    let mut library = Library::open().await;
    let (ada, bob) = (library.author("Ada").await, library.author("Bob").await);
    let (one, two) = (library.book("One", &ada).await, library.book("Two", &bob).await);
    let books = [one.clone(), two, one.clone()];
    library.statements();
    let authors = Book::AUTHOR.load_each(&books, &mut library.session).await.unwrap();
    assert_eq!(authors, [Some(ada.clone()), Some(bob), Some(ada.clone())]);
    assert_eq!(library.statements(), 1);
    let theirs = Author::BOOKS.load_each(&[ada.clone(), ada], &mut library.session).await.unwrap();
    assert_eq!(theirs, [vec![one.clone()], vec![one]]);
}

#[tokio::test]
async fn a_model_relates_to_itself() {
    let mut library = Library::open().await;
    let session = &mut library.session;
    let root = Node::create().insert(session).await.unwrap();
    let left = Node::create().parent(&root).insert(session).await.unwrap();
    let right = Node::create().parent(&root).insert(session).await.unwrap();
    let leaf = Node::create().parent(&left).insert(session).await.unwrap();
    let tree = Node::filter(Node::PARENT_ID.is_null()).include(Node::CHILDREN.include(Node::CHILDREN));
    assert_eq!(
        tree.all(session).await.unwrap(),
        [(root.clone(), vec![(left.clone(), vec![leaf.clone()]), (right.clone(), vec![])])]
    );
    let up = Node::PARENT.include(Node::PARENT);
    assert_eq!(up.load(&leaf, session).await.unwrap(), Some((left.clone(), Some(root.clone()))));
    Node::LIKES.link(&left, &right, session).await.unwrap();
    Node::LIKES.link(&left, &left, session).await.unwrap();
    assert_eq!(Node::LIKES.load(&left, session).await.unwrap(), [left.clone(), right.clone()]);
    assert_eq!(Node::LIKED_BY.load(&right, session).await.unwrap(), std::slice::from_ref(&left));
    assert_eq!(Node::LIKES.load(&right, session).await.unwrap(), []);
}

#[tokio::test]
async fn more_keys_than_a_statement_takes_are_asked_for_in_parts() {
    let mut library = Library::open().await;
    let session = &mut library.session;
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) \
                INSERT INTO nodes (id, parent_id) SELECT i, nullif(i - 1, 0) FROM n";
    session.sql(rows).execute().await.unwrap();
    session.commit().await.unwrap();
    library.statements();
    let few = Node::PARENT.filter(Node::ID.not_in([7, 8]));
    let rows = Node::all().order_by(Node::ID.asc()).include(few).all(&mut library.session).await.unwrap();
    assert_eq!((rows.len(), library.statements()), (40_000, 3));
    assert!(rows.iter().all(|(node, parent)| match node.id {
        1 | 8 | 9 => parent.is_none(),
        id => parent.as_ref().is_some_and(|parent| parent.id == id - 1),
    }));
}

#[tokio::test]
async fn liveness_is_part_of_each_statement_of_a_relation() {
    let mut library = Library::open().await;
    let ada = library.author("Ada").await;
    let book = library.book("One", &ada).await;
    library.tag("art", &[&book]).await;
    Book::TAGS.load(&book, &mut library.session).await.unwrap();
    let text = library.last.lock().unwrap().clone();
    assert!(text.contains(r#"ON t0."deleted_at" IS NULL"#), "{text}");
}

#[tokio::test]
async fn a_transaction_sees_its_own_changes_in_relations_and_gives_them_up() {
    let mut library = Library::open().await;
    let ada = library.author("Ada").await;
    library.session.commit().await.unwrap();
    let mut part = library.session.begin().await.unwrap();
    Book::create().title("One").author(&ada).insert(&mut part).await.unwrap();
    assert_eq!(Author::BOOKS.load(&ada, &mut part).await.unwrap().len(), 1);
    part.rollback().await.unwrap();
    assert_eq!(Author::BOOKS.load(&ada, &mut library.session).await.unwrap().len(), 0);
}
