"""How plausible decoded values are: golden ones much, accidents little."""

import pytest

from pointsman.codecs.codec import get_spec
from pointsman.codecs.plausible import VERSION_DIGITS, plausibility
from pointsman.codecs.profile import VERSIONS
from pointsman.codecs.walk import walk_far
from pointsman.codecs.write import walk_encode
from tests.codecs.golden import Golden, golden_messages


@pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)
def test_golden_messages_are_plausible(message: Golden) -> None:
    spec = get_spec(message.dialect)
    assert plausibility(spec, walk_far(spec, message.body)) >= 0.75


def test_accidents_are_not() -> None:
    spec = get_spec("cup-bcd")
    fields = {7: "", 12: "999999", 13: "9999", 14: "9999", 41: "%$%$%$%$", 49: "000", 55: "FF"}
    body, _ = walk_encode(spec, "9999", {n: v for n, v in fields.items() if n in spec.fields})
    assert plausibility(spec, walk_far(spec, body)) < 0.2
    assert plausibility(spec, walk_far(spec, b"")) == 0


def test_every_version_says_how_its_types_begin() -> None:
    assert set(VERSION_DIGITS) == set(VERSIONS)
