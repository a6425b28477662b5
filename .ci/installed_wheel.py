"""Checks an installed wheel: the files that ship with it are there, byte for byte, and a recipe runs from it.

Run by the interpreter of the environment it is installed in: installed_wheel.py CHECKOUT EMPTY_FOLDER
"""

import json
import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    checkout, elsewhere = Path(sys.argv[1]), Path(sys.argv[2])
    elsewhere.mkdir(parents=True)
    os.chdir(elsewhere)
    from runner import schema_files

    package = Path(schema_files.__file__).resolve()
    assert not package.is_relative_to(checkout), f"this is the checkout, not the wheel: {package}"
    for room in ("schemas", "pipelines"):
        ours = {p.relative_to(checkout / room): p for p in (checkout / room).rglob("*") if p.is_file()}
        theirs = {p.relative_to(d): p for d in [schema_files.shipped(room)] for p in d.rglob("*") if p.is_file()}
        assert ours.keys() == theirs.keys(), f"{room}: {sorted(map(str, ours.keys() ^ theirs.keys()))}"
        for name, file in ours.items():
            assert file.read_bytes() == theirs[name].read_bytes(), f"{room}/{name} differs"
        sys.stdout.write(f"{room}: {len(ours)} files, the same bytes\n")
    retouch = Path(sys.executable).with_name("retouch")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("NOVITA_", "RETOUCH_"))}
    command = [str(retouch), "run", "product-hero", "--json"]
    told = subprocess.run(command, env=clean, check=True, capture_output=True, text=True)
    outputs = [Path(each) for item in json.loads(told.stdout)["items"] for each in item["outputs"]]
    assert outputs, "the recipe gave no picture"
    assert all(each.stat().st_size > 1000 for each in outputs), outputs
    sys.stdout.write(f"product-hero ran from the wheel: {', '.join(each.name for each in outputs)}\n")


main()
