"""The cache in front of unwrap and policy: bounded, kept by use, never a way around the policy."""

import pytest

from pointsman.hsm.keyring import ToolCache, block_digest
from pointsman.hsm.policy import NotAllowed


class Builder:
    """Counts what is built; a key that ends is refused when its time has come."""

    def __init__(self) -> None:
        self.built: list[bytes] = []
        self.now_s = 0

    def __call__(self, block: bytes) -> tuple[int, bytes]:
        self.built.append(block)
        ends_s = 10 if block.startswith(b"ends") else 0
        if ends_s and self.now_s >= ends_s:
            raise NotAllowed("expired")
        return ends_s, block.upper()


def test_a_tool_is_built_once() -> None:
    builder = Builder()
    cache = ToolCache(builder, 10)
    assert [cache.get(b"a", 0) for _ in range(3)] == [b"A"] * 3
    assert builder.built == [b"a"]


def test_cache_holds_at_most_two_generations_and_what_is_used() -> None:
    builder = Builder()
    cache = ToolCache(builder, 3)
    for number in range(100):
        cache.get(b"%d" % number, 0)
        cache.get(b"busy", 0)
        assert len(cache) <= 6
    assert builder.built.count(b"busy") == 1


def test_refused_block_is_asked_again_each_time() -> None:
    builder = Builder()
    builder.now_s = 10
    cache = ToolCache(builder, 3)
    for _ in range(2):
        with pytest.raises(NotAllowed):
            cache.get(b"ends", 10)
    assert len(builder.built) == 2
    assert len(cache) == 0


def test_kept_tool_ends_with_its_key() -> None:
    builder = Builder()
    cache = ToolCache(builder, 2)
    assert cache.get(b"ends", 9) == b"ENDS"
    for name in (b"a", b"b", b"c"):
        cache.get(name, 9)
    builder.now_s = 10
    with pytest.raises(NotAllowed):
        cache.get(b"ends", 10)


def test_two_blocks_have_two_digests() -> None:
    assert len({block_digest(b"%d" % n) for n in range(1_000)}) == 1_000
    assert len(block_digest(b"")) == 16
