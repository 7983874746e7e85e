"""The character NUL, which PostgreSQL cannot store: a client's value that does not fit, and nothing else."""

import pytest

import store as stores
from fastapi_orm import Database, IntegerField, JSONField, StringField, ValidationError
from fastapi_orm.testing import create_test_model_base
from support import says

pytestmark = pytest.mark.postgres

NUL = [{"text": "a\0b"}, {"json": {"a": ["\0"]}}, {"json": {"\0": 1}}]
FINE = {"text": "\\u0000", "json": {"a": "\\u0000", "\\": "\\\\u0000"}}


@pytest.fixture
def notes(loop, tmp_path):
    base, model = create_test_model_base()

    class Note(model):
        __tablename__ = "notes"

        id: int = IntegerField(primary_key=True)
        text: str = StringField(max_length=80)
        json = JSONField()

    with stores.fresh("postgres", tmp_path) as store:
        db = Database(store.url, base=base)
        loop.run_until_complete(db.create_tables())
        yield db, Note
        loop.run_until_complete(db.close())


@pytest.mark.parametrize("values", NUL)
async def test_a_value_with_it_is_refused_by_its_field(notes, values):
    db, Note = notes
    async with db.session() as session:
        note = await Note.create(session, **FINE)
        for write in (
            lambda: Note.create(session, **values),
            lambda: note.update(session, **values),
            lambda: Note.bulk_create(session, [FINE, values]),
            lambda: Note.bulk_update(session, [{"id": note.id, **values}]),
            lambda: Note.filter(session, id=note.id).update(**values),
            lambda: Note.update_or_create(session, id=note.id, defaults=values),
        ):
            with pytest.raises(ValidationError) as refused:
                await write()
            assert refused.value.field == next(iter(values))
            says(refused.value, "NUL")
        assert await Note.count(session) == 1


async def test_what_only_looks_like_it_is_stored(notes):
    db, Note = notes
    async with db.session() as session:
        id = (await Note.create(session, **FINE)).id
    async with db.session() as session:
        note = await Note.get(session, id)
        assert {"text": note.text, "json": note.json} == FINE
