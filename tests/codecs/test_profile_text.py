"""Dialects as text: escapes, layouts; reading them back is in test_profile.py."""

import tomllib
from dataclasses import replace

from pointsman.codecs.codec import get_spec
from pointsman.codecs.profile_text import profile_text, row_text


def test_row_is_one_line_of_columns() -> None:
    line = row_text(get_spec("cup-bcd").fields[35])
    assert line == (
        '35  = { name = "track2", kind = "z", size = 37, coding = "bcd", '
        'length = "bcd 1 digits", pad = "right 0", show = "hide" }'
    )


def test_words_with_quotes_and_other_scripts_survive() -> None:
    title = 'the "bank" \\ 银联'
    text = profile_text(replace(get_spec("cup-bcd"), title=title))
    assert tomllib.loads(text)["title"] == title


def test_variant_is_written_out_without_its_base() -> None:
    document = tomllib.loads(profile_text(get_spec("cup-bcd-track2F")))
    assert "base" not in document
    assert document["fields"]["35"]["pad"] == "right F"
    assert len(document["layouts"]) == len(get_spec("cup-bcd").layouts)
