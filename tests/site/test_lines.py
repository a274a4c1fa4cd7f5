"""Lines of keys in a TOML text, however it is written."""

import json
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from pointsman.site.lines import Path, line_index, line_of

TEXT = """# a comment with [brackets] = and "quotes"
top = true

[acquirers.alpha] # comment
name = "a # no comment"
list = [
    1, # one
    [2, 3],
    { x = 1, "y z" = 'two' },
]

[merchants."89.8"]
text = \"\"\"
[not.a.table]
key = 1
\"\"\"
after.dotted."k\\u00e9y" = 'x'

[[rows]]
a = 1
[[rows]]
a = 2
[rows.sub]
b = 3
[[rows.inner]]
c = 4
"""


def test_every_kind_of_key_has_its_line() -> None:
    tomllib.loads(TEXT)
    index = line_index(TEXT)
    assert index == {
        ("top",): 2,
        ("acquirers", "alpha"): 4,
        ("acquirers", "alpha", "name"): 5,
        ("acquirers", "alpha", "list"): 6,
        ("acquirers", "alpha", "list", 0): 7,
        ("acquirers", "alpha", "list", 1): 8,
        ("acquirers", "alpha", "list", 1, 0): 8,
        ("acquirers", "alpha", "list", 1, 1): 8,
        ("acquirers", "alpha", "list", 2): 9,
        ("acquirers", "alpha", "list", 2, "x"): 9,
        ("acquirers", "alpha", "list", 2, "y z"): 9,
        ("merchants", "89.8"): 12,
        ("merchants", "89.8", "text"): 13,
        ("merchants", "89.8", "after", "dotted", "kéy"): 17,
        ("rows", 0): 19,
        ("rows", 0, "a"): 20,
        ("rows", 1): 21,
        ("rows", 1, "a"): 22,
        ("rows", 1, "sub"): 23,
        ("rows", 1, "sub", "b"): 24,
        ("rows", 1, "inner", 0): 25,
        ("rows", 1, "inner", 0, "c"): 26,
    }


def test_key_that_is_not_there_has_the_line_of_its_table() -> None:
    index = line_index(TEXT)
    assert line_of(index, ("acquirers", "alpha", "missing")) == 4
    assert line_of(index, ("rows", 1, "sub", "missing", "deeper")) == 23
    assert line_of(index, ("nowhere",)) == 1


_KEYS = st.text(min_size=1, max_size=6)
_LEAVES = st.one_of(st.booleans(), st.integers(-5, 5), st.text(max_size=8))
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3), max_leaves=6)


def _toml_text(text: str) -> str:
    """Write a basic string; JSON's escapes are TOML's but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(value: object, newline: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _toml_text(value)
        case list():
            return "[" + newline + f",{newline}".join(_toml(v, newline) for v in value) + "]"
        case _:
            return str(value)


def _leaves(value: object, path: Path) -> set[Path]:
    found = {path}
    if isinstance(value, list):
        for number, element in enumerate(value):
            found |= _leaves(element, (*path, number))
    return found


@given(
    st.dictionaries(_KEYS, st.dictionaries(_KEYS, _VALUES, max_size=4), max_size=4),
    st.sampled_from(["", "\n", " # ]\n\n"]),
)
def test_index_names_exactly_the_keys_that_the_parser_finds(
    tables: dict[str, dict[str, object]], newline: str
) -> None:
    lines: list[str] = []
    expected: set[Path] = set()
    where: dict[Path, int] = {}
    for table, keys in tables.items():
        where[table,] = "\n".join([*lines, ""]).count("\n") + 1
        lines.append(f"[{_toml_text(table)}]")
        expected.add((table,))
        for key, value in keys.items():
            where[table, key] = "\n".join([*lines, ""]).count("\n") + 1
            lines.append(f"{_toml_text(key)} = {_toml(value, newline)}")
            expected |= _leaves(value, (table, key))
    text = "\n".join(lines)
    tomllib.loads(text)
    index = line_index(text)
    assert set(index) == expected
    assert {path: index[path] for path in where} == where
