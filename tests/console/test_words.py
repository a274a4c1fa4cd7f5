"""Words: every text of every template is in the catalogue, and Chinese is Chinese."""

import re
from pathlib import Path

import pytest

from pointsman.console import looks, words
from pointsman.console.rights import Role

TEMPLATES = Path(words.__file__).parent / "templates"


def test_every_text_that_a_template_says_is_in_the_catalogue() -> None:
    said = set()
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text("utf-8")
        said |= set(re.findall(r"""\bt\("([^"]+)"\)""", text))
        said |= set(re.findall(r"""\bt\('([^']+)'\)""", text))
    said |= {place.words for places in looks.NAVIGATION.values() for place in places}
    said |= set(looks.NAVIGATION) | set(looks.STATES) | {role.value for role in Role}
    assert len(said) > 80
    assert said - set(words.ZH) == set()


def test_chinese_texts_are_chinese() -> None:
    plain = [text for text in words.ZH.values() if text.isascii()]
    assert plain == []


def test_a_text_that_is_missing_is_a_fault_but_a_code_is_shown_as_it_is() -> None:
    with pytest.raises(KeyError):
        words.Words("en")("never said")
    assert words.Words("zh-CN").code("x9") == "x9"
    assert words.Words("zh-CN")("approved") == "已批准"
    assert words.Words("en")("approved") == "Approved"


def test_the_language_is_what_was_chosen_else_what_the_browser_wants() -> None:
    assert words.language_of("zh-CN", "en") == "zh-CN"
    assert words.language_of("xx", "zh-TW,zh;q=0.9") == "zh-CN"
    assert words.language_of("", "de") == "en"
