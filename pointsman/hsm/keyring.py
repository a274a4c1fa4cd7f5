"""Key blocks into ready tools: two bounded caches in front of unwrap and policy.

Every use of a key passes here, so the usage table is asked for every key and operation. An opened
key is kept by the block's digest, as little more than its own bytes; the ciphers made of it, twenty
times that size, only for the keys that are busy. What tools do is ``engine``'s.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Generic, TypeVar

from pointsman.hsm.dukpt import Bdk
from pointsman.hsm.keyblock import OpenedBlock, Wrapper
from pointsman.hsm.keyheader import Header, KeyBlockError, pad_size
from pointsman.hsm.keys import KeyLife, Kind, State, check_value, header_of, in_state, life_of
from pointsman.hsm.mac import MacMaker
from pointsman.hsm.macform import maker
from pointsman.hsm.pinblock import Fill
from pointsman.hsm.policy import Operation, check_use
from pointsman.hsm.primitives import Algorithm, Blocks, decryptor, encryptor

GENERATION_MAX = 60_000  # opened keys for each operation in each of two generations: 0.25 KB each
READY_MAX = 10_000  # ready tools, likewise: 1.2 KB each
RETAIL_READY_MAX = 5_000  # two ciphers each: 2.5 KB
BLOCK_DIGEST_SIZE = 16
ENDS_SIZE = 5  # an end of life as bytes: seconds
LIFE = (State.PENDING, State.ACTIVE, State.RETIRED, State.DESTROYED)

Tool = TypeVar("Tool")


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """A key that an operation may use, and when it ends (0: never)."""

    ends_s: int
    algorithm: Algorithm
    key: bytes = field(repr=False)


class ToolCache(Generic[Tool]):
    """Tools for one operation; of either cache the least recently used half is dropped at once.

    ``open_key`` asks the policy, ``make`` makes a tool of what may be used.
    """

    __slots__ = (
        "_idle",
        "_make",
        "_old",
        "_open_key",
        "_ready",
        "_young",
        "generation_max",
        "ready_max",
    )

    def __init__(
        self,
        open_key: Callable[[bytes], OpenedKey],
        make: Callable[[Algorithm, bytes], Tool],
        generation_max: int = GENERATION_MAX,
        ready_max: int = READY_MAX,
    ) -> None:
        self._open_key = open_key
        self._make = make
        self._ready: dict[bytes, tuple[int, Tool]] = {}
        self._idle: dict[bytes, tuple[int, Tool]] = {}
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}
        self.generation_max = generation_max
        self.ready_max = ready_max

    def get(self, block: bytes, now_s: int) -> Tool:
        """Return the tool of a key block; raises NotAllowed or KeyBlockError."""
        found = self._ready.get(block)
        if found is None:
            found = self._idle.get(block) or self._made(block)
            if len(self._ready) >= self.ready_max:
                self._idle, self._ready = self._ready, {}
            self._ready[block] = found
        ends_s, tool = found
        if ends_s and now_s >= ends_s:
            self._open_key(block)  # refuses, and says why
        return tool

    def _made(self, block: bytes) -> tuple[int, Tool]:
        digest = block_digest(block)
        kept = self._young.get(digest)
        if kept is None:
            kept = self._old.get(digest) or _packed(self._open_key(block))
            if len(self._young) >= self.generation_max:
                self._old, self._young = self._young, {}
            self._young[digest] = kept
        algorithm = _ALGORITHMS[kept[0]]
        return int.from_bytes(kept[1 : 1 + ENDS_SIZE]), self._make(algorithm, kept[1 + ENDS_SIZE :])

    @property
    def ready(self) -> int:
        """How many keys have a tool at hand."""
        return len(self._ready) + len(self._idle)

    def __len__(self) -> int:
        return len(self._young) + len(self._old)


class Keyring:
    """The LMK made ready, and what it has opened."""

    def __init__(self, lmk: Wrapper, clock: Callable[[], int], generation_max: int) -> None:
        self._lmk = lmk
        self._clock = clock
        self._most = generation_max
        self.pin_in = self._cache(Operation.PIN_IN, _both(decryptor))
        self.pin_out = self._cache(Operation.PIN_OUT, _both(encryptor))
        self.wrap = self._cache(Operation.WRAP, _both(encryptor))
        self.unwrap = self._cache(Operation.UNWRAP, _both(decryptor))
        self.wrap_block = self._cache(Operation.WRAP_BLOCK, _wrapper)
        self.unwrap_block = self._cache(Operation.UNWRAP_BLOCK, _wrapper)
        self.track_open = self._cache(Operation.TRACK_OPEN, _both(decryptor))
        self.derive = self._cache(Operation.DERIVE, _bdk)
        self.card_value = self._cache(Operation.CARD_VALUE, _bare)
        self.pin_value = self._cache(Operation.PIN_VALUE, _bare)
        self.cryptogram = self._cache(Operation.CRYPTOGRAM, _bare)
        self.mac: dict[Operation, ToolCache[MacMaker]] = {
            operation: self._macs(operation)
            for operation in (
                Operation.MAC_CUP,
                Operation.MAC_CBC,
                Operation.MAC_RETAIL,
                Operation.MAC_CMAC,
            )
        }

    def open(self, block: bytes) -> tuple[KeyLife, OpenedBlock]:
        """Open one of our own blocks; raises KeyBlockError."""
        opened = self._lmk.open(block)
        return life_of(opened.header), opened

    def open_for(self, block: bytes, operation: Operation) -> tuple[KeyLife, OpenedBlock]:
        """Open one of our own blocks for an operation; raises NotAllowed too."""
        life, opened = self.open(block)
        check_use(operation, life, Algorithm(opened.header.algorithm), self._clock())
        return life, opened

    def seal(
        self, kind: Kind, key: bytes, owner: str, expires_s: int, random: Fill
    ) -> tuple[bytes, str]:
        """Return a new block of ours and the key's check value."""
        algorithm = kind.row.algorithm
        kcv = check_value(algorithm, key)
        life = KeyLife(kind, owner, kcv, self._clock(), expires_s)
        return self.seal_as(header_of(life, algorithm), key, random), kcv

    def seal_as(self, header: Header, key: bytes, random: Fill) -> bytes:
        """Seal a key under the header given."""
        return self._lmk.seal(header, key, random(pad_size(header, len(key))))

    def in_state(self, block: bytes, state: State, random: Fill) -> tuple[bytes, str]:
        """Return the same key in a later state; raises KeyBlockError for an earlier one."""
        life, opened = self.open(block)
        if LIFE.index(state) < LIFE.index(life.state) or life.state is State.DESTROYED:
            raise KeyBlockError("a key's life goes forward only")
        return self.seal_as(in_state(opened.header, state), opened.key, random), life.kcv

    def __len__(self) -> int:
        macs = sum(len(cache) for cache in self.mac.values())
        return len(self.pin_in) + len(self.pin_out) + len(self.wrap) + len(self.unwrap) + macs

    def _cache(
        self,
        operation: Operation,
        build: Callable[[Algorithm, bytes], Tool],
        ready_max: int = READY_MAX,
    ) -> ToolCache[Tool]:
        def open_key(block: bytes) -> OpenedKey:
            life, opened = self.open_for(block, operation)
            return OpenedKey(life.expires_s, life.kind.row.algorithm, opened.key)

        return ToolCache(open_key, build, self._most, ready_max)

    def _macs(self, operation: Operation) -> ToolCache[MacMaker]:
        ready_max = RETAIL_READY_MAX if operation is Operation.MAC_RETAIL else READY_MAX
        return self._cache(operation, partial(maker, operation), ready_max)


def block_digest(block: bytes) -> bytes:
    """Return what a key block, or a key, is remembered by: sixteen bytes."""
    return blake2b(block, digest_size=BLOCK_DIGEST_SIZE).digest()


def _both(
    make: Callable[[Algorithm, bytes], Blocks],
) -> Callable[[Algorithm, bytes], tuple[Algorithm, Blocks]]:
    return lambda algorithm, key: (algorithm, make(algorithm, key))


def _wrapper(algorithm: Algorithm, key: bytes) -> Wrapper:
    return Wrapper(key, algorithm)


def _bdk(algorithm: Algorithm, key: bytes) -> Bdk:
    return Bdk(algorithm, key, block_digest(key))


def _bare(algorithm: Algorithm, key: bytes) -> tuple[Algorithm, bytes]:
    return algorithm, key


_ALGORITHMS = {ord(algorithm.value): algorithm for algorithm in Algorithm}


def _packed(opened: OpenedKey) -> bytes:
    """Return an opened key as one short value: thousands of terminals' keys wait in this form."""
    return opened.algorithm.value.encode() + opened.ends_s.to_bytes(ENDS_SIZE) + opened.key
