"""Writes LICENSE-THIRD-PARTY: the licence of everything that is linked into the wheel, with its text.

    .venv/bin/python xtask/licences.py            writes the file
    .venv/bin/python xtask/licences.py --check    says whether it is what it should be; `cargo xtask lint` runs this

Most of those licences ask that their text goes along with the program. The file is committed, so that a wheel has it
however it is built.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "LICENSE-THIRD-PARTY"
WHEEL = "reprieve-python"
# One of each system that wheels are for.
SYSTEMS = ("x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")

HEAD = """\
What is linked into the extension module of the wheel, beside Reprieve itself. Written by xtask/licences.py.

SQLite is in the public domain: https://www.sqlite.org/copyright.html
The standard library of Rust may be used under MIT or Apache-2.0: https://www.rust-lang.org/policies/licenses
"""


def linked() -> list[dict]:
    """The packages whose code is in the wheel, on any system: neither derives nor what only builds."""
    cargo = os.environ.get("CARGO", "cargo")
    command = [cargo, "metadata", "--format-version", "1", "--locked"]
    command += [word for system in SYSTEMS for word in ("--filter-platform", system)]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    # Their features are those of a build of the workspace, and what these bring along counts too.
    dependencies = {node["id"]: node["deps"] for node in metadata["resolve"]["nodes"]}
    waiting = [one for one, package in packages.items() if package["name"] == WHEEL]
    found = set(waiting)
    while waiting:
        for dependency in dependencies[waiting.pop()]:
            package = packages[dependency["pkg"]]
            links = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            derives = any("proc-macro" in target["kind"] for target in package["targets"])
            if links and not derives and package["id"] not in found:
                found.add(package["id"])
                waiting.append(package["id"])
    foreign = [packages[one] for one in found if packages[one]["source"]]
    return sorted(foreign, key=lambda package: (package["name"], package["version"]))


def texts(package: dict) -> dict[str, str]:
    """The licence files of a package, by name. Where MIT is offered with another, that one is chosen."""
    folder = Path(package["manifest_path"]).parent
    words = ("license", "licence", "copying", "notice", "copyright")
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and file.name.lower().startswith(words)]
    chosen = [file for file in files if "mit" in [*file.stem.lower().split("-"), file.suffix.lower().lstrip(".")]]
    offered = (package["license"] or "").replace("/", " OR ").split(" OR ")
    if "MIT" in [one.strip(" ()") for one in offered] and " AND " not in package["license"] and chosen:
        files = chosen
    return {file.name: file.read_text(encoding="utf-8", errors="replace").strip() for file in files}


def written() -> str:
    packages = linked()
    by_text: dict[str, list[str]] = {}
    lines = []
    for package in packages:
        name = f"{package['name']} {package['version']}"
        found = texts(package)
        lines.append(f"{name}: {package['license'] or 'see its text'}")
        if not found:
            authors = ", ".join(package["authors"]) or "its authors"
            lines[-1] += f", by {authors}; the package has no text of its own: {package['repository']}"
        for text in found.values():
            by_text.setdefault(text, []).append(name)
    parts = [HEAD, "\n".join(lines) + "\n"]
    rule = "-" * 100
    parts += [f"{rule}\n{', '.join(names)}\n{rule}\n\n{text}\n" for text, names in by_text.items()]
    return "\n".join(parts)


def main() -> int:
    text = written()
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
    elif not FILE.is_file() or FILE.read_text(encoding="utf-8") != text:
        print(f"{FILE.name} is not what is linked in: run python xtask/licences.py, and commit it", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
