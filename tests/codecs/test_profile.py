"""Dialect files: what they say, what a variant inherits, and the line of every mistake."""

import pytest

from pointsman.codecs.codec import codec_names, get_spec
from pointsman.codecs.errors import SpecError
from pointsman.codecs.profile import load_spec
from pointsman.codecs.profile_text import profile_text
from pointsman.codecs.spec import Coding, Show, Spec

HEAD = """\
name = "mine"
title = "an acquirer's own"
framing = "len2"
mti = "bcd"
bitmap = "binary"

[fields]
3 = { name = "processing_code", kind = "n", size = 6, coding = "bcd" }
"""


def load(text: str) -> Spec:
    return load_spec(text, "mine.toml", get_spec)


def mistake(text: str) -> SpecError:
    with pytest.raises(SpecError) as caught:
        load(text)
    assert str(caught.value).startswith(f"mine.toml:{caught.value.line}: ")
    return caught.value


def test_smallest_dialect() -> None:
    spec = load(HEAD)
    assert (spec.mti, spec.bitmap, list(spec.fields)) == (Coding.BCD, Coding.BINARY, [3])
    assert spec.fields[3].show is Show.SHOW


def test_variant_says_only_what_differs() -> None:
    spec = load(
        'name = "mine"\ntitle = "mine"\nbase = "cup-bcd"\n[fields]\n35 = { pad = "right F" }\n'
        '36 = false\n47 = { name = "own", kind = "ans", size = 99, coding = "ascii", '
        'length = "bcd 1 bytes", show = "hide" }\n'
    )
    base = get_spec("cup-bcd")
    assert set(base.fields) - set(spec.fields) == {36}
    assert set(spec.fields) - set(base.fields) == {47}
    changed = {n for n in spec.fields if n in base.fields and spec.fields[n] != base.fields[n]}
    assert changed == {35}
    assert spec.layouts == base.layouts
    assert (spec.framing, spec.base) == ("tpdu-header", "cup-bcd")


def test_variant_replaces_the_layouts_of_a_field() -> None:
    own = '\n[[layouts]]\nfield = 61\nkind = "positions"\nparts = [{ key = "all", size = 9 }]\n'
    spec = load('name = "mine"\ntitle = "mine"\nbase = "cup-bcd"\n' + own)
    assert [one.parts[0].key for one in spec.layouts if one.field == 61] == ["all"]
    assert len(spec.layouts) == len(get_spec("cup-bcd").layouts)


@pytest.mark.parametrize("name", codec_names())
def test_written_out_dialect_is_the_same_dialect(name: str) -> None:
    spec = get_spec(name)
    again = load(profile_text(spec))
    assert again.fields == spec.fields
    assert again.layouts == spec.layouts
    assert again.version == spec.version


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{ size = 0 }", "size must be"),
        ("{ size = true }", "size must be"),
        ('{ size = "6" }', "size must be"),
        ('{ kind = "an" }', "kind must be one of n, z"),
        ('{ coding = "utf-8" }', "coding must be one of bcd"),
        ('{ coding = "gbk" }', "kind n is written in bcd, ascii, ebcdic"),
        ('{ lenght = "fixed" }', "unknown column 'lenght'"),
        ('{ length = "bcd" }', "length is"),
        ('{ length = "bcd 5 digits" }', "length is"),
        ('{ length = "gbk 2 bytes" }', "a length is written in"),
        ('{ length = "bcd 1 octets" }', "only hex fields count octets"),
        ('{ length = "bcd 1 digits", size = 100 }', "does not fit a length of at most 99"),
        ('{ length = "ascii 1 digits", size = 10 }', "does not fit a length of at most 9"),
        ('{ length = "binary 1 digits", size = 256 }', "does not fit a length of at most 255"),
        ('{ pad = "middle 0" }', "pad side must be one of"),
        ('{ pad = "right X" }', "pad is a side and a nibble"),
        ('{ show = "no" }', "show must be one of show, mask, hide"),
        ('{ name = "" }', "name must be text"),
        ('{ kind = "x+n", size = 8 }', "packed x+n"),
        ('{ kind = "x+n", size = 1 }', "a sign and at least one digit"),
        ('{ kind = "ans", coding = "gbk" }', "fixed text cannot be gbk"),
        ('{ kind = "ans", coding = "ascii", length = "bcd 1 digits" }', "text is counted in bytes"),
        ("7", "a row is written"),
        ("false", "not in the base"),
    ],
)
def test_mistake_in_a_row_is_told_with_its_line(row: str, reason: str) -> None:
    whole = '{ name = "x", kind = "n", size = 6, coding = "bcd" }'
    columns = f"{whole[:-2]}, {row[2:]}" if row.startswith("{") else row
    if row.startswith("{"):
        # A column may stand once: the tested one replaces that of the whole row.
        given = row[2:].split(" = ", maxsplit=1)[0]
        others = [
            part
            for part in whole[2:-2].split(", ")
            if part.split(" = ")[0] not in {p.split(" = ")[0] for p in row[2:-2].split(", ")}
        ]
        columns = "{ " + ", ".join([*others, row[2:-2]]) + " }"
        assert given in columns
    error = mistake(HEAD + "\n# a remark\n4 = " + columns + "\n")
    assert error.line == 11
    assert reason in error.reason
    assert "field 4" in error.reason


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('mti = "bcd"', 'mti = "binary"', 4, "mti must be one of"),
        ('bitmap = "binary"', 'bitmap = "bcd"', 5, "bitmap must be"),
        ('framing = "len2"', "framing = 2", 3, "framing must be text"),
        ('framing = "len2"', 'framing = "len3"', 3, "no framing 'len3'; there are tpdu-header"),
        ('framing = "len2"', 'framing = "len2"\nversion = "1988"', 4, "version must be one of"),
        ('framing = "len2"', 'farming = "len2"', 3, "unknown key 'farming'"),
        ('framing = "len2"', 'base = "cup-bdc"', 3, "no dialect 'cup-bdc'"),
        ('name = "mine"', "", 1, "name is missing"),
        ("3 = {", "03 = {", 8, "is not a number from 2 to 128"),
        ("3 = {", "1 = {", 8, "is not a number from 2 to 128"),
        ("3 = {", "129 = {", 8, "is not a number from 2 to 128"),
        ("3 = {", "65 = {", 8, "third bitmap"),
        ("3 = {", "x = {", 8, "is not a number from 2 to 128"),
        ("3 = {", "3 = [", 8, "not TOML"),
        ("[fields]", "[[fields]]", 7, "fields must be a section"),
    ],
)
def test_mistake_elsewhere_is_told_with_its_line(
    old: str, new: str, line: int, reason: str
) -> None:
    error = mistake(HEAD.replace(old, new))
    assert error.line == line
    assert reason in error.reason


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ('field = 4\nkind = "positions"', "has no field 4"),
        ('field = 3\nkind = "json"', "kind must be one of"),
        ('field = 3\nkind = "positions"', "positions need parts"),
        ('field = 3\nkind = "positions"\nparts = [{ key = "a" }]', "needs a size"),
        ('field = 3\nkind = "positions"\nparts = [{ size = 3 }]', "a part is"),
        ('field = 3\nkind = "positions"\nparts = 3', "parts is a list"),
        ('field = 3\nkind = "ber"\ncolour = 1', "unknown key 'colour'"),
        ('field = 3\nkind = "ber"\nmti = 200', "mti must be text"),
        ('field = 3\nkind = "tags"\ntag_size = -1', "tag_size must be a number"),
        ('field = 3\nkind = "tags"\nparts = [{ key = "A", show = "x" }]', "show must be"),
        (
            'field = 3\nkind = "positions"\nrepeat_after = 1\nparts = [{ key = "a", size = 1 }]',
            "nothing is left to repeat",
        ),
    ],
)
def test_mistake_in_a_layout_is_told_with_its_line(table: str, reason: str) -> None:
    good = '[[layouts]]\nfield = 3\nkind = "ber"\n\n'
    error = mistake(HEAD + good + "[[layouts]]\n" + table + "\n")
    assert error.line == 14
    assert reason in error.reason


def test_layouts_must_be_tables() -> None:
    assert "[[layouts]]" in mistake("layouts = 3\n" + HEAD).reason
