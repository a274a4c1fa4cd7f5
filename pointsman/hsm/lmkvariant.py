"""Keys as host commands write them: schemes, and the variant LMK of old stores.

An LMK set is twenty pairs of DES halves; key type and length are XORed into it as variants. For
talking to old hosts and reading old stores alone: our own keys are X9.143 blocks (``keys``).
"""

from dataclasses import dataclass, field

from pointsman.hsm.primitives import Algorithm, decryptor, encryptor

VARIANTS = bytes.fromhex("00A65A6ADE2B50749CFA")
LENGTH_VARIANTS = {"U": bytes.fromhex("A65A"), "T": bytes.fromhex("6ADE2B")}
SIZES = {"Z": 8, "U": 16, "X": 16, "T": 24, "Y": 24}
PAIR_BY_TYPE = {
    "00": "04-05", "01": "06-07", "02": "14-15", "03": "16-17", "04": "18-19", "05": "20-21",
    "06": "22-23", "07": "24-25", "08": "26-27", "09": "28-29", "0A": "30-31", "0B": "32-33",
    "0C": "34-35", "0D": "36-37", "0E": "38-39",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyField:
    """A key as it stands in a command: its scheme and its text behind the scheme letter."""

    scheme: str
    text: str = field(repr=False)

    @property
    def is_block(self) -> bool:
        """Whether it is a key block (S or R) and no variant cryptogram."""
        return self.scheme in ("S", "R")

    def __str__(self) -> str:
        return self.text if self.scheme == "Z" else self.scheme + self.text


def under(wrapping: bytes, scheme: str, data: bytes, *, wrap: bool) -> bytes:
    """Wrap or unwrap under a 16-byte key by scheme; U and T vary the right half for each part."""
    if len(data) != SIZES[scheme]:
        raise ValueError("key length does not fit its scheme")
    make = encryptor if wrap else decryptor
    variants = LENGTH_VARIANTS.get(scheme)
    if variants is None:
        return make(Algorithm.TDES, wrapping)(data)
    parts = []
    for at, variant in enumerate(variants):
        varied = wrapping[:8] + bytes((wrapping[8] ^ variant,)) + wrapping[9:]
        parts.append(make(Algorithm.TDES, varied)(data[at * 8 : at * 8 + 8]))
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class VariantLmk:
    """A set of LMK pairs by name ("04-05"), sixteen bytes each."""

    pairs: dict[str, bytes] = field(repr=False)

    def key_for(self, key_type: str) -> bytes:
        """Return the pair of a three-character key type, its type variant mixed in."""
        pair = self.pairs.get(PAIR_BY_TYPE.get(key_type[1:], ""))
        if pair is None or len(key_type) != 3 or not key_type[0].isdigit():  # noqa: PLR2004
            raise ValueError("key type")
        return bytes((pair[0] ^ VARIANTS[int(key_type[0])],)) + pair[1:]

    def open(self, key_type: str, key: KeyField) -> bytes:
        """Return the clear key; raises ValueError."""
        return under(self.key_for(key_type), key.scheme, bytes.fromhex(key.text), wrap=False)

    def seal(self, key_type: str, scheme: str, key: bytes) -> KeyField:
        """Return the key under its pair; raises ValueError."""
        wrapped = under(self.key_for(key_type), scheme, key, wrap=True)
        return KeyField(scheme, wrapped.hex().upper())
