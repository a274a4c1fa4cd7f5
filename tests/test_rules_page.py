"""docs/rules.md: every section of both documents of rules has its table, every rule names a test.

That the named tests exist is seen by test_documents.py, which reads all documents.
"""

import re
from itertools import chain

from tests.test_documents import DOCS, TEST

HEADING = re.compile(r"^##+ (\d+(?:\.\d+)?\.? .+)$", re.MULTILINE)
ROW = re.compile(r"^\| (?!Rule )(.+) \| (.+) \|$", re.MULTILINE)
WORDS = {"1. Words"}  # sections that state no rules
SECTION_ROWS_MIN = 1


def headings(document: str) -> list[str]:
    """Return the numbered headings of a document in their order."""
    return HEADING.findall((DOCS / f"{document}.md").read_text("utf-8"))


def page() -> str:
    return (DOCS / "rules.md").read_text("utf-8")


def sections() -> list[tuple[str, str]]:
    """Return each section of the page: its heading and its text."""
    pieces = HEADING.split(page())
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def test_every_section_of_rules_stands_on_the_page_in_its_order() -> None:
    wanted = chain(headings("terminal-protocol"), headings("switch-rules"))
    assert [heading for heading, _ in sections()] == [one for one in wanted if one not in WORDS]


def test_every_section_without_parts_of_its_own_has_rules() -> None:
    numbers = [heading.split()[0].rstrip(".") for heading, _ in sections()]
    divided = {number.split(".")[0] for number in numbers if "." in number}
    empty = [
        heading
        for number, (heading, text) in zip(numbers, sections(), strict=True)
        if number not in divided and len(ROW.findall(text)) < SECTION_ROWS_MIN
    ]
    assert empty == []


def test_every_rule_names_a_test() -> None:
    rows = ROW.findall(page())
    assert len(rows) > len(sections())
    bare = [
        rule for rule, held in rows if not all(name for _, name in TEST.findall(held) or [("", "")])
    ]
    assert bare == []


def test_a_rule_is_told_once() -> None:
    rules = [rule for rule, _ in ROW.findall(page())]
    assert len(rules) == len(set(rules))
