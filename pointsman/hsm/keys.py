"""Kinds of keys, their check values, components and parity, and what our key blocks say of them.

A stored key is one version D block under the LMK; its optional blocks carry kind and owner (LB),
check value (KC), creation (TS), and end of life with state (10, a private number). Opening and
sealing is ``keyblock``; what a kind may do is ``policy``. A clear key has no repr.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from itertools import pairwise

from pointsman.hsm.keyheader import Header, KeyBlockError, Option
from pointsman.hsm.mac import Cmac
from pointsman.hsm.primitives import Algorithm, encryptor, xor_bytes

COMPONENTS_MIN, COMPONENTS_MAX = 2, 9
OWNER_SIZE_MAX = 40
USAGE_CUP_MAC = "10"  # X9.143 leaves numeric usages to us: the UnionPay POS MAC has none of its own
USAGE_TOKEN = "11"  # noqa: S105  (a usage code: keyed hash of card numbers)
OPTION_LIFE = "10"
EXPIRES_END_S = 1 << 36  # nine hex digits
LIFE_SIZE = 19  # created, expires: nine hex digits each; the state's letter


class State(Enum):
    """Where a key stands in its life."""

    PENDING = "P"
    ACTIVE = "A"
    RETIRED = "R"  # read with, written with no more: the grace time of a rotation
    DESTROYED = "D"


@dataclass(frozen=True, slots=True)
class KindRow:
    """What a kind of key is: X9.143 usage and mode, algorithm, and lengths in bytes."""

    usage: str
    mode: str
    algorithm: Algorithm
    sizes: tuple[int, ...]


class Kind(Enum):
    """What a key is for; a key that serves two rows does not exist."""

    ZMK = "ZMK"
    TMK = "TMK"
    KBPK = "KBPK"
    TPK = "TPK"
    TPK_SINGLE = "TPK_SINGLE"  # sign-in layout 001, laboratory only
    ZPK = "ZPK"
    ZPK_IN = "ZPK_IN"
    TPK_AES = "TPK_AES"
    ZPK_AES = "ZPK_AES"
    TPK_SM4 = "TPK_SM4"
    ZPK_SM4 = "ZPK_SM4"
    TAK = "TAK"
    TAK_DOUBLE = "TAK_DOUBLE"
    TAK_SM4 = "TAK_SM4"
    TAK_X9_9 = "TAK_X9_9"
    TAK_X9_19 = "TAK_X9_19"
    TAK_CMAC = "TAK_CMAC"
    ZAK = "ZAK"
    ZAK_X9_9 = "ZAK_X9_9"
    ZAK_CMAC = "ZAK_CMAC"
    ZAK_CMAC_TDES = "ZAK_CMAC_TDES"
    ZAK_SM4 = "ZAK_SM4"
    TDK = "TDK"
    BDK = "BDK"
    BDK_AES = "BDK_AES"
    CVK = "CVK"
    PVK = "PVK"
    PVK_IBM = "PVK_IBM"
    MK_AC = "MK_AC"
    TOKEN = "TOKEN"  # noqa: S105  (a word)
    PAN_DATA = "PAN_DATA"

    @property
    def row(self) -> KindRow:
        """The kind's row."""
        return KINDS[self]


KINDS: dict[Kind, KindRow] = {
    Kind.ZMK: KindRow("K0", "B", Algorithm.TDES, (16, 24)),
    Kind.TMK: KindRow("K0", "E", Algorithm.TDES, (16, 24)),
    Kind.KBPK: KindRow("K1", "B", Algorithm.AES, (16, 24, 32)),
    Kind.TPK: KindRow("P0", "D", Algorithm.TDES, (16, 24)),
    Kind.TPK_SINGLE: KindRow("P0", "D", Algorithm.DES, (8,)),
    Kind.ZPK: KindRow("P0", "E", Algorithm.TDES, (16, 24)),
    Kind.ZPK_IN: KindRow("P0", "D", Algorithm.TDES, (16, 24)),
    Kind.TPK_AES: KindRow("P0", "D", Algorithm.AES, (16, 24, 32)),
    Kind.ZPK_AES: KindRow("P0", "E", Algorithm.AES, (16, 24, 32)),
    Kind.TPK_SM4: KindRow("P0", "D", Algorithm.SM4, (16,)),
    Kind.ZPK_SM4: KindRow("P0", "E", Algorithm.SM4, (16,)),
    Kind.TAK: KindRow(USAGE_CUP_MAC, "C", Algorithm.DES, (8,)),
    Kind.TAK_DOUBLE: KindRow(USAGE_CUP_MAC, "C", Algorithm.TDES, (16,)),
    Kind.TAK_SM4: KindRow(USAGE_CUP_MAC, "C", Algorithm.SM4, (16,)),
    Kind.TAK_X9_9: KindRow("M1", "C", Algorithm.DES, (8,)),
    Kind.TAK_X9_19: KindRow("M3", "C", Algorithm.TDES, (16,)),
    Kind.TAK_CMAC: KindRow("M6", "C", Algorithm.AES, (16, 24, 32)),
    Kind.ZAK: KindRow("M3", "C", Algorithm.TDES, (16,)),
    Kind.ZAK_X9_9: KindRow("M1", "C", Algorithm.DES, (8,)),
    Kind.ZAK_CMAC: KindRow("M6", "C", Algorithm.AES, (16, 24, 32)),
    Kind.ZAK_CMAC_TDES: KindRow("M6", "C", Algorithm.TDES, (16, 24)),
    Kind.ZAK_SM4: KindRow("M1", "C", Algorithm.SM4, (16,)),
    Kind.TDK: KindRow("D0", "D", Algorithm.TDES, (16, 24)),
    Kind.BDK: KindRow("B0", "X", Algorithm.TDES, (16,)),
    Kind.BDK_AES: KindRow("B0", "X", Algorithm.AES, (16, 24, 32)),
    Kind.CVK: KindRow("C0", "C", Algorithm.TDES, (16,)),
    Kind.PVK: KindRow("V2", "C", Algorithm.TDES, (16,)),
    Kind.PVK_IBM: KindRow("V1", "C", Algorithm.TDES, (16, 24)),
    Kind.MK_AC: KindRow("E0", "X", Algorithm.TDES, (16,)),
    Kind.TOKEN: KindRow(USAGE_TOKEN, "G", Algorithm.AES, (32,)),
    Kind.PAN_DATA: KindRow("D0", "B", Algorithm.AES, (32,)),
}


INTERNAL = frozenset({Kind.TOKEN, Kind.PAN_DATA})  # the HSM's own: nobody names them


@dataclass(frozen=True, slots=True)
class KeyLife:
    """What a block says of its key besides usage; times in whole seconds since 1970, 0 = no end."""

    kind: Kind
    owner: str
    kcv: str
    created_s: int
    expires_s: int = 0
    state: State = State.ACTIVE


def header_of(life: KeyLife, algorithm: Algorithm, version: str = "D") -> Header:
    """Return the header under which a key of this life is sealed."""
    row = life.kind.row
    owner = life.owner
    if len(owner) > OWNER_SIZE_MAX or not owner.isascii() or not owner.isprintable():
        raise KeyBlockError("owner")
    if not 0 <= life.expires_s < EXPIRES_END_S:
        raise KeyBlockError("expiry")
    stamp = datetime.fromtimestamp(life.created_s, UTC).strftime("%Y%m%d%H%M%SZ")
    method = "01" if algorithm is Algorithm.AES else "00"  # X9.143: 00 zeros, 01 CMAC
    options = (
        Option("KC", method + life.kcv),
        Option("TS", "00" + stamp),
        Option(OPTION_LIFE, f"{life.created_s:09X}{life.expires_s:09X}{life.state.value}"),
        Option("LB", f"{life.kind.name}/{owner}"),
    )
    return Header(version, row.usage, algorithm.value, row.mode, options=options)


def life_of(header: Header) -> KeyLife:
    """Read back what ``header_of`` wrote; raises KeyBlockError for a block that is not ours."""
    check = header.option("KC")
    life, label = header.option(OPTION_LIFE), header.option("LB")
    if check is None or life is None or label is None:
        raise KeyBlockError("foreign")
    name, slash, owner = label.partition("/")
    if name not in Kind.__members__ or not slash or len(life) != LIFE_SIZE:
        raise KeyBlockError("foreign")
    kind = Kind[name]
    if (header.usage, header.mode) != (kind.row.usage, kind.row.mode):
        raise KeyBlockError("kind")
    created_s, expires_s = int(life[:9], 16), int(life[9:18], 16)
    return KeyLife(kind, owner, check[2:], created_s, expires_s, State(life[18]))


def in_state(header: Header, state: State) -> Header:
    """Return the header with the key in another state."""
    life = replace(life_of(header), state=state)
    return header_of(life, Algorithm(header.algorithm), header.version)


def check_zeros(algorithm: Algorithm, key: bytes) -> bytes:
    """Encipher one block of zeros; a check value is the left part of it."""
    size = 16 if algorithm in (Algorithm.AES, Algorithm.SM4) else 8
    return encryptor(algorithm, key)(bytes(size))


def kcv(key: bytes) -> bytes:
    """Encipher eight zero bytes with a DES or TDES key; the POS protocol shows the first four."""
    return check_zeros(Algorithm.DES if len(key) == 8 else Algorithm.TDES, key)  # noqa: PLR2004


def check_value(algorithm: Algorithm, key: bytes) -> str:
    """Return the check value we show: zeros, 3 bytes; for AES CMAC, 5; for SM4 zeros, 8."""
    match algorithm:
        case Algorithm.AES:
            return Cmac(algorithm, key).make(bytes(16))[:5].hex().upper()
        case Algorithm.SM4:
            return check_zeros(algorithm, key)[:8].hex().upper()
        case Algorithm.DES | Algorithm.TDES:
            return check_zeros(algorithm, key)[:3].hex().upper()


_ODD = bytes(byte if byte.bit_count() % 2 else byte ^ 1 for byte in range(256))


def odd_parity(key: bytes) -> bytes:
    """Set the lowest bit of each byte so that the byte has an odd number of ones (DES keys)."""
    return key.translate(_ODD)


def fit_parity(algorithm: Algorithm, key: bytes) -> bytes:
    """Set odd parity where the algorithm has one."""
    return odd_parity(key) if algorithm in (Algorithm.DES, Algorithm.TDES) else key


def has_equal_parts(key: bytes) -> bool:
    """Tell whether a TDES key is weaker than its length: neighbouring parts alike, parity aside."""
    parts = [odd_parity(key)[at : at + 8] for at in range(0, len(key), 8)]
    return any(one == two for one, two in pairwise(parts))


def combine_components(algorithm: Algorithm, components: list[bytes]) -> bytes:
    """XOR full-length components (two to nine) to the key and set its parity."""
    if not COMPONENTS_MIN <= len(components) <= COMPONENTS_MAX:
        raise ValueError("a key has two to nine components")
    return fit_parity(algorithm, xor_bytes(*components))


# Check values of published test keys: refused in live mode, whatever their kind.
TEST_KEY_KCVS = frozenset(
    {
        "08D7B4",  # 0123456789ABCDEFFEDCBA9876543210
        "D5D44F",  # 0123456789ABCDEF
        "8CA64D",  # all zeros, and all ones under odd parity
        "82E136",  # 11..11
        "00962B",  # 22..22
    }
)
