"""The audit log: one row for each change of an audited row, in the same transaction."""

import asyncio
import json

import pytest

from fastapi_orm import (
    AuditMixin,
    ForeignKeyField,
    IntegerField,
    Model,
    SoftDeleteMixin,
    StringField,
    TextField,
    clear_audit_user,
    get_audit_user,
    set_audit_user,
)
from models import Post


class Account(Model, SoftDeleteMixin, AuditMixin):
    __tablename__ = "accounts"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=50, nullable=False)
    note: str = TextField()


class Entry(AuditMixin, SoftDeleteMixin, Model):
    __tablename__ = "ledger"

    id: int = IntegerField(primary_key=True)
    amount: int = IntegerField()
    account_id: int = ForeignKeyField("accounts")


class Setting(AuditMixin, Model):
    """Audited, without soft delete."""

    __tablename__ = "settings"

    key: str = StringField(primary_key=True, max_length=50)
    value: str = TextField()


@pytest.fixture(autouse=True)
def tables(loop, db):
    loop.run_until_complete(db.create_tables([Account, Entry, Setting]))
    yield
    clear_audit_user()


@pytest.fixture
def log(stored):
    """The rows of the log: model, key, operation, user, changes."""

    def read():
        sql = "SELECT model_name, model_id, operation, user_id, changes FROM audit_logs ORDER BY id"
        return [(*row, json.loads(changes) if changes else None) for *row, changes in stored(sql)]

    return read


async def test_every_kind_of_change_is_logged(session, log):
    account = await Account.create(session, name="a")
    account.name = "b"
    await session.flush()
    await account.soft_delete(session)
    await account.restore(session)
    await account.delete(session, force=True)
    await session.commit()
    rows = log()
    assert [row[2] for row in rows] == ["CREATE", "UPDATE", "SOFT_DELETE", "RESTORE", "DELETE"]
    assert {row[:2] for row in rows} == {("Account", str(account.id))}


async def test_an_update_is_logged_with_old_and_new_values(session, log):
    account = await Account.create(session, name="a", note="n")
    account.name = "b"
    account.note = None
    await session.commit()
    assert log()[-1][4] == {"name": {"old": "a", "new": "b"}, "note": {"old": "n", "new": None}}


async def test_the_old_value_is_that_of_the_database(session, log, stored):
    account = await Account.create(session, name="a")
    await session.commit()
    stored("UPDATE accounts SET name = 'theirs'")
    account.name = "b"
    await session.commit()
    assert log()[-1][4] == {"name": {"old": "theirs", "new": "b"}}


async def test_a_soft_delete_is_logged_with_its_instant(session, log, stored):
    account = await Account.create(session, name="a")
    await account.soft_delete(session)
    await session.commit()
    changes = log()[-1][4]
    assert list(changes) == ["deleted_at"]
    assert changes["deleted_at"]["old"] is None
    assert changes["deleted_at"]["new"][:19].replace("T", " ") == stored("SELECT deleted_at FROM accounts")[0][0][:19]


async def test_a_restore_is_logged_with_the_instant_it_took_back(session, log):
    account = await Account.create(session, name="a")
    await account.soft_delete(session)
    await account.restore(session)
    await session.commit()
    changes = log()[-1][4]
    assert changes["deleted_at"]["old"] is not None
    assert changes["deleted_at"]["new"] is None


async def test_attributes_written_by_a_soft_delete_are_logged_with_it(session, log):
    account = await Account.create(session, name="a")
    account.note = "spam"
    await account.soft_delete(session)
    await session.commit()
    rows = log()
    assert [row[2] for row in rows] == ["CREATE", "SOFT_DELETE"]
    assert rows[-1][4]["note"] == {"old": None, "new": "spam"}


async def test_the_snapshot_holds_the_visible_columns(session, stored):
    await Account.create(session, name="a")
    await session.commit()
    [(snapshot,)] = stored("SELECT snapshot FROM audit_logs")
    assert json.loads(snapshot) == {"id": 1, "name": "a", "note": None, "deleted_at": None}


async def test_the_user_is_logged(session, log, stored):
    set_audit_user(42, address="10.0.0.1")
    assert get_audit_user() in (42, "42")
    await Account.create(session, name="a")
    clear_audit_user()
    await Account.create(session, name="b")
    await session.commit()
    assert [row[3] for row in log()] == ["42", None]
    [(extra,), (none,)] = stored("SELECT extra_data FROM audit_logs ORDER BY id")
    assert json.loads(extra) == {"address": "10.0.0.1"}
    assert none is None


async def test_the_user_of_one_task_is_not_that_of_another(db, log):
    gate = asyncio.Event()

    async def act(user):
        set_audit_user(user)
        await gate.wait()
        async with db.session() as session:
            await Account.create(session, name=str(user))

    tasks = [asyncio.ensure_future(act(user)) for user in range(5)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)
    assert get_audit_user() is None
    assert sorted(row[3] for row in log()) == ["0", "1", "2", "3", "4"]


async def test_a_call_may_say_who_acts(session, log):
    account = await Account.create(session, name="a", _audit_user_id="u1")
    await account.update(session, name="b", _audit_user_id="u2")
    await account.update_fields(session, name="c", _audit_user_id="u3")
    account.name = "d"
    await account.save(session, _audit_user_id="u4")
    await account.soft_delete(session, _audit_user_id="u5")
    await account.restore(session, _audit_user_id="u6")
    await account.delete(session, _audit_user_id="u7")
    await Account.bulk_restore(session, [account.id], _audit_user_id="u8")
    await Account.bulk_soft_delete(session, [account.id], _audit_user_id="u9")
    await account.delete(session, force=True, _audit_user_id="u10")
    await session.commit()
    assert [row[3] for row in log()] == [f"u{n}" for n in range(1, 11)]


async def test_who_acts_in_one_call_does_not_act_in_the_next(session, log):
    account = await Account.create(session, name="a", _audit_user_id="other")
    await account.update(session, name="b")
    set_audit_user("task")
    await account.update(session, name="c", _audit_user_id=None)
    await account.update(session, name="d", _audit_user_id="task")
    await session.commit()
    assert [row[3] for row in log()] == ["other", None, "task", "task"]
    assert get_audit_user() == "task"


async def test_the_user_of_a_call_is_noted_as_text(session, log):
    await Account.create(session, name="a", _audit_user_id=42)
    await session.commit()
    assert log()[-1][3] == "42"


async def test_the_user_of_a_call_is_not_that_of_pending_changes(session, log):
    first = await Account.create(session, name="a", _audit_user_id="one")
    first.name = "b"
    await Account.create(session, name="c", _audit_user_id="two")
    await session.commit()
    assert [row[2:4] for row in log()] == [("CREATE", "one"), ("UPDATE", None), ("CREATE", "two")]


async def test_what_is_noted_beside_the_user_is_the_tasks_whoever_acts(session, stored):
    set_audit_user(None, address="10.0.0.1")
    await Account.create(session, name="a", _audit_user_id="other")
    await session.commit()
    [(user, extra)] = stored("SELECT user_id, extra_data FROM audit_logs")
    assert (user, json.loads(extra)) == ("other", {"address": "10.0.0.1"})


async def test_the_user_of_a_call_is_no_field_of_a_model_that_is_not_audited(session, stored):
    post = await Post.create(session, title="a", _audit_user_id="u")
    await post.update(session, title="b", _audit_user_id="u")
    await post.save(session, _audit_user_id="u")
    await session.commit()
    assert stored("SELECT title FROM posts") == [("b",)]


async def test_the_journal_of_deletions_knows_the_user_of_the_call(session, stored):
    posts = [await Post.create(session, title="a") for _ in range(3)]
    deletion = await posts[0].soft_delete(session, _audit_user_id="u1")
    await posts[1].delete(session, _audit_user_id="u2")
    await Post.bulk_soft_delete(session, [posts[2].id], _audit_user_id="u3")
    await deletion.undo(session, _audit_user_id="u4")
    await session.commit()
    assert stored("SELECT actor FROM reprieve_deletions ORDER BY actor") == [("u1",), ("u2",), ("u3",)]


async def test_an_undo_is_logged_with_the_user_of_the_call(session, log):
    account = await Account.create(session, name="a")
    deletion = await account.soft_delete(session)
    await deletion.undo(session, _audit_user_id="u")
    await session.commit()
    assert log()[-1][2:4] == ("RESTORE", "u")


async def test_the_log_is_rolled_back_with_the_change(session, store):
    account = await Account.create(session, name="a")
    await session.commit()
    before = store.dump()
    account.name = "b"
    await session.flush()
    await account.soft_delete(session)
    await session.rollback()
    assert store.dump() == before


async def test_a_cascade_is_logged_row_by_row(session, log):
    account = await Account.create(session, name="a")
    entries = [await Entry.create(session, amount=n, account_id=account.id) for n in range(3)]
    await account.soft_delete(session, cascade=True)
    await account.restore(session, cascade=True)
    await session.commit()
    for operation in ("SOFT_DELETE", "RESTORE"):
        logged = {row[:2] for row in log() if row[2] == operation}
        assert logged == {("Account", str(account.id)), *(("Entry", str(entry.id)) for entry in entries)}


async def test_a_bulk_delete_and_restore_are_logged_row_by_row(session, log):
    accounts = [await Account.create(session, name=str(n)) for n in range(3)]
    await Account.bulk_soft_delete(session, [account.id for account in accounts])
    await Account.bulk_restore(session, [account.id for account in accounts])
    await session.commit()
    operations = [row[2] for row in log()]
    assert operations == ["CREATE"] * 3 + ["SOFT_DELETE"] * 3 + ["RESTORE"] * 3


async def test_a_second_soft_delete_is_not_logged(session, log):
    account = await Account.create(session, name="a")
    await account.soft_delete(session)
    await account.soft_delete(session)
    await session.commit()
    assert [row[2] for row in log()] == ["CREATE", "SOFT_DELETE"]


async def test_a_restore_of_a_live_row_is_not_logged(session, log):
    account = await Account.create(session, name="a")
    await account.restore(session)
    await session.commit()
    assert [row[2] for row in log()] == ["CREATE"]


async def test_an_unchanged_row_is_not_logged(session, log):
    account = await Account.create(session, name="a")
    account.name = "a"
    await session.commit()
    assert [row[2] for row in log()] == ["CREATE"]


async def test_a_refused_change_is_not_logged(session, log):
    account = await Account.create(session, name="a")
    await session.commit()
    with pytest.raises(Exception, match="name"):
        await account.update(session, name=None)
    await session.rollback()
    assert [row[2] for row in log()] == ["CREATE"]


async def test_a_model_without_soft_delete_is_audited_too(session, log):
    setting = await Setting.create(session, key="colour", value="red")
    setting.value = "blue"
    await session.flush()
    await setting.delete(session)
    await session.commit()
    assert [row[:3] for row in log()] == [
        ("Setting", "colour", "CREATE"),
        ("Setting", "colour", "UPDATE"),
        ("Setting", "colour", "DELETE"),
    ]


async def test_a_removed_row_is_logged_as_it_was(session, stored):
    setting = await Setting.create(session, key="colour", value="red")
    await setting.delete(session)
    await session.commit()
    [(snapshot,)] = stored("SELECT snapshot FROM audit_logs WHERE operation = 'DELETE'")
    assert json.loads(snapshot) == {"key": "colour", "value": "red"}


async def test_a_model_without_the_mixin_is_not_logged(session, log):
    post = await Post.create(session, title="a")
    await post.soft_delete(session)
    await session.commit()
    assert log() == []
