"""The statements that a database is asked to run."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

LOGGER = logging.getLogger("fastapi_orm")


class Recorder(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.statements: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.statements.append(record.getMessage())


@contextmanager
def recorded() -> Iterator[list[str]]:
    """The statements run inside, by a database with ``echo=True``."""
    recorder, level = Recorder(), LOGGER.level
    LOGGER.addHandler(recorder)
    LOGGER.setLevel(logging.INFO)
    try:
        yield recorder.statements
    finally:
        LOGGER.removeHandler(recorder)
        LOGGER.setLevel(level)
