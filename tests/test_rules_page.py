"""docs/rules.md and docs/console-rules.md: every section has its table, every rule names a test.

That the named tests exist is seen by test_documents.py, which reads all documents.
"""

import re
from itertools import chain

import pytest

from pointsman.console.problems import Code
from tests.test_documents import DOCS, TEST

HEADING = re.compile(r"^##+ (\d+(?:\.\d+)?\.? .+)$", re.MULTILINE)
ROW = re.compile(r"^\| (?!Rule )(.+) \| (.+) \|$", re.MULTILINE)
LATER = re.compile(r"later: .{20,}")
"""What belongs to a part of the back office that is not built: why."""
WORDS = {"1. Words"}  # sections that state no rules
SECTION_ROWS_MIN = 1
PAGES = pytest.mark.parametrize("name", ["rules", "console-rules"])


def headings(document: str) -> list[str]:
    """Return the numbered headings of a document in their order."""
    return HEADING.findall((DOCS / f"{document}.md").read_text("utf-8"))


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


def sections(name: str) -> list[tuple[str, str]]:
    """Return each section of a page: its heading and its text."""
    pieces = HEADING.split(page(name))
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def test_every_section_of_rules_stands_on_the_page_in_its_order() -> None:
    wanted = chain(headings("terminal-protocol"), headings("switch-rules"))
    assert [heading for heading, _ in sections("rules")] == [
        one for one in wanted if one not in WORDS
    ]


@PAGES
def test_every_section_without_parts_of_its_own_has_rules(name: str) -> None:
    numbers = [heading.split()[0].rstrip(".") for heading, _ in sections(name)]
    divided = {number.split(".")[0] for number in numbers if "." in number}
    empty = [
        heading
        for number, (heading, text) in zip(numbers, sections(name), strict=True)
        if number not in divided and len(ROW.findall(text)) < SECTION_ROWS_MIN
    ]
    assert empty == []


@PAGES
def test_every_rule_names_a_test(name: str) -> None:
    rows = ROW.findall(page(name))
    assert len(rows) > len(sections(name))
    bare = [
        rule for rule, held in rows if not all(test for _, test in TEST.findall(held) or [("", "")])
    ]
    later = [rule for rule, held in rows if LATER.match(held)]
    assert [rule for rule in bare if rule not in later] == []
    assert not later or name == "console-rules", "of the switch everything is built"


@PAGES
def test_a_rule_is_told_once(name: str) -> None:
    rules = [rule for rule, _ in ROW.findall(page(name))]
    assert len(rules) == len(set(rules))


def test_every_code_of_an_error_is_met_by_a_test() -> None:
    told = {rule.strip("`"): held for rule, held in ROW.findall(page("console-rules"))}
    assert {code.value for code in Code} <= told.keys()
    assert not [code for code in Code if LATER.match(told[code.value])]
