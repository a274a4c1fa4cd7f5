"""The key commands of the host front: generate, import, export, check value, new terminal key.

Keys open by their field: scheme S is one of our own blocks and passes the usage policy; the variant
schemes need a variant LMK, which only a laboratory gives. The other commands are in
``hostcommands``.
"""

from dataclasses import dataclass

from pointsman.hsm import hostfields as h
from pointsman.hsm.hostfields import Fields, HostError
from pointsman.hsm.keyheader import KeyBlockError
from pointsman.hsm.keyring import Keyring
from pointsman.hsm.keys import Kind, State, check_zeros, has_equal_parts, kcv, odd_parity
from pointsman.hsm.lmkvariant import SIZES, KeyField, VariantLmk, under
from pointsman.hsm.pinblock import Fill
from pointsman.hsm.policy import NotAllowed, Operation
from pointsman.hsm.primitives import Algorithm

KIND_BY_TYPE = {
    "000": Kind.ZMK,
    "001": Kind.ZPK,
    "002": Kind.TPK,
    "003": Kind.TAK_X9_19,
    "008": Kind.ZAK,
    "009": Kind.BDK,
    "402": Kind.CVK,
    "109": Kind.MK_AC,
}
# With a key block LMK the type is FFF, and usage, algorithm and mode say what the key shall be.
KIND_BY_ATTRIBUTES = {
    "K0T2B": "000",
    "P0T2E": "001",
    "P0T2D": "002",
    "K0T2E": "TMK",
    "M3T2C": "003",
    "B0T2X": "009",
}
BY_ATTRIBUTES = "FFF"
_EXPORTED = frozenset({"001", "002", "003", "008", "009"})


def des(key: bytes) -> Algorithm:
    """Return DES or TDES by a key's length."""
    return Algorithm.DES if len(key) == SIZES["Z"] else Algorithm.TDES


@dataclass(frozen=True, slots=True)
class HostKeys:
    """What opens and seals a command's keys; ``legacy`` lets single length and old formats in."""

    random: Fill
    keyring: Keyring | None = None
    variant: VariantLmk | None = None
    legacy: bool = False
    format_1_in: bool = False
    lmk_kcv: str = ""

    def open(self, key_type: str, key: KeyField, operation: Operation, code: str) -> bytes:
        """Return a clear key for one operation; HostError ``code`` when it cannot be."""
        if key.scheme == "S" and self.keyring is not None:
            try:
                return self.keyring.open_for(key.text.encode(), operation)[1].key
            except KeyBlockError:
                raise HostError(h.KEY_BLOCK) from None
            except NotAllowed:
                raise HostError(h.KEY_TYPE) from None
        if self.variant is None or key.is_block:
            raise HostError(h.NO_LMK)
        try:
            clear = self.variant.open(key_type, key)
        except ValueError:
            raise HostError(h.KEY_TYPE) from None
        if odd_parity(clear) != clear:
            raise HostError(code)
        if len(clear) == SIZES["Z"] and not self.legacy:
            raise HostError(h.KEY_LENGTH)
        return clear

    def seal(self, key_type: str, scheme: str, key: bytes) -> KeyField:
        """Return a key under the LMK in the scheme asked for."""
        if scheme == "S" and self.keyring is not None:
            kind = Kind.TMK if key_type == "TMK" else KIND_BY_TYPE.get(key_type)
            if kind is None:
                raise HostError(h.KEY_TYPE)
            block, _ = self.keyring.seal(kind, key, "", 0, self.random)
            return KeyField("S", block.decode())
        if self.variant is None or scheme not in SIZES:
            raise HostError(h.SCHEME)
        try:
            return self.variant.seal(key_type, scheme, key)
        except ValueError:
            raise HostError(h.KEY_TYPE) from None

    def new(self, size: int) -> bytes:
        """Return a random DES key, parity set, halves unlike."""
        while True:
            key = odd_parity(self.random(size))
            if size == SIZES["Z"] or not has_equal_parts(key):
                return key

    def bare(self, key_type: str, key: KeyField) -> bytes:
        """Return a clear key for its check value alone: any use of it may be asked."""
        if key.scheme == "S" and self.keyring is not None:
            try:
                return self.keyring.open(key.text.encode())[1].key
            except KeyBlockError:
                raise HostError(h.KEY_BLOCK) from None
        return self.open(key_type, key, Operation.PIN_IN, h.SOURCE_KEY)

    def exported(self, key_type: str, key: KeyField) -> bytes:
        """Return a clear key that may leave: of the type named, and alive."""
        if key.scheme == "S" and self.keyring is not None:
            try:
                life, opened = self.keyring.open(key.text.encode())
            except KeyBlockError:
                raise HostError(h.KEY_BLOCK) from None
            if life.kind is not KIND_BY_TYPE[key_type] or life.state is State.DESTROYED:
                raise HostError(h.KEY_TYPE)
            return opened.key
        return self.bare(key_type, key)


def check_value_of(keys: HostKeys, fields: Fields) -> bytes:
    """BU: sixteen hex characters of check value, or six where the request says type 1."""
    code = fields.hexed(2)
    fields.text(1)
    key = fields.key()
    key_type, short = "0" + code, False
    if code == "FF" and fields.skip(";"):
        key_type = fields.hexed(3)
    if fields.skip(";"):
        if fields.digits(2) != "00":
            raise HostError(h.BAD_INPUT)
        short = fields.digits(1) == "1"
    fields.end()
    clear = keys.bare(key_type, key)
    return (
        h.DONE + check_zeros(des(clear), clear)[:8].hex().upper()[: 6 if short else 16]
    ).encode()


def generate(keys: HostKeys, fields: Fields) -> bytes:
    """A0: a random key under the LMK, and in mode 1 under a ZMK or TMK too."""
    mode, key_type, scheme = fields.hexed(1), fields.hexed(3), fields.text(1)
    if mode not in "01":
        raise HostError(h.BAD_INPUT)
    size = 16 if scheme == "S" else SIZES.get(scheme, 0)
    if not size:
        raise HostError(h.SCHEME)
    key, under_another = keys.new(size), ""
    if mode == "1":
        wrapping_type = "000"
        if fields.skip(";"):
            wrapping_type = "002" if fields.digits(1) == "1" else "000"
        wrapping = keys.open(wrapping_type, fields.key(), Operation.WRAP, h.SOURCE_KEY)
        under_another = str(_export(wrapping, fields.text(1), key))
    key_type = _type_at_end(fields, key_type)
    told = h.DONE + str(keys.seal(key_type, scheme, key)) + under_another
    return (told + kcv(key)[:3].hex().upper()).encode()


def import_key(keys: HostKeys, fields: Fields) -> bytes:
    """A6: a key under a ZMK to one under the LMK; 01 tells that its parity was wrong."""
    key_type = fields.hexed(3)
    zmk = keys.open("000", fields.key(), Operation.UNWRAP, h.SOURCE_KEY)
    key, scheme = fields.key(), fields.text(1)
    key_type = _type_at_end(fields, key_type)
    return _import(keys, key_type, zmk, key, scheme, short=True)


def _type_at_end(fields: Fields, key_type: str) -> str:
    """Take the end of a command about a new key; for type FFF its attributes tell the type."""
    if key_type != BY_ATTRIBUTES:
        fields.end()
        return key_type
    if fields.skip("%"):
        fields.digits(2)
    if not fields.skip("#"):
        raise HostError(h.BAD_INPUT)
    found = KIND_BY_ATTRIBUTES.get(fields.text(5))
    fields.digits(2)  # the key's version
    fields.text(1)  # exportability: nothing leaves but by A8
    if found is None or fields.digits(2) != "00":
        raise HostError(h.KEY_TYPE)
    fields.end()
    return found


def import_zpk(keys: HostKeys, fields: Fields) -> bytes:
    """FA: a ZPK under a ZMK to one under the LMK."""
    zmk = keys.open("000", fields.key(), Operation.UNWRAP, h.SOURCE_KEY)
    key, scheme, short = fields.key(), "", False
    if fields.skip(";"):
        fields.text(1)
        scheme, short = fields.text(1), fields.digits(1) == "1"
    fields.end()
    return _import(keys, "001", zmk, key, scheme or key.scheme, short=short)


def export_key(keys: HostKeys, fields: Fields) -> bytes:
    """A8: a key under the LMK to one under a ZMK."""
    key_type = fields.hexed(3)
    if key_type not in _EXPORTED:
        raise HostError(h.NOT_PERMITTED)
    zmk = keys.open("000", fields.key(), Operation.WRAP, h.SOURCE_KEY)
    key, scheme = fields.key(), fields.text(1)
    fields.end()
    clear = keys.exported(key_type, key)
    return (h.DONE + str(_export(zmk, scheme, clear)) + kcv(clear)[:3].hex().upper()).encode()


def new_terminal_key(keys: HostKeys, fields: Fields) -> bytes:
    """HC: a new terminal key under the current one and under the LMK."""
    current = fields.key()
    tmk = keys.open("002", current, Operation.WRAP, h.SOURCE_KEY)
    schemes = (current.scheme, current.scheme)
    if fields.skip(";"):
        schemes = fields.text(1), fields.text(1)
        fields.digits(1)
    fields.end()
    scheme = "X" if schemes[0] == "S" else schemes[0]
    key = keys.new(SIZES.get(scheme, 16))
    return (
        h.DONE + str(_export(tmk, scheme, key)) + str(keys.seal("002", schemes[1], key))
    ).encode()


def _import(
    keys: HostKeys, key_type: str, zmk: bytes, key: KeyField, scheme: str, *, short: bool
) -> bytes:
    if key.is_block:
        raise HostError(h.SCHEME)
    clear = under(zmk, key.scheme, bytes.fromhex(key.text), wrap=False)
    if not any(clear):
        raise HostError(h.TARGET_KEY)
    if len(clear) == SIZES["Z"] and not keys.legacy:
        raise HostError(h.KEY_LENGTH)
    odd = odd_parity(clear)
    code = h.DONE if odd == clear else h.NOT_RIGHT
    value = kcv(odd).hex().upper()[: 6 if short else 16]
    return (code + str(keys.seal(key_type, scheme, odd)) + value).encode()


def _export(wrapping: bytes, scheme: str, key: bytes) -> KeyField:
    if scheme not in SIZES or SIZES[scheme] != len(key):
        raise HostError(h.SCHEME)
    return KeyField(scheme, under(wrapping, scheme, key, wrap=True).hex().upper())
