"""Who acts is said by the program: a body that a client sends does not forge it, whichever verb it is passed on to."""

import pytest

from fastapi_orm import (
    AuditMixin,
    Database,
    IntegerField,
    Model,
    SoftDeleteMixin,
    StringField,
    UnknownFieldError,
    ValidationError,
    clear_audit_user,
    set_audit_user,
)

FORGED = {"_audit_user_id": "mallory"}


class Invoice(Model, SoftDeleteMixin, AuditMixin):
    __tablename__ = "actor_invoices"

    id: int = IntegerField(primary_key=True)
    text: str = StringField(max_length=40)


class Plain(Model):
    """Not audited, and without soft delete: there is no record of who acts."""

    __tablename__ = "actor_plain"

    id: int = IntegerField(primary_key=True)
    text: str = StringField(max_length=40)


@pytest.fixture(params=[Invoice, Plain], ids=lambda model: model.__name__)
def model(request):
    return request.param


@pytest.fixture(params=["context", "refused"])
def guarded(request, db, store, loop):
    """A database that takes no forged actor: because the context names one, or because it takes none at all."""
    loop.run_until_complete(db.create_tables([Invoice, Plain]))
    database = Database(store.url, audit_keyword=request.param == "context")
    if request.param == "context":
        # As middleware would, for all that the test does.
        set_audit_user("ada")
    yield database, request.param
    clear_audit_user()
    loop.run_until_complete(database.close())


VERBS = {
    "create": lambda s, model, row: model.create(s, text="forged", **FORGED),
    "update": lambda s, model, row: row.update(s, text="forged", **FORGED),
    "update without a value": lambda s, model, row: row.update(s, **FORGED),
    "update_fields": lambda s, model, row: row.update_fields(s, text="forged", **FORGED),
    "update_by_id": lambda s, model, row: model.update_by_id(s, row.id, text="forged", **FORGED),
    "update_by_id of no row": lambda s, model, row: model.update_by_id(s, 99, text="forged", **FORGED),
    "get_or_create": lambda s, model, row: model.get_or_create(s, text="forged", **FORGED),
    "update_or_create": lambda s, model, row: model.update_or_create(s, text="forged", **FORGED),
    "save": lambda s, model, row: row.save(s, **FORGED),
    "save of a new object": lambda s, model, row: model(text="forged").save(s, **FORGED),
    "delete": lambda s, model, row: row.delete(s, **FORGED),
    "delete_by_id": lambda s, model, row: model.delete_by_id(s, row.id, **FORGED),
    "bulk_create": lambda s, model, row: model.bulk_create(s, [{"text": "forged"}], **FORGED),
    "bulk_update": lambda s, model, row: model.bulk_update(s, [{"id": row.id, "text": "forged"}], **FORGED),
    "bulk_delete": lambda s, model, row: model.bulk_delete(s, [row.id], **FORGED),
    "query update": lambda s, model, row: model.filter(s, id=row.id).update(text="forged", **FORGED),
    "query delete": lambda s, model, row: model.filter(s, id=row.id).delete(**FORGED),
}

SOFT = {
    "soft_delete": lambda s, model, row: row.soft_delete(s, **FORGED),
    "restore": lambda s, model, row: row.restore(s, **FORGED),
    "bulk_soft_delete": lambda s, model, row: model.bulk_soft_delete(s, [row.id], **FORGED),
    "bulk_restore": lambda s, model, row: model.bulk_restore(s, [row.id], **FORGED),
    "query soft_delete": lambda s, model, row: model.filter(s, id=row.id).soft_delete(**FORGED),
    "query restore": lambda s, model, row: model.only_deleted(s, id=row.id).restore(**FORGED),
}


async def test_no_verb_takes_an_actor_from_a_body(guarded, model, stored):
    database, why = guarded
    async with database.session() as session:
        row = await model.create(session, text="honest")
        await session.commit()
        verbs = VERBS | SOFT if model is Invoice else VERBS
        for name, verb in verbs.items():
            with pytest.raises(ValidationError) as refused:
                await verb(session, model, row)
            assert refused.value.field == "_audit_user_id", name
            message = str(refused.value)
            assert ("mallory" in message and "ada" in message) if why == "context" else "audit_keyword=False" in message
        if model is Invoice:
            deletion = await row.soft_delete(session)
            with pytest.raises(ValidationError):
                await deletion.undo(session, **FORGED)
    assert stored(f"SELECT text FROM {model.__tablename__}") == [("honest",)]
    assert "mallory" not in str(
        stored("SELECT user_id FROM audit_logs") + stored("SELECT actor FROM reprieve_deletions")
    )


async def test_a_dictionary_in_a_list_names_no_actor(db, session):
    await db.create_tables([Invoice])
    invoice = await Invoice.create(session, text="honest")
    for verb in (
        Invoice.bulk_create(session, [{"text": "a", **FORGED}]),
        Invoice.bulk_update(session, [{"id": invoice.id, "text": "a", **FORGED}]),
        Invoice.get_or_create(session, text="a", defaults=FORGED),
        Invoice.update_or_create(session, text="honest", defaults=FORGED),
    ):
        with pytest.raises(UnknownFieldError, match="_audit_user_id"):
            await verb


async def test_the_keyword_names_the_actor_where_the_context_has_set_none(db, session, stored):
    await db.create_tables([Invoice])
    invoice = await Invoice.create(session, text="a", _audit_user_id=7)
    set_audit_user(7)
    await invoice.update(session, text="b", _audit_user_id=7)
    clear_audit_user()
    await invoice.soft_delete(session, _audit_user_id="ada")
    await session.commit()
    assert stored("SELECT user_id FROM audit_logs ORDER BY id") == [("7",), ("7",), ("ada",)]


async def test_an_update_that_is_refused_sets_nothing(db, session):
    await db.create_tables([Invoice])
    invoice = await Invoice.create(session, text="honest")
    set_audit_user("ada")
    try:
        with pytest.raises(ValidationError):
            await invoice.update(session, text="forged", **FORGED)
        assert invoice.text == "honest"
    finally:
        clear_audit_user()


async def test_a_client_learns_neither_what_it_sent_nor_who_acts(db, session):
    import fastapi  # noqa: F401 - errors bring their answers along where it is

    set_audit_user("internal-ada")
    try:
        with pytest.raises(ValidationError) as refused:
            await Invoice.create(session, text="a", _audit_user_id="mallory7")
    finally:
        clear_audit_user()
    assert "internal-ada" in str(refused.value) and "mallory7" in str(refused.value)
    told = refused.value.detail
    assert "_audit_user_id" in told and "internal-ada" not in told and "mallory7" not in told
