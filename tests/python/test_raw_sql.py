"""SQL of the user's own: through a session, in its transaction; through the database, each in its own."""

import datetime
import decimal
import enum
import uuid

import pytest

from fastapi_orm import Database, DatabaseError, DuplicateRecordError, MissingTableError, SessionError, ValidationError
from models import Memo, Post, User
from support import says


async def test_values_are_bound_by_name(session):
    result = await session.execute(
        "SELECT CAST(:b AS text) AS b, CAST(:a AS integer) AS a, CAST(:b AS text) AS again", {"a": 1, "b": "x'; --"}
    )
    assert result.fetchall() == [("x'; --", 1, "x'; --")]


async def test_a_name_in_a_literal_or_a_comment_is_text(session):
    result = await session.execute("SELECT ':a' AS \":b\", CAST(:c AS integer) AS c /* :d */ -- :e", {"c": 1})
    assert result.keys() == [":b", "c"]
    assert result.fetchall() == [(":a", 1)]


async def test_rows_are_tuples_and_mappings(session):
    await Post.create(session, title="a", views=3)
    row = (await session.execute("SELECT title, views FROM posts")).fetchone()
    assert (row[0], row["views"], row.title) == ("a", 3, "a")
    assert dict(row) == row._mapping == {"title": "a", "views": 3}
    title, views = row
    assert (title, views) == ("a", 3) == row
    with pytest.raises(AttributeError, match="no column 'body'"):
        row.body  # noqa: B018


async def test_a_result_is_read_once_from_first_to_last(session):
    numbers = "WITH n AS (VALUES (1), (2), (3), (4)) SELECT column1 AS n FROM n"
    result = await session.execute(numbers)
    assert result.rowcount == 4
    assert result.fetchone() == (1,)
    assert result.fetchmany(2) == [(2,), (3,)]
    assert [row.n for row in result] == [4]
    assert result.fetchone() is None
    assert (await session.execute(numbers)).scalar() == 1
    assert (await session.execute(numbers)).scalars() == [1, 2, 3, 4]
    assert (await session.execute(numbers)).mappings()[0] == {"n": 1}
    with pytest.raises(LookupError):
        (await session.execute(numbers)).one()


async def test_no_rows_still_have_columns(session):
    result = await session.execute("SELECT id, title FROM posts")
    assert (result.keys(), result.rowcount, result.scalar(), result.returns_rows) == (["id", "title"], 0, None, True)


async def test_a_write_counts_the_rows_it_changed(session):
    for title in "abc":
        await Post.create(session, title=title)
    result = await session.execute("UPDATE posts SET views = 7 WHERE title <> :t", {"t": "a"})
    assert (result.rowcount, result.fetchall(), result.returns_rows) == (2, [], False)
    returned = await session.execute("DELETE FROM posts WHERE title = 'a' RETURNING title")
    assert returned.fetchall() == [("a",)]


async def test_a_write_belongs_to_the_session_s_transaction(session, stored):
    await session.execute("INSERT INTO users (username) VALUES (:name)", {"name": "u"})
    assert session.in_transaction
    assert await User.count(session) == 1
    await session.rollback()
    assert stored("SELECT * FROM users") == []


async def test_a_read_opens_a_transaction_where_it_may_call_functions_that_write(session, database):
    await session.execute("WITH a AS (SELECT 1) SELECT * FROM a")
    assert session.in_transaction == (database == "postgres")


async def test_a_statement_that_only_reads_opens_no_transaction(session):
    sql = "SELECT :n + 1 AS n"
    assert (await session.execute(sql, {"n": 41}, read_only=True)).scalar() == 42
    assert not session.in_transaction


@pytest.mark.parametrize("sql", ["UPDATE posts SET views = 1", "INSERT INTO users (username) VALUES ('u')"])
async def test_a_statement_that_writes_does_not_only_read(db, session, sql):
    with pytest.raises(ValidationError, match="read_only"):
        await session.execute(sql, read_only=True)
    with pytest.raises(ValidationError, match="read_only"):
        await db.execute_raw(sql, read_only=True)
    assert not session.in_transaction


@pytest.mark.parametrize("explain", ["EXPLAIN", "explain query plan"])
async def test_to_explain_a_pragma_is_to_run_it_and_does_not_only_read(path, session, explain):
    with pytest.raises(ValidationError, match="read_only"):
        await session.execute(f"{explain} PRAGMA foreign_keys = OFF", read_only=True)
    plan = await session.execute(f"{explain} SELECT * FROM posts", read_only=True)
    assert plan.fetchall()


async def test_params_may_be_named_like_keywords_of_ours(session):
    result = await session.execute("SELECT :read_only AS a, :sql AS b", {"read_only": "x", "sql": "y"})
    assert result.fetchall() == [("x", "y")]


async def test_a_database_commits_what_it_runs(db, stored):
    await db.fetch_one("INSERT INTO users (username) VALUES ('a') RETURNING id")
    await db.fetch_all("INSERT INTO users (username) VALUES ('b') RETURNING id")
    assert await db.fetch_one("SELECT count(*) AS n FROM users", read_only=True) == {"n": 2}
    assert stored("SELECT username FROM users ORDER BY 1") == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("sql", "seen", "expected"),
    [
        ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys", 1),
        ("PRAGMA query_only = ON", "PRAGMA query_only", 0),
        ("EXPLAIN PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys", 1),
        ("EXPLAIN QUERY PLAN PRAGMA query_only = ON", "PRAGMA query_only", 0),
        ("EXPLAIN PRAGMA recursive_triggers = ON", "PRAGMA recursive_triggers", 0),
        ("ATTACH ':memory:' AS other", "SELECT count(*) FROM pragma_database_list WHERE name = 'other'", 0),
        ("CREATE TEMP TABLE posts (id)", "SELECT count(*) FROM sqlite_temp_schema", 0),
    ],
)
async def test_what_a_statement_leaves_on_a_connection_reaches_no_other_session(path, loop, sql, seen, expected):
    db = Database(f"sqlite:///{path}", pool_size=1, max_overflow=0)
    try:
        await db.create_tables([User, Post])
        await db.execute_raw(sql)
        assert (await db.execute_raw(seen)).scalar() == expected
        async with db.session() as session:
            await Post.create(session, title="kept")
        assert (await db.execute_raw("SELECT title FROM main.posts")).scalar() == "kept"
    finally:
        await db.close()


async def test_a_statement_that_fails_leaves_the_transaction_usable(session, stored):
    await User.create(session, username="u")
    with pytest.raises(DuplicateRecordError):
        await session.execute("INSERT INTO users (username) VALUES ('u')")
    await User.create(session, username="v")
    await session.commit()
    assert stored("SELECT username FROM users ORDER BY 1") == [("u",), ("v",)]


async def test_a_first_statement_that_fails_leaves_no_transaction(session):
    with pytest.raises(DatabaseError):
        await session.execute("UPDATE nothing SET a = 1")
    assert not session.in_transaction


async def test_changed_attributes_are_written_first(session):
    post = await Post.create(session, title="a")
    post.title = "b"
    assert (await session.execute("SELECT title FROM posts")).scalar() == "b"


async def test_transactions_are_the_session_s_to_begin_and_end(session):
    for sql in ("BEGIN", " commit", "-- x\nROLLBACK", "SAVEPOINT a"):
        with pytest.raises(SessionError, match="commit"):
            await session.execute(sql)


@pytest.mark.parametrize(
    ("sql", "params", "word"),
    [
        ("SELECT :a", {}, ":a"),
        ("SELECT :a", None, ":a"),
        ("SELECT :a", {"a": 1, "b": 2}, ":b"),
        ("SELECT 1", {"b": 2}, "none"),
        ("SELECT :a", {"a": object()}, ":a"),
        ("SELECT :a", {"a": float("nan")}, ":a"),
        ("SELECT :a", {"a": 2**63}, ":a"),
        ("SELECT :a", 5, "dict"),
        (5, None, "str"),
    ],
)
async def test_what_does_not_fit_the_statement_is_named(session, sql, params, word):
    with pytest.raises(ValidationError, match=word):
        await session.execute(sql, params)


async def test_two_statements_are_refused(session, stored):
    await Post.create(session, title="a")
    with pytest.raises(DatabaseError, match=r"more than one|multiple"):
        await session.execute("SELECT 1; DELETE FROM posts")
    await session.commit()
    assert stored("SELECT title FROM posts") == [("a",)]


async def test_a_missing_table_is_named(session):
    with pytest.raises(DatabaseError) as error:
        await session.execute("SELECT * FROM nowhere")
    says(error.value, "nowhere")


class Colour(enum.Enum):
    RED = "#f00"


async def test_values_take_the_form_in_which_fields_store_them(session, path):
    key = uuid.UUID(int=5)
    values = {
        "none": None,
        "truth": True,
        "number": -(2**63),
        "float": 0.5,
        "text": "ä\0😀",
        "bytes": b"\0\xff",
        "instant": datetime.datetime(2024, 1, 2, 3, 4, 5, 6, datetime.timezone.utc),
        "day": datetime.date(2024, 1, 2),
        "time": datetime.time(3, 4, 5, 6),
        "decimal": decimal.Decimal("1.50"),
        "key": key,
        "colour": Colour.RED,
        "document": {"a": [1]},
    }
    row = (await session.execute("SELECT " + ", ".join(f":{name}" for name in values), values)).one()
    assert row == (
        None,
        1,
        -(2**63),
        0.5,
        "ä\0😀",
        b"\0\xff",
        "2024-01-02 03:04:05.000006",
        "2024-01-02",
        "03:04:05.000006",
        "1.50",
        key.bytes,
        "RED",
        '{"a": [1]}',
    )


async def test_an_instant_finds_its_row(session):
    post = await Post.create(session, title="a")
    found = await session.execute("SELECT id FROM posts WHERE created_at = :at", {"at": post.created_at})
    assert found.scalar() == post.id


async def test_many_rows_come_whole(session):
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n"
    result = await session.execute(numbers)
    assert sum(row.i for row in result) == 200000 * 200001 // 2


async def test_the_database_runs_a_statement_in_its_own_transaction(db, stored):
    done = await db.execute_raw("INSERT INTO users (username) VALUES (:n)", {"n": "u"})
    assert done.rowcount == 1
    assert stored("SELECT username FROM users") == [("u",)]


async def test_fetch_one_and_fetch_all_give_dictionaries(db):
    assert await db.fetch_one("SELECT * FROM users") is None
    assert await db.fetch_all("SELECT * FROM users") == []
    for name in "ab":
        await db.execute_raw("INSERT INTO users (username) VALUES (:n)", {"n": name})
    assert await db.fetch_one("SELECT username FROM users WHERE username = :n", {"n": "b"}) == {"username": "b"}
    assert await db.fetch_all("SELECT username FROM users ORDER BY 1") == [{"username": "a"}, {"username": "b"}]


async def test_a_statement_of_the_database_that_fails_writes_nothing(db, stored):
    with pytest.raises(ValidationError, match="username"):
        await db.execute_raw("INSERT INTO users (username) SELECT 'u' UNION ALL SELECT NULL")
    assert stored("SELECT * FROM users") == []


async def test_a_healthy_database_says_so(db, path):
    health = await db.health_check()
    assert health["status"] == "healthy"
    assert health["response_time_ms"] >= 0
    assert str(path.name) in health["database_url"]
    assert await db.ping() is True


async def test_an_unhealthy_database_says_why(loop, tmp_path):
    file = tmp_path / "no.db"
    file.write_bytes(b"this is not a database" * 100)
    db = Database(f"sqlite:///{file}")
    health = await db.health_check()
    assert health["status"] == "unhealthy"
    assert health["error"]
    assert await db.ping() is False
    await db.close()


async def test_a_closed_database_does_not_answer(db):
    await db.close()
    assert await db.ping() is False


async def test_the_connection_is_described(db, path):
    info = db.get_connection_info()
    assert info["driver"] == "sqlite"
    assert path.name in info["database_url"]
    assert (info["echo"], info["pool_size"], info["max_overflow"], info["pool_timeout"]) == (False, 5, 10, 30.0)


async def test_tables_named_are_dropped_and_others_stay(db, session):
    await Post.create(session, title="a")
    await session.commit()
    await db.drop_tables([Memo])
    with pytest.raises(MissingTableError):
        await Memo.count(session)
    assert await Post.count(session) == 1


async def test_a_list_behind_in_stands_for_its_items(session):
    for title in "abc":
        await Post.create(session, title=title, views=ord(title))
    select = "SELECT title FROM posts WHERE {} ORDER BY title"

    async def titles(condition, **values):
        return (await session.execute(select.format(condition), values)).scalars()

    assert await titles("title IN (:some)", some=["a", "c", "x"]) == ["a", "c"]
    assert await titles("title NOT IN :some", some=("a", "c")) == ["b"]
    assert await titles("views IN (:some) AND title IN (:one)", some={97, 98}, one="b") == ["b"]
    assert await titles("title IN (:none)", none=[]) == []
    assert await titles("title NOT IN (:none)", none=frozenset()) == ["a", "b", "c"]
    assert await titles("title IN (:again) OR title in (:again)", again=["a"]) == ["a"]
    assert await titles("views IN (:many)", many=list(range(98, 20_000))) == ["b", "c"]
    assert await titles("views NOT IN (:holes)", holes=[97, None]) == [], "as in SQL: NULL may be any of them"


async def test_a_list_where_there_is_no_place_for_one_is_refused(session, database):
    await Post.create(session, title="a")
    with pytest.raises((ValidationError, DatabaseError)) as refused:
        await session.execute("SELECT 1 FROM posts WHERE title IN (:some) OR title = :some", {"some": ["a"]})
    says(refused.value, "some", "IN")
    with pytest.raises((ValidationError, DatabaseError)):
        await session.execute("SELECT 1 FROM posts WHERE title IN (:some)", {"some": [["a"]]})
    if database == "sqlite":
        with pytest.raises(DatabaseError, match="IN"):
            await session.execute("SELECT 1 FROM posts WHERE title IN (?)", [["a"]])


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("id IN (:ids, :x)", {"ids": [1, 2], "x": 3}),
        ("id NOT IN (:ids, :x)", {"ids": [1, 2], "x": 3}),
        ("id IN (:ids, :x)", {"ids": [1], "x": [2]}),
        ("id IN ((:ids))", {"ids": [1]}),
        ("id IN (SELECT :ids)", {"ids": [1]}),
        ("id IN (CAST(:ids AS int))", {"ids": (1,)}),
        ("id = :ids", {"ids": [1]}),
        ("title LIKE :ids", {"ids": ["a"]}),
        ("title IS NOT NULL AND :ids <> id", {"ids": [1]}),
    ],
)
async def test_a_list_beside_a_comparison_is_refused_and_nothing_is_deleted(session, condition, values):
    for title in "abcd":
        await Post.create(session, title=title)
    await session.commit()
    for statement in (f"SELECT id FROM posts WHERE {condition}", f"DELETE FROM posts WHERE {condition}"):
        with pytest.raises((ValidationError, DatabaseError), match=r"`id IN \(:ids\)`"):
            await session.execute(statement, values)
    await session.rollback()
    assert await Post.count(session) == 4


async def test_a_list_that_is_stored_or_taken_by_a_function_is_a_document(session, database):
    document = "jsonb" if database == "postgres" else "text"
    length = "jsonb_array_length(CAST(:a AS jsonb))" if database == "postgres" else "json_array_length(:a)"
    await session.execute(f"CREATE TABLE documents (id integer, tags {document})")
    await session.execute("INSERT INTO documents (id, tags) VALUES (1, :tags)", {"tags": ["a"]})
    await session.execute("UPDATE documents SET tags = :tags, id = 2 WHERE id = :id", {"tags": ["b", 3], "id": 1})
    found = await session.execute(f"SELECT id FROM documents WHERE id = {length}", {"a": [1, 2]})
    assert found.scalars() == [2]
    cast = "CAST(:a AS jsonb)" if database == "postgres" else "CAST(:a AS text)"
    found = await session.execute(f"SELECT id FROM documents WHERE tags = {cast}", {"a": ["b", 3]})
    assert found.scalars() == [2]
    await session.execute("DROP TABLE documents")


async def test_thousands_of_named_values_take_no_longer_than_their_number(session):
    values = {f"v{n}": n for n in range(30_000)}
    ones = " UNION ALL ".join(f"SELECT CAST(:{name} AS integer) AS n" for name in list(values)[:400])
    result = await session.execute(
        f"SELECT sum(n) FROM ({ones}) AS all_of_them", {k: values[k] for k in list(values)[:400]}
    )
    assert result.scalar() == sum(range(400))
    rows = ", ".join(f"(:{name})" for name in values)
    await session.execute("CREATE TABLE numbers (n integer)")
    assert (await session.execute(f"INSERT INTO numbers (n) VALUES {rows}", values)).rowcount == 30_000
    assert (await session.execute("SELECT sum(n) FROM numbers")).scalar() == sum(range(30_000))
    await session.execute("DROP TABLE numbers")


async def test_a_full_text_table_is_searched_and_closed(loop, path, store):
    for _ in range(2):
        async with Database(store.url) as db, db.session() as session:
            await session.execute("CREATE VIRTUAL TABLE IF NOT EXISTS pages USING fts5(text)")
            await session.execute("INSERT INTO pages (text) VALUES (:text)", {"text": "deletion you can take back"})
            found = await session.execute("SELECT count(*) FROM pages WHERE pages MATCH :word", {"word": "back"})
            assert found.scalar() >= 1
