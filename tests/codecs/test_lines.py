"""Places of keys in a dialect file, for the words about mistakes."""

import tomllib

import pytest

from pointsman.codecs.lines import Lines

TEXT = """\
# a remark with 3 = 4
name = "x"

[fields]
2  = { size = 1 }
"3" = { size = 2 }

[[layouts]]
field = 2

[[layouts]]
field = 3
"""


@pytest.mark.parametrize(
    ("key", "section", "nth", "line"),
    [
        ("name", "", 0, 2),
        ("fields", "", 0, 4),
        ("2", "fields", 0, 5),
        ("3", "fields", 0, 6),
        ("field", "layouts", 0, 9),
        ("field", "layouts", 1, 12),
        ("absent", "", 0, 1),
        ("2", "", 0, 1),
    ],
)
def test_key_is_found_inside_its_section(key: str, section: str, nth: int, line: int) -> None:
    error = Lines(TEXT, "mine.toml").fault(key, "wrong", section, nth)
    assert (error.line, error.path, error.reason) == (line, "mine.toml", "wrong")


def test_text_that_is_not_toml_is_told_with_its_line() -> None:
    broken = TEXT + "= 3\n"
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(broken)
    assert Lines(broken, "mine.toml").syntax(caught.value).line == 13
