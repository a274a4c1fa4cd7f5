"""What is wrong with a request, in the reader's language: the details of problems.

A core. Details are raised in English where they are found; details.zh-CN.toml has each of them, and
a test looks for what it lacks. Titles of problems are in problems.py, the pages' words in words.py.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

_HOLE = "{}"
_NAMED = re.compile(r"([A-Za-z0-9_/.\[\]-]+(?:, [a-z]+)?): (.+)", re.DOTALL)
"""A name, or the place in a body, before what was expected of it."""

_CATALOGUE = tomllib.loads(
    (files("pointsman.console") / "details.zh-CN.toml").read_text(encoding="utf-8")
)
TEXTS: Mapping[str, str] = _CATALOGUE["texts"]
_VALUES: Mapping[str, str] = _CATALOGUE["values"]
# What says more of itself goes first: "{} expected" fits nearly everything.
_HOLED = sorted((text for text in TEXTS if _HOLE in text), key=len, reverse=True)
_PATTERNS = [
    (re.compile("(.+?)".join(map(re.escape, text.split(_HOLE))), re.DOTALL), TEXTS[text])
    for text in _HOLED
]


def said(detail: str, *, chinese: bool) -> str:
    """Return a detail in the wanted language; one that the catalogue lacks stays as it is."""
    if not chinese or not detail:
        return detail
    if detail in TEXTS:
        return TEXTS[detail]
    if (named := _NAMED.fullmatch(detail)) and (found := _known(named[2])) is not None:
        return f"{named[1]}: {found}"
    return _known(detail) or detail


def _known(text: str) -> str | None:
    if text in TEXTS:
        return TEXTS[text]
    for pattern, chinese in _PATTERNS:
        if found := pattern.fullmatch(text):
            return chinese.format(*(_VALUES.get(value, value) for value in found.groups()))
    return None
