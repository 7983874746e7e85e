"""What editors know: mypy and pyright accept right code, find its types, and say what is wrong with wrong code."""

import inspect
import re

import pytest

import checkers
import fastapi_orm
from document import ORDERS, blocks
from support import HERE

pytest.importorskip("mypy")
pytest.importorskip("basedpyright")

WRONG = checkers.expected(checkers.TYPED / "wrong.py")


# A checker takes most of a minute: `pytest -n 2 --dist loadgroup` gives each its worker, so that it runs once.
CHECKERS = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("mypy", "pyright")]


@pytest.fixture(scope="module", params=CHECKERS)
def findings(request, tmp_path_factory):
    """What a checker says of the files in ``typed``."""
    folder = tmp_path_factory.mktemp(f"{request.param}-typed")
    checkers.write_snippets(folder)
    return request.param, getattr(checkers, request.param)(folder)


@pytest.fixture(scope="module", params=CHECKERS)
def findings_in_document(request, tmp_path_factory):
    """What a checker says of the document's blocks, and where they are."""
    folder = tmp_path_factory.mktemp(f"{request.param}-document")
    checkers.write_blocks(folder)
    return getattr(checkers, request.param)(folder), folder


@pytest.mark.parametrize("name", ["shapes.py", "right.py", "endpoints.py"])
def test_right_code_has_no_error_and_the_types_it_says(findings, name):
    assert [one for one in findings[1] if one.file == name] == []


@pytest.mark.parametrize("line", WRONG, ids=lambda line: f"line {line}")
def test_wrong_code_is_an_error_that_says_why(findings, line):
    checker, found = findings
    *codes, words = WRONG[line]
    given = [one for one in found if (one.file, one.line) == ("wrong.py", line)]
    code = codes[checker == "pyright"]
    assert code in [one.code for one in given], given
    message = " ".join(one.message for one in given)
    assert [word for word in words if word not in message] == [], message


def test_nothing_else_is_an_error_in_wrong_code(findings):
    assert {one.line for one in findings[1] if one.file == "wrong.py"} == set(WRONG)


@pytest.mark.document
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("number", range(1, 17))
def test_a_block_of_the_document_type_checks(findings_in_document, number, order):
    found, folder = findings_in_document
    assert number <= len(blocks())
    path = folder / f"block_{number:02}_{ORDERS.index(order)}.py"
    lines = path.read_text().splitlines()
    errors = [(lines[one.line - 1].strip(), one.message) for one in found if one.file == path.name]
    # The one mistake of the document itself: it does not look whether there is such a user.
    if number == 12:
        (line, message), *errors = errors
        assert line == "await user.soft_delete(session, cascade=True)"
        assert "None" in message
    assert errors == []


def test_type_checkers_know_every_option_of_every_field():
    stub = (HERE.parents[1] / "python" / "fastapi_orm" / "fields.pyi").read_text()
    for name in fastapi_orm.fields.__all__:
        body = stub if name == "Field" else re.search(rf"^class {name}\(.*?(?=^class |\Z)", stub, re.M | re.S)[0]
        options = list(inspect.signature(getattr(fastapi_orm, name).__init__).parameters.values())
        own = [one.name for one in options if one.kind is not one.VAR_KEYWORD and one.name != "self"]
        inherited = "__init__" not in vars(getattr(fastapi_orm, name))
        assert [one for one in own if not re.search(rf"\b{one}: ", stub if inherited else body)] == [], name
