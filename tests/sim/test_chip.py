"""Field 55 of simulated chip cards, read again by the codecs' own TLV reader."""

from pointsman.codecs.tlv import parse_tlv
from pointsman.sim.chip import chip_data, reversal_chip_data
from pointsman.sim.terminal_rows import Entry
from tests.codecs.golden import golden
from tests.sim.test_pos_messages import asked

CHIP = asked(entry=Entry.CHIP, card="union-19", stan="000121")


def test_the_tags_are_those_of_the_golden_request() -> None:
    made = parse_tlv(bytes.fromhex(chip_data(CHIP, bytes(range(12)))))
    expected = parse_tlv(bytes.fromhex(golden("cup-sale-chip-pin-req").fields[55]))
    assert [one.tag for one in made] == [one.tag for one in expected]
    assert [len(one.value) for one in made] == [len(one.value) for one in expected]
    values = {one.tag: one.value.hex() for one in made}
    assert values["9F02"] == "000000010000"
    assert values["5F2A"] == "0156"
    assert values["9F41"] == "00000121"
    assert values["9A"] == "260315"


def test_the_reversal_has_the_reduced_set() -> None:
    made = parse_tlv(bytes.fromhex(reversal_chip_data(CHIP)))
    assert [one.tag for one in made] == ["95", "9F1E", "9F36"]
