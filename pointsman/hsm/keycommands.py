"""What may be asked about keys: make, import, export, describe, enter, move; and the answers.

Values only, as ``commands``, which shows all of these under its own name too: import them from
there. Keys are key blocks (ASCII ``bytes``) and never show in a repr.
"""

from dataclasses import dataclass, field

from pointsman.hsm.macmethod import MacMethod


@dataclass(frozen=True, slots=True)
class NewTerminalKeys:
    """Fresh working keys for a sign-in, under the terminal's master key.

    ``layout`` is field 60.3: "003" (PIK and MAK), "001" (single length), "004" (with TDK).
    ``again`` are the blocks of a set that this owner was given before, in the order of the layout:
    they are told once more, and what they leave out is new.
    """

    tmk: bytes = field(repr=False)
    layout: str
    owner: str = ""
    method: MacMethod = MacMethod.CUP_ECB
    long_mak: bool = False  # sixteen bytes where the method allows eight
    again: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class TerminalKeys:
    """The new keys as key blocks, and field 62 for the terminal (POS protocol, section 5)."""

    tpk: bytes = field(repr=False)
    tak: bytes = field(repr=False)
    tdk: bytes | None = field(repr=False)
    field62: bytes = field(repr=False)
    kcvs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewKey:
    """A random key of a kind (``keys.Kind`` by name); ``size`` 0 is the kind's first length.

    A terminal's master key is told ``under`` a ZMK as well, if one is named: for whoever loads it.
    """

    usage: str
    owner: str = ""
    expires_s: int = 0
    size: int = 0
    under: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ImportKey:
    """A clear key into the HSM: laboratory mode only, for published test keys and simulators."""

    usage: str
    clear_hex: str = field(repr=False)
    owner: str = ""
    expires_s: int = 0


@dataclass(frozen=True, slots=True)
class ImportUnder:
    """A key that a partner sent under the ZMK (TDES, ECB, half by half); ``kcv`` 2 to 8 bytes."""

    zmk: bytes = field(repr=False)
    usage: str
    wrapped: bytes = field(repr=False)
    kcv: bytes
    owner: str = ""
    expires_s: int = 0


@dataclass(frozen=True, slots=True)
class ImportBlock:
    """A key that a partner sent as an X9.143 block (A to D) under a KBPK or ZMK."""

    kbpk: bytes = field(repr=False)
    usage: str
    block: bytes = field(repr=False)
    owner: str = ""
    expires_s: int = 0


@dataclass(frozen=True, slots=True)
class ExportUnder:
    """One of our keys for a partner: TDES ECB under a ZMK, or an X9.143 D block under a KBPK.

    Two custodians ask for the same within a quarter of an hour; the second one is given it.
    """

    wrapping: bytes = field(repr=False)
    key: bytes = field(repr=False)
    custodian: str = ""


@dataclass(frozen=True, slots=True)
class ExportWaits:
    """One person has asked; another one must, within so many seconds."""

    kcv: str
    wait_s_max: int


@dataclass(frozen=True, slots=True)
class Exported:
    """A wrapped key and its check value."""

    wrapped: bytes = field(repr=False)
    kcv: str


@dataclass(frozen=True, slots=True)
class KeyMade:
    """A new key block and its check value; ``wrapped`` is the key under the ZMK that was named."""

    block: bytes = field(repr=False)
    kcv: str
    wrapped: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SetState:
    """The same key in another state: pending, active, retired or destroyed (by name)."""

    block: bytes = field(repr=False)
    state: str


@dataclass(frozen=True, slots=True)
class Describe:
    """What a block says of its key."""

    block: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Described:
    """Kind, owner, check value and life of a key; times in seconds since 1970, 0 = no end."""

    usage: str
    algorithm: str
    owner: str
    kcv: str
    state: str
    created_s: int
    expires_s: int


@dataclass(frozen=True, slots=True)
class Component:
    """One custodian's part of a key under entry; the first one opens the entry."""

    entry: str
    usage: str
    custodian: str
    number: int
    of: int
    clear_hex: str = field(repr=False)
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ComponentTaken:
    """A component's check value; the last one also gives the key."""

    component_kcv: str
    missing: int
    made: KeyMade | None = None


@dataclass(frozen=True, slots=True)
class Rewrap:
    """Blocks under the old LMK, to be sealed under the current one; order is kept."""

    blocks: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """The same keys under the current LMK; empty bytes where a block could not be opened."""

    blocks: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reseal:
    """PAN cipher texts and their rows, to be enciphered under the current data key."""

    items: tuple[tuple[bytes, bytes], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Resealed:
    """The new cipher texts; empty bytes where one could not be opened."""

    ciphers: tuple[bytes, ...] = field(repr=False)
