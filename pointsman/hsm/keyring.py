"""Key blocks into ready tools, once: a bounded cache in front of unwrap and policy.

Every use of a key passes here, so the usage table is asked for every key and operation. A tool is
kept by the block's digest; the HSM itself remembers no key. What tools do is ``engine``'s.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Generic, TypeVar

from pointsman.hsm.keyblock import OpenedBlock, Wrapper
from pointsman.hsm.keyheader import Header, KeyBlockError, pad_size
from pointsman.hsm.keys import KeyLife, Kind, State, check_value, header_of, in_state, life_of
from pointsman.hsm.mac import MacMaker
from pointsman.hsm.macform import maker
from pointsman.hsm.pinblock import Fill
from pointsman.hsm.policy import Operation, check_use
from pointsman.hsm.primitives import Algorithm, Blocks, decryptor, encryptor, small

GENERATION_MAX = 60_000  # tools for each operation in each of two generations: 1 KB each
BLOCK_DIGEST_SIZE = 16
LIFE = (State.PENDING, State.ACTIVE, State.RETIRED, State.DESTROYED)

Tool = TypeVar("Tool")


class ToolCache(Generic[Tool]):
    """Tools for one operation, the least recently used half dropped when the younger is full."""

    __slots__ = ("_build", "_ends", "_old", "_young", "generation_max")

    def __init__(self, build: Callable[[bytes], tuple[int, Tool]], generation_max: int) -> None:
        self._build = build
        self._young: dict[bytes, Tool] = {}
        self._old: dict[bytes, Tool] = {}
        self._ends: dict[bytes, int] = {}  # only of keys that expire
        self.generation_max = generation_max

    def get(self, block: bytes, now_s: int) -> Tool:
        """Return the tool of a key block; raises NotAllowed or KeyBlockError."""
        digest = block_digest(block)
        if digest in self._ends and now_s >= self._ends[digest]:
            self._build(block)  # refuses, and says why
        tool = self._young.get(digest)
        if tool is not None:
            return tool
        tool = self._old.get(digest)
        if tool is None:
            ends_s, tool = self._build(block)
            if ends_s:
                self._ends[digest] = ends_s
        if len(self._young) >= self.generation_max:
            self._old, self._young = self._young, {}
            self._ends = {key: end for key, end in self._ends.items() if key in self._old}
        self._young[digest] = tool
        return tool

    def __len__(self) -> int:
        return len(self._young) + len(self._old)


class Keyring:
    """The LMK made ready, and what it has opened."""

    def __init__(self, lmk: Wrapper, clock: Callable[[], int], generation_max: int) -> None:
        self._lmk = lmk
        self._clock = clock
        self._most = generation_max
        self.pin_in = self._cache(Operation.PIN_IN, _both(_small_decryptor))
        self.pin_out = self._cache(Operation.PIN_OUT, _both(encryptor))
        self.wrap = self._cache(Operation.WRAP, _both(encryptor))
        self.unwrap = self._cache(Operation.UNWRAP, _both(decryptor))
        self.wrap_block = self._cache(Operation.WRAP_BLOCK, _wrapper)
        self.unwrap_block = self._cache(Operation.UNWRAP_BLOCK, _wrapper)
        self.track_open = self._cache(Operation.TRACK_OPEN, _both(decryptor))
        self.derive = self._cache(Operation.DERIVE, _bare)
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
        self, operation: Operation, build: Callable[[Algorithm, bytes], Tool]
    ) -> ToolCache[Tool]:
        def make(block: bytes) -> tuple[int, Tool]:
            life, opened = self.open_for(block, operation)
            return life.expires_s, build(Algorithm(opened.header.algorithm), opened.key)

        return ToolCache(make, self._most)

    def _macs(self, operation: Operation) -> ToolCache[MacMaker]:
        def make(block: bytes) -> tuple[int, MacMaker]:
            life, opened = self.open_for(block, operation)
            algorithm, many = Algorithm(opened.header.algorithm), life.kind is Kind.TAK_X9_19
            return life.expires_s, maker(operation, algorithm, opened.key, many=many)

        return ToolCache(make, self._most)


def block_digest(block: bytes) -> bytes:
    """Return what a key block is remembered by: sixteen bytes."""
    return blake2b(block, digest_size=BLOCK_DIGEST_SIZE).digest()


def _both(
    make: Callable[[Algorithm, bytes], Blocks],
) -> Callable[[Algorithm, bytes], tuple[Algorithm, Blocks]]:
    return lambda algorithm, key: (algorithm, make(algorithm, key))


def _small_decryptor(algorithm: Algorithm, key: bytes) -> Blocks:
    return decryptor(algorithm, key, small(algorithm))


def _wrapper(algorithm: Algorithm, key: bytes) -> Wrapper:
    return Wrapper(key, algorithm)


def _bare(algorithm: Algorithm, key: bytes) -> tuple[Algorithm, bytes]:
    return algorithm, key
