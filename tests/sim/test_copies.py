"""Two copies at once: the approval is believed, and one that was not looked at says nothing."""

from collections import deque
from dataclasses import dataclass, field

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.sim.copies import both
from pointsman.sim.terminal_link import Answered

POS = get_codec("cup-bcd")


def answered(code: str) -> Answered:
    return Answered(POS.decode(POS.encode("0210", {11: "000001", 39: code})), 0)


@dataclass
class Lines:
    """A session whose kept and fresh line answer what they are told to."""

    kept: Answered | None
    fresh: Answered | None
    asked: deque[bool] = field(default_factory=deque)

    async def exchange(
        self, _mti: str, _name: str, _body: bytes, *, fresh: bool = False
    ) -> Answered | None:
        self.asked.append(fresh)
        return self.fresh if fresh else self.kept


@pytest.mark.parametrize(
    ("kept", "fresh", "codes"),
    [
        ("98", "00", ["00", "98"]),
        ("00", "98", ["00", "98"]),
        ("", "05", ["05", None]),
        ("96", "", [None, None]),
        ("", "", [None, None]),
    ],
)
async def test_the_better_answer_comes_first(
    kept: str, fresh: str, codes: list[str | None]
) -> None:
    lines = Lines(answered(kept) if kept else None, answered(fresh) if fresh else None)
    answers = await both(lines, "0200", "000001", b"")  # type: ignore[arg-type]  # its one method
    assert [one.message.get(39) if one else None for one in answers] == codes
    assert sorted(lines.asked) == [False, True]
