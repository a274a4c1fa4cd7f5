"""The words of the pages in both languages: English is the key, words*.zh-CN.toml have the Chinese.

A text that is not here cannot be shown: `Words` raises, and a test asks for every text of every
template. Titles of problems are in problems.py; codes and names of parties have no language.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

from pointsman.console.details import said

LANGUAGES = ("en", "zh-CN")

ZH: Mapping[str, str] = {
    text: chinese
    for file in sorted(files("pointsman.console").iterdir(), key=lambda one: one.name)
    if file.name.startswith("words.") and file.name.endswith("zh-CN.toml")
    for text, chinese in tomllib.loads(file.read_text("utf-8")).items()
}


class Words:
    """Texts in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._chinese = language == "zh-CN"

    def __call__(self, text: str) -> str:
        """Return the text; raises KeyError for one that the catalogue lacks."""
        chinese = ZH[text]
        return chinese if self._chinese else _ENGLISH.get(text, text)

    def filled(self, text: str, values: Mapping[str, str]) -> str:
        """Return the text with its values in it; those that have words are said in words."""
        said = {n: self.code(v) if n in _IN_WORDS else v for n, v in values.items()}
        return self(text).format(**said)

    def detail(self, text: str) -> str:
        """Return what is wrong with a request, as problems say it (details.py)."""
        return said(text, chinese=self._chinese)

    def code(self, text: str) -> str:
        """Return a code of the journal in words where there are some, else the code itself."""
        return self(text) if text in ZH else text


_IN_WORDS = frozenset({"kind", "method", "what"})
_ENGLISH: Mapping[str, str] = tomllib.loads(
    (files("pointsman.console") / "words.en.toml").read_text("utf-8")
)


def language_of(cookie: str, accepted: str) -> str:
    """Return the language of an answer: what was chosen, else what is accepted with most weight."""
    if cookie in LANGUAGES:
        return cookie
    best, found = 0.0, "en"
    for one in accepted.lower().split(",")[:_ACCEPTED_MAX]:
        name, _, parameters = one.partition(";")
        weight = _WEIGHT.fullmatch(parameters.strip())
        worth = float(weight[1]) if weight else 1.0
        primary = name.strip().partition("-")[0]
        if worth > best and primary in _PRIMARY:
            best, found = worth, _PRIMARY[primary]
    return found


_ACCEPTED_MAX = 20
_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")  # RFC 9110, 12.4.2
_PRIMARY: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}
