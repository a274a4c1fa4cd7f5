"""JSON for commands: what two readers could take for two things is refused."""

import pytest

from pointsman.cli.strict_json import load


def test_json_is_what_it_says() -> None:
    assert load('{"a": [1, {"b": null}], "c": "x"}') == {"a": [1, {"b": None}], "c": "x"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"mti": "0200", "mti": "0400"}', "member 'mti' stands twice"),
        ('{"fields": {"4": "1", "4": "2"}}', "member '4' stands twice"),
        ('{"a": NaN}', "NaN is no JSON"),
        ('{"a":\n]', "at line 2"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_in_doubt_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        load(text)
