"""What is vendored is what its list says: every file, its hash, its licence."""

import hashlib
import tomllib
from pathlib import Path

import pointsman.console

VENDOR = Path(pointsman.console.__file__).parent / "static" / "vendor"


def test_vendored_files_are_unmodified_and_listed() -> None:
    listed = tomllib.loads((VENDOR / "vendor.toml").read_text("utf-8"))
    files = {name: sha for one in listed.values() for name, sha in one["files"].items()}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "vendor.toml"
    }
    assert files == found
    assert all(one["licence"] in {"MIT", "0BSD", "BSD-2-Clause"} for one in listed.values())
