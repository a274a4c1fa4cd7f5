"""Explaining: every byte of a good message is in the table, secrets are not, faults have places."""

import json

import pytest
from hypothesis import given

from pointsman.codecs.codec import get_spec
from pointsman.codecs.explain import as_json, explain, lines
from pointsman.codecs.framing import get_framing
from pointsman.codecs.meaning import meaning_of
from pointsman.codecs.opening import bare, open_framed
from tests.codecs.golden import Golden, golden, golden_messages
from tests.codecs.samples import mutations

SALE = golden("cup-sale-chip-pin-req")


@pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)
def test_table_covers_the_message_and_hides_its_secrets(message: Golden) -> None:
    explained = explain(message.body, bare(message.body), get_spec(message.dialect))
    assert explained.error is None
    table = list(lines(explained))
    covered = sum(line.size for line in table)
    prefixes = sum(
        row.prefix.size
        for n in message.fields
        if (row := get_spec(message.dialect).fields[n]).prefix
    )
    assert covered + prefixes == len(message.body)
    shown = repr(table) + json.dumps(as_json(explained)) + repr(explained)
    for number in (2, 35, 52):
        if number in message.fields:
            assert message.fields[number] not in shown


def test_frame_is_explained_with_its_addresses() -> None:
    opening = open_framed(SALE.wire, get_framing("tpdu-header"))
    assert opening is not None
    table = list(lines(explain(SALE.wire, opening, get_spec("cup-bcd"))))
    assert [line.label for line in table[:3]] == ["length", "TPDU", "header"]
    assert table[1].name == "to 0501, from 0000"
    assert table[2].name == "class 60, state 0, asks 0"
    assert table[3].offset == 13


@given(mutations(SALE.wire))
def test_any_bytes_can_be_explained(wire: bytes) -> None:
    opening = open_framed(wire, get_framing("tpdu-header")) or bare(wire)
    explained = explain(wire, opening, get_spec("cup-bcd"))
    shown = as_json(explained)
    json.dumps(shown)
    list(lines(explained, unmasked=True))
    if explained.error is not None:
        assert 0 <= explained.error.offset <= len(wire)


def test_private_data_of_another_kind_is_no_fault() -> None:
    message = golden("host-ascii-reversal-req-real")
    explained = explain(message.body, bare(message.body), get_spec(message.dialect))
    assert explained.error is None
    assert any("not divided" in line.name for line in lines(explained))


def test_words_for_values() -> None:
    assert meaning_of(22, "051") == "contact chip, PIN entered"
    assert meaning_of(3, "310000") == "balance inquiry"
    assert meaning_of(39, "51") == "not enough funds"
    assert meaning_of(39, "ZZ") == meaning_of(11, "000001") == meaning_of(22, "05") == ""
