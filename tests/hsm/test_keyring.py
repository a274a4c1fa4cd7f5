"""The caches in front of unwrap and policy: bounded, kept by use, never a way around the policy."""

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.keyring import OpenedKey, ToolCache, block_digest
from pointsman.hsm.policy import NotAllowed
from pointsman.hsm.primitives import Algorithm
from tests.hsm.laboratory import MAK, PAN, PIK, TMK, ZPK, Laboratory

END_S = (1 << 36) - 1  # the last second that a block's expiry can say


class Builder:
    """Counts what is opened and what is made; a key that ends is refused when its time has come."""

    def __init__(self) -> None:
        self.opened: list[bytes] = []
        self.made: list[bytes] = []
        self.now_s = 0

    def open_key(self, block: bytes) -> OpenedKey:
        self.opened.append(block)
        ends_s = END_S if block.startswith(b"ends") else 0
        if ends_s and self.now_s >= ends_s:
            raise NotAllowed("expired")
        return OpenedKey(ends_s, Algorithm.SM4, block)

    def make(self, algorithm: Algorithm, key: bytes) -> bytes:
        assert algorithm is Algorithm.SM4
        self.made.append(key)
        return key.upper()

    def cache(self, generation_max: int, ready_max: int = 2) -> ToolCache[bytes]:
        return ToolCache(self.open_key, self.make, generation_max, ready_max)


def test_a_key_is_opened_and_made_ready_once() -> None:
    builder = Builder()
    cache = builder.cache(10)
    assert [cache.get(b"a", 0) for _ in range(3)] == [b"A"] * 3
    assert builder.opened == builder.made == [b"a"]


def test_cache_holds_at_most_two_generations_and_what_is_used() -> None:
    builder = Builder()
    cache = builder.cache(3)
    for number in range(100):
        cache.get(b"%d" % number, 0)
        cache.get(b"busy", 0)
        assert len(cache) <= 6
    assert builder.opened.count(b"busy") == 1


def test_of_many_keys_few_are_ready_and_none_is_opened_again() -> None:
    builder = Builder()
    cache = builder.cache(100, ready_max=5)
    names = [b"%d" % number for number in range(100)]
    for _ in range(3):
        for name in names:
            assert cache.get(name, 0) == name
            assert cache.ready <= 10
    assert builder.opened == names
    assert len(builder.made) == 300
    assert len(cache) == 100


def test_refused_block_is_asked_again_each_time() -> None:
    builder = Builder()
    builder.now_s = END_S
    cache = builder.cache(3)
    for _ in range(2):
        with pytest.raises(NotAllowed):
            cache.get(b"ends", END_S)
    assert len(builder.opened) == 2
    assert len(cache) == 0


@pytest.mark.parametrize("others", [0, 1, 3, 6])
def test_kept_key_ends_with_its_time_wherever_it_is_kept(others: int) -> None:
    builder = Builder()
    cache = builder.cache(4, ready_max=2)
    assert cache.get(b"ends", END_S - 1) == b"ENDS"
    for number in range(others):
        cache.get(b"%d" % number, END_S - 1)
    builder.now_s = END_S
    with pytest.raises(NotAllowed):
        cache.get(b"ends", END_S)


@pytest.mark.parametrize("usage", ["TPK", "TPK_SINGLE", "TPK_AES", "TPK_SM4"])
def test_opened_key_is_the_same_after_its_tool_was_dropped(usage: str) -> None:
    """Algorithm, end and bytes survive the short form: what is made again does the same."""
    lab = Laboratory()
    size = {"TPK_SINGLE": 8}.get(usage, 16)
    tools = lab.engine.keys.pin_in
    block = lab.key(usage, PIK[:size], expires_s=lab.now_s + 100)
    algorithm, before = tools.get(block, lab.now_s)
    expected = before(bytes(16))
    tools.ready_max = 1
    for clear in (TMK, ZPK):
        tools.get(lab.key("TPK", clear), lab.now_s)
    again, after = tools.get(block, lab.now_s)
    assert after is not before
    assert again is algorithm
    assert after(bytes(16)) == expected
    lab.now_s += 100
    with pytest.raises(NotAllowed):
        tools.get(block, lab.now_s)


def test_a_kept_key_serves_its_own_operation_alone() -> None:
    lab = Laboratory()
    tak, zpk = lab.key("TAK", MAK), lab.key("ZPK", ZPK)
    assert isinstance(
        lab.ask(c.Inbound(make=c.MacMake(tak, c.MacMethod.CUP_ECB, b"x"))), c.InboundDone
    )
    assert isinstance(lab.ask(c.Outbound(pin=c.PinTranslate(tak, zpk, bytes(8), PAN))), c.Refused)


def test_two_blocks_have_two_digests() -> None:
    assert len({block_digest(b"%d" % n) for n in range(1_000)}) == 1_000
    assert len(block_digest(b"")) == 16
