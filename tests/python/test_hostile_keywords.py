"""Keywords of the library beside fields of the same name: each is reached, or a clear error, and none is ignored."""

import pytest

from fastapi_orm import BooleanField, IntegerField, Model, SchemaError, StringField, ValidationError
from fastapi_orm.testing import create_test_model_base


class Plan(Model):
    __tablename__ = "keyword_plans"

    id: int = IntegerField(primary_key=True)
    limit: int = IntegerField()
    order_by: str = StringField(max_length=20)
    page: int = IntegerField()
    all: bool = BooleanField(default=False)


def test_a_field_cannot_have_the_name_of_the_actor():
    _, Base = create_test_model_base()
    with pytest.raises(SchemaError, match="_audit_user_id"):
        type(Base)(
            "Forged",
            (Base,),
            {"__module__": __name__, "id": IntegerField(primary_key=True), "_audit_user_id": IntegerField()},
        )


async def test_fields_with_the_names_of_keywords_are_reached(db, session):
    await db.create_tables([Plan])
    for number in range(1, 4):
        await Plan.create(session, limit=number, order_by=f"o{number}", page=number)
    assert [plan.id for plan in await Plan.filter(session, limit=2)] == [2]
    assert [plan.id for plan in await Plan.filter_by(session, limit__eq=2)] == [2]
    assert (await Plan.first(session, order_by__eq="o3")).id == 3
    assert (await Plan.paginate(session, page__eq=2))["total"] == 1


async def test_a_field_called_all_is_not_taken_for_every_row_in_silence(db, session):
    await db.create_tables([Plan])
    plan = await Plan.create(session, limit=1)
    for query in (Plan.filter(session, id=plan.id), Plan.filter(session)):
        with pytest.raises(ValidationError, match="every row"):
            await query.update(all=True)
    assert await Plan.bulk_update(session, [{"id": plan.id, "all": True}]) == 1
    await plan.refresh(session)
    assert plan.all is True
