"""An enum that grows: create_tables() makes the database take its new members."""

from enum import Enum

from fastapi_orm import Database, EnumField, IntegerField
from fastapi_orm.testing import create_test_model_base


def tickets(*labels):
    base, model = create_test_model_base()
    states = Enum("State", {label: label.lower() for label in labels})

    class Ticket(model):
        __tablename__ = "tickets"

        id: int = IntegerField(primary_key=True)
        state = EnumField(states)

    return base, Ticket, states


async def test_a_member_that_is_added_later_is_stored_once_the_tables_were_created_again(loop, store):
    base, model, states = tickets("OPEN", "CLOSED")
    async with Database(store.url, base=base) as db:
        await db.create_tables()
        async with db.session() as session:
            await model.create(session, state=states.OPEN)

    base, model, states = tickets("IT'S NEW", "OPEN", "CLOSED")
    new = states["IT'S NEW"]
    async with Database(store.url, base=base) as db:
        await db.create_tables()
        await db.create_tables()
        async with db.session() as session:
            created = await model.create(session, state=new)
            assert (await model.get(session, created.id)).state is new
            assert [row.state for row in await model.all(session).order_by("state")] == [new, states.OPEN]

    # One that knows less is no reason to take anything away.
    base, model, states = tickets("OPEN")
    async with Database(store.url, base=base) as db:
        await db.create_tables()
        async with db.session() as session:
            assert await model.filter(session, state=states.OPEN).count() == 1
            assert await model.count(session) == 2
