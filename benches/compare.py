"""Prints what the library takes beside ``sqlite3`` used by hand, and what deleted rows cost it.

Every figure is the median of one run, both sides in turns. Nothing here passes or fails: the last column says where a
limit that the project set itself is exceeded, and a reader judges.
"""

import argparse
import asyncio
import os
import platform
import sqlite3
import tempfile
from pathlib import Path

import by_hand
import flatness
import memory
import pages
import relations
import serving
from measure import print_table

try:
    import uvloop
except ImportError:  # Windows has none
    uvloop = None

BESIDE_SQLITE3 = ("ours", "sqlite3")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 deleted rows and 5 rounds")
    parser.add_argument("--deleted", type=int, help="deleted rows in the full table (default 1,000,000)")
    parser.add_argument("--rounds", type=int, help="rounds that count (default 11)")
    chosen = parser.parse_args()
    chosen.deleted = chosen.deleted or (100_000 if chosen.quick else 1_000_000)
    chosen.rounds = chosen.rounds or (5 if chosen.quick else 11)
    return chosen


def main() -> None:
    chosen = arguments()
    print(
        f"Python {platform.python_version()}, sqlite3 module with SQLite {sqlite3.sqlite_version},"
        f" {platform.system()} {platform.machine()}, {os.cpu_count()} cores; medians of {chosen.rounds} rounds"
    )
    # Beside the build and not in the system's folder for temporary files, which may be memory.
    target = Path(__file__).resolve().parents[1] / "target" / "bench"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as name:
        folder = Path(name)
        loops = {"default loop": asyncio.run}
        if uvloop:
            loops["uvloop"] = uvloop.run
        for loop, run in loops.items():
            own = folder / loop.replace(" ", "-")
            own.mkdir()
            print_table(f"Beside sqlite3, {loop}", BESIDE_SQLITE3, run(by_hand.compare(own, chosen.rounds)))
        print_table(
            "Relations beside sqlite3 and objects made by hand",
            BESIDE_SQLITE3,
            asyncio.run(relations.compare(folder, chosen.rounds)),
        )
        print_table("Pages and responses", ("ours", "by hand"), asyncio.run(pages.compare(folder, chosen.rounds)))
        print_table(
            "Under uvicorn, time per request",
            ("ours", "dictionaries"),
            asyncio.run(serving.compare(folder, chosen.rounds)),
        )
        print_table("Memory of an object", ("ours", "plain object"), asyncio.run(memory.compare(folder)))
        print_table(
            f"With {chosen.deleted:,} deleted posts in the table",
            ("with", "without"),
            asyncio.run(flatness.compare(folder, chosen.rounds, chosen.deleted)),
        )


if __name__ == "__main__":
    main()
