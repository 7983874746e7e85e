"""Looks into a wheel before others get it: the licences are in it, the paths of this machine and symbols are not.

python xtask/wheel.py FOLDER PATH...
"""

import sys
import zipfile
from pathlib import Path

LICENCES = ("LICENSE-MIT", "LICENSE-APACHE", "LICENSE-THIRD-PARTY")
# Sections of ELF and Mach-O that `strip` takes away.
SYMBOLS = (b"\0.symtab\0", b"\0.debug_info\0", b"__debug_info\0")


def faults(wheel: zipfile.ZipFile, paths: list[str]) -> list[str]:
    names = wheel.namelist()
    found = [f"{name} is missing" for name in LICENCES if not any(one.endswith(f"/licenses/{name}") for one in names)]
    if not any(name.endswith("/py.typed") for name in names):
        found.append("py.typed is missing")
    extensions = [name for name in names if name.endswith((".so", ".pyd"))]
    if len(extensions) != 1:
        found.append(f"one extension module is expected, not {extensions}")
    for name in names:
        content = wheel.read(name)
        # As folders: `/root` alone is part of the name of a certificate, `.postgresql/root.crt`.
        folders = [path + end for path in paths for end in "/\\"]
        found += [f"{name} holds the path {folder}" for folder in folders if folder.encode() in content]
        if name in extensions:
            found += [f"{name} has the section {word.strip(bytes(1)).decode()}" for word in SYMBOLS if word in content]
    return found


def main(folder: str, *paths: str) -> int:
    files = sorted(Path(folder).glob("*.whl"))
    if len(files) != 1:
        print(f"one wheel is expected in {folder}, not {len(files)}", file=sys.stderr)
        return 1
    with zipfile.ZipFile(files[0]) as wheel:
        found = faults(wheel, [path for path in [*paths, str(Path.home())] if len(path) > 1])
    for fault in found:
        print(f"{files[0].name}: {fault}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
