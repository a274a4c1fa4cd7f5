"""Messages cut out of some bytes: as many as there are, none behind a broken one."""

import pytest

from pointsman.codecs.codec import codec_names, get_spec
from pointsman.codecs.messages import BARE, candidates, verdicts
from tests.codecs.golden import golden

SALE = golden("cup-sale-chip-pin-req")


def test_each_message_of_a_stream_is_read_as_what_it_is() -> None:
    specs = [get_spec(name) for name in codec_names()]
    found = list(verdicts(SALE.wire * 3, specs, None))
    assert [wire for wire, _ in found] == [SALE.wire] * 3
    assert {verdict.best.spec.name for _, verdict in found} == {SALE.dialect}
    assert len(list(verdicts(SALE.wire * 3, specs, None, messages_max=2))) == 2
    broken = SALE.wire[:-4] + SALE.wire
    assert len(list(verdicts(broken, [get_spec(SALE.dialect)], SALE.framing))) <= 2


def test_a_framing_is_one_by_name_or_none_at_all() -> None:
    assert [one.framing for one in candidates(SALE.wire, BARE)] == [None]
    assert len(candidates(SALE.wire, None)) > 1
    with pytest.raises(KeyError):
        candidates(SALE.wire, "nowhere")
