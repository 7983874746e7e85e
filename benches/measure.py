"""Times two sides of the same work in turns, and says how they compare."""

import gc
import statistics
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter_ns


@dataclass(frozen=True)
class Row:
    """One line of the table. ``ours`` and ``other`` are medians in one unit, for one piece of work."""

    work: str
    ours: float
    other: float
    unit: str
    limit: float | None

    @property
    def ratio(self) -> float:
        return self.ours / self.other

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        return "ok" if self.ratio <= self.limit else "over"


async def interleaved(
    work: str,
    ours: Callable[[int], Awaitable[None]],
    other: Callable[[int], Awaitable[None]],
    *,
    times: int = 1,
    rounds: int,
    limit: float | None,
) -> Row:
    """Runs ``ours`` and ``other`` in turns, each with the number of the round; each does the work ``times`` times.

    Turns, because a machine that slows down for a while then slows both; the side that starts changes every round,
    because the second finds warmer caches. The first round only warms up. Garbage is collected between the turns
    but the collector stays on during them, as in a program.
    """
    taken: dict[bool, list[float]] = {True: [], False: []}
    for round in range(rounds + 1):
        for is_ours in (True, False) if round % 2 else (False, True):
            side = ours if is_ours else other
            gc.collect()
            started = perf_counter_ns()
            await side(round)
            nanoseconds = perf_counter_ns() - started
            if round:
                taken[is_ours].append(nanoseconds / times / 1000)
    return Row(work, statistics.median(taken[True]), statistics.median(taken[False]), "µs", limit)


def print_table(title: str, columns: tuple[str, str], rows: list[Row]) -> None:
    """``columns`` names what is measured, and what that is compared with."""
    width = max(len(row.work) for row in rows)
    print(f"\n{title}\n")
    print(f"{'work':<{width}}  {columns[0]:>14}  {columns[1]:>14}  {'ratio':>6}  {'limit':>5}")
    for row in rows:
        limit = "" if row.limit is None else f"{row.limit:.1f}x"
        ours, beside = (shown(value, row.unit) for value in (row.ours, row.other))
        print(f"{row.work:<{width}}  {ours:>14}  {beside:>14}  {row.ratio:>5.2f}x  {limit:>5}  {row.verdict}".rstrip())


def shown(value: float, unit: str) -> str:
    if unit == "µs" and value >= 1000:
        return f"{value / 1000:,.2f} ms"
    return f"{value:,.1f} {unit}"
