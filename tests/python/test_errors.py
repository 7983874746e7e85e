"""The exceptions: their words, their attributes, and that the library raises them itself."""

import pickle
from datetime import datetime
from decimal import Decimal

import pytest

from fastapi_orm import (
    DatabaseError,
    DateTimeField,
    DecimalField,
    DuplicateRecordError,
    FastAPIOrmException,
    FloatField,
    IntegerField,
    Model,
    ORMError,
    RecordNotFoundError,
    StringField,
    TransactionError,
    ValidationError,
)
from models import Post, User


class Berth(Model):
    __tablename__ = "berths"
    __table_args__ = (("row", "number"),)

    id: int = IntegerField(primary_key=True)
    row: int = IntegerField()
    number: int = IntegerField()
    booked: datetime = DateTimeField(unique=True)
    price: Decimal = DecimalField(10, 2, unique=True)


def test_the_base_of_all_has_a_message_and_details():
    error = FastAPIOrmException("Test error", details={"key": "value"})
    assert (str(error), error.message, error.details) == ("Test error", "Test error", {"key": "value"})
    assert FastAPIOrmException("x").details == {}
    assert ORMError is FastAPIOrmException


def test_a_record_that_is_not_found():
    error = RecordNotFoundError("User", id=1)
    assert str(error) == "User not found with id=1"
    assert (error.model, error.filters) == ("User", {"id": 1})
    assert error.details == {"model": "User", "filters": {"id": 1}}
    assert str(RecordNotFoundError("User", name="x", email="y")) == "User not found with name=x, email=y"
    assert str(RecordNotFoundError("User", model="T", self=1)) == "User not found with model=T, self=1"
    assert str(RecordNotFoundError("User")) == "User not found"
    assert str(RecordNotFoundError("User", 1)) == "User not found with id=1"


def test_a_record_that_is_there_already():
    error = DuplicateRecordError("User", "email", "x")
    assert str(error) == "User with email=x already exists"
    assert (error.model, error.field, error.value) == ("User", "email", "x")
    assert error.details == {"model": "User", "field": "email", "value": "x"}


def test_a_value_that_does_not_fit():
    error = ValidationError("f", "m")
    assert str(error) == "Validation error for f: m"
    assert (error.field, error.message) == ("f", "m")
    assert error.details["field"] == "f"


def test_a_database_that_fails():
    cause = ValueError("broken")
    error = DatabaseError("op", original_error=cause)
    assert str(error) == "Database error during op: broken"
    assert (error.operation, error.original_error) == ("op", cause)
    assert error.details == {"operation": "op", "original_error": cause}
    assert str(DatabaseError("op")) == "Database error during op"


def test_a_transaction_that_fails():
    cause = RuntimeError("lost")
    error = TransactionError("Transaction failed", original_error=cause)
    assert str(error) == error.message == "Transaction failed"
    assert error.original_error is error.details["original_error"] is cause
    assert TransactionError("x").original_error is None


@pytest.mark.parametrize("kind", [RecordNotFoundError, DuplicateRecordError, ValidationError, DatabaseError])
def test_all_of_them_are_caught_by_the_base(kind):
    assert issubclass(kind, FastAPIOrmException)
    assert issubclass(TransactionError, FastAPIOrmException)


async def test_get_or_404_raises_with_the_key_that_was_asked_for(session):
    with pytest.raises(RecordNotFoundError) as caught:
        await User.get_or_404(session, 99)
    assert str(caught.value) == "User not found with id=99"
    assert (caught.value.model, caught.value.filters) == ("User", {"id": 99})


@pytest.mark.parametrize("verb", ["save", "refresh", "delete", "soft_delete"])
async def test_an_object_whose_row_is_gone_raises_with_its_key(session, verb):
    post = await Post.create(session, title="a")
    await session.execute("DELETE FROM posts")
    if verb == "save":
        post.title = "b"
    with pytest.raises(RecordNotFoundError) as caught:
        await getattr(post, verb)(session)
    assert str(caught.value) == f"Post not found with id={post.id}"
    assert caught.value.filters == {"id": post.id}
    await session.rollback()


async def test_a_unique_violation_is_raised_with_the_value_that_was_given(db, session):
    await db.create_tables([Berth])
    first = {"row": 1, "number": 2, "booked": datetime(2024, 5, 1, 12), "price": Decimal("9.50")}
    other = {"row": 3, "number": 4, "booked": datetime(2024, 5, 2), "price": Decimal("1.00")}
    await Berth.create(session, **first)
    second = await Berth.create(session, **other)
    for field, value in {"booked": first["booked"], "price": first["price"]}.items():
        for attempt in (Berth.create(session, **{field: value}), second.update(session, **{field: value})):
            with pytest.raises(DuplicateRecordError) as caught:
                await attempt
            assert str(caught.value) == f"Berth with {field}={value} already exists"
            assert (caught.value.model, caught.value.field, caught.value.value) == ("Berth", field, value)
        await second.update(session, **other)
    with pytest.raises(DuplicateRecordError) as caught:
        await Berth.create(session, row=1, number=2)
    assert str(caught.value) == "Berth with row, number=(1, 2) already exists"
    assert (caught.value.field, caught.value.value) == ("row, number", (1, 2))


async def test_a_duplicate_on_update_is_raised_as_on_create(session):
    await User.create(session, username="x")
    other = await User.create(session, username="y")
    for attempt in (User.create(session, username="x"), other.update(session, username="x")):
        with pytest.raises(DuplicateRecordError) as caught:
            await attempt
        assert str(caught.value) == "User with username=x already exists"
    await session.rollback()


async def test_a_value_that_does_not_fit_is_raised_with_its_field(session):
    with pytest.raises(ValidationError) as caught:
        await User.create(session, username=None)
    assert str(caught.value).startswith("Validation error for username: Field cannot be null")
    assert caught.value.field == "username"


async def test_a_statement_that_the_database_refuses_is_raised_with_its_cause(session):
    with pytest.raises(DatabaseError) as caught:
        await session.execute("SELECT nothing")
    error = caught.value
    assert str(error) == f"Database error during {error.operation}: {error.original_error}"
    assert error.details["original_error"] == error.original_error
    assert "nothing" in str(error.original_error)


HAND = [
    (IntegerField(nullable=False), None, "Field cannot be null"),
    (IntegerField(min_value=0), -1, "Value must be >= 0"),
    (IntegerField(max_value=100), 101, "Value must be <= 100"),
    (FloatField(min_value=0.5), 0.25, "Value must be >= 0.5"),
    (DecimalField(10, 2, max_value=Decimal("9.99")), Decimal("10"), "Value must be <= 9.99"),
    (StringField(min_length=3), "ab", "Length must be >= 3"),
    (StringField(max_length=10), "x" * 11, "Length must be <= 10"),
    (IntegerField(validators=[lambda value: value % 2 == 0]), 5, "Validation failed for custom validator"),
]


@pytest.mark.parametrize(("field", "value", "message"), HAND, ids=[message for *_, message in HAND])
def test_a_check_by_hand_says_what_is_wrong(field, value, message):
    with pytest.raises(ValidationError) as caught:
        field.validate(value, "age")
    assert str(caught.value) == f"Validation error for age: {message}"
    assert (caught.value.field, caught.value.message) == ("age", message)


def test_a_check_by_hand_passes_what_fits():
    assert IntegerField(min_value=0, max_value=100).validate(50, "age") == 50
    assert StringField(nullable=True).validate(None, "age") is None


def refuse(value):
    if value > 150:
        raise ValidationError("age", "Age must be between 0 and 150")


def test_a_validator_may_raise_in_words_of_its_own():
    with pytest.raises(ValidationError) as caught:
        IntegerField(validators=[refuse]).validate(151, "age")
    assert str(caught.value) == "Validation error for age: Age must be between 0 and 150"
    assert IntegerField(validators=[refuse]).validate(150, "age") == 150


def test_an_error_comes_back_from_a_pickle_as_it_was():
    for error in (
        RecordNotFoundError("User", id=1),
        DuplicateRecordError("User", "email", "x"),
        ValidationError("f", "m"),
        DatabaseError("op", "broken"),
        TransactionError("failed"),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert type(again).__name__ == type(error).__name__
        assert (str(again), vars(again)) == (str(error), vars(error))
