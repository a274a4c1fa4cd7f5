"""The documents and what cites them: a reader who follows a reference arrives.

Sections are cited as `(terminal-protocol 8.4)` or `(switch-rules 4)`, promises as `P5`, tests as
`tests/store/test_faults.py::test_name`. Names of documents that are not in the repository are put
together here from pieces, so that this file does not hold them either.
"""

import re
from pathlib import Path

from tests.test_repository import ROOT, files, text_of

DOCS = ROOT / "docs"
GONE = [
    *("pos-" + "protocol", "switch-" + "behaviour", "console-" + "api", "message-" + "formats"),
    *(r"\bDESI" + r"GN\b", r"\bPROM" + r"ISES [0-9]", "host-" + "commands" + r"\.md"),
    *("rese" + r"arch/", "dom" + r"ain/[a-z]"),
]
CITED = re.compile(
    r"(terminal-protocol|switch-rules)[ \n]+#*[ \n]*(\d+(?:\.\d+)?"
    r"(?:(?:,| and| to)[ \n]+#*[ \n]*\d+(?:\.\d+)?)*)"
)
PROMISE = re.compile(r"(?<![A-Za-z0-9_+])P([1-9]|1[0-9]|2[0-9])(?![A-Za-z0-9_-])")
TEST = re.compile(r"(tests/[a-z_/]+\.py)(?:::(test_[a-z0-9_]+))?")


def sections(document: str) -> set[str]:
    """Return the numbers that the headings of a document begin with."""
    text = (DOCS / f"{document}.md").read_text("utf-8")
    return set(re.findall(r"^##+ (\d+(?:\.\d+)?)\.? ", text, re.MULTILINE))


def citations(text: str) -> set[tuple[str, str]]:
    """Return every document and section that a text cites."""
    return {
        (document, number)
        for document, numbers in CITED.findall(text)
        for number in re.findall(r"\d+(?:\.\d+)?", numbers)
    }


def own_files() -> list[Path]:
    return [path for path in files() if path.suffix in {".py", ".md", ".sql", ".toml", ".yml"}]


def test_no_document_is_cited_that_is_not_here() -> None:
    gone = re.compile("|".join(GONE))
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in own_files()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if gone.search(line)
    ]
    assert found == []


def test_every_cited_section_exists() -> None:
    known = {name: sections(name) for name in ("terminal-protocol", "switch-rules")}
    missing = [
        f"{path.relative_to(ROOT)}: {document} {number}"
        for path in own_files()
        for document, number in citations(text_of(path))
        if number not in known[document]
    ]
    assert missing == []


def test_lists_of_sections_are_read_whole() -> None:
    text = 'see (terminal-protocol 4, 8.2) and\n# (switch-rules\n# 9); "terminal-protocol 3 to 8"'
    assert citations(text) == {
        *(("terminal-protocol", number) for number in ("4", "8.2", "3", "8")),
        ("switch-rules", "9"),
    }


def test_every_promise_that_is_named_is_told() -> None:
    told = {
        row.removeprefix("| P").split(" ")[0]
        for row in (DOCS / "promises.md").read_text("utf-8").splitlines()
        if row.startswith("| P")
    }
    assert told >= {str(number) for number in range(1, 26)}
    named = {
        number
        for path in own_files()
        if path.suffix in {".py", ".md"}
        for number in PROMISE.findall(text_of(path))
    }
    assert named <= told


def test_tests_that_documents_name_exist() -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {file}::{name}"
        for path in own_files()
        if path.suffix == ".md"
        for file, name in TEST.findall(text_of(path))
        if not (ROOT / file).exists()
        or (name and f"def {name}(" not in (ROOT / file).read_text("utf-8"))
    ]
    assert missing == []


def test_every_document_is_listed() -> None:
    listed = set(re.findall(r"\]\(([^)#]+)\)", (DOCS / "README.md").read_text("utf-8")))
    standing = {
        path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if path.name != "README.md"
    }
    assert standing <= listed
    decisions = sorted(path.name[:4] for path in (DOCS / "decisions").glob("*.md"))
    assert len(set(decisions)) == len(decisions), "two decisions have one number"
