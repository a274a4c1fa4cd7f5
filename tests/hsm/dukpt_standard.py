"""DUKPT written down a second time, from the two parts of ANSI X9.24 alone, over pycryptodome.

The product walks a kept tree from the counter's lowest bit upwards; here the registers and the
shift register of X9.24-1 annex A, and the pseudo-code of X9.24-3 section 6, stand as they do there.
Nothing of the product is used; nothing here is a test.
"""

from Crypto.Cipher import AES, DES

MASK_64 = (1 << 64) - 1
C0 = 0xC0C0C0C000000000
# X9.24-1, 1.5.3 and annex A: what each variant is XORed with, in both halves.
VARIANTS = {
    "PIN": 0x00000000000000FF,
    "MAC_REQUEST": 0x000000000000FF00,
    "MAC_RESPONSE": 0x00000000FF000000,
    "DATA_REQUEST": 0x0000000000FF0000,
    "DATA_RESPONSE": 0x000000FF00000000,
}
# X9.24-3, table 4: key usage indicators, and table 5: algorithms with their lengths in bits.
USAGES = {
    "PIN": 0x1000,
    "MAC_REQUEST": 0x2000,
    "MAC_RESPONSE": 0x2001,
    "DATA_REQUEST": 0x3000,
    "DATA_RESPONSE": 0x3001,
}
TYPES = {
    "TDES2": (0, 128),
    "TDES3": (1, 192),
    "AES128": (2, 128),
    "AES192": (3, 192),
    "AES256": (4, 256),
}


def _des(key: int, block: int) -> int:
    made = DES.new(key.to_bytes(8), DES.MODE_ECB)  # noqa: S304  (the standard's)
    return int.from_bytes(made.encrypt(block.to_bytes(8)))


def _ede(left: int, right: int, block: int) -> int:
    first, second = (DES.new(key.to_bytes(8), DES.MODE_ECB) for key in (left, right))  # noqa: S304
    middle = second.decrypt(first.encrypt(block.to_bytes(8)))
    return int.from_bytes(first.encrypt(middle))


def tdes_session_key(bdk: bytes, ksn: bytes) -> tuple[int, int]:
    """Return both halves of the current key (X9.24-1, annex A, the receiver's side)."""
    number = int.from_bytes(ksn)
    bdk_left, bdk_right = int.from_bytes(bdk[:8]), int.from_bytes(bdk[8:])
    device = (number >> 21 << 21) >> 16  # the leftmost eight bytes, the counter cleared
    left = _ede(bdk_left, bdk_right, device)
    right = _ede(bdk_left ^ C0, bdk_right ^ C0, device)
    ksnr = number & MASK_64
    counter = ksnr & 0x1FFFFF
    r8 = ksnr & ~0x1FFFFF & MASK_64
    shift = 0x100000
    while shift:
        if counter & shift:
            r8 |= shift
            r8a = _des(left, r8 ^ right) ^ right
            varied_left, varied_right = left ^ C0, right ^ C0
            r8b = _des(varied_left, r8 ^ varied_right) ^ varied_right
            left, right = r8b, r8a
        shift >>= 1
    return left, right


def tdes_key(bdk: bytes, ksn: bytes, use: str) -> bytes:
    """Return a transaction's key variant; a data key goes once through itself."""
    left, right = (half ^ VARIANTS[use] for half in tdes_session_key(bdk, ksn))
    if use.startswith("DATA"):
        left, right = _ede(left, right, left), _ede(left, right, right)
    return left.to_bytes(8) + right.to_bytes(8)


def _derive(key: bytes, usage: int, kind: str, rest: bytes) -> bytes:
    """Derive Key of X9.24-3, 6.3.3, with derivation data as in 6.3.2."""
    number, bits = TYPES[kind]
    cipher = AES.new(key, AES.MODE_ECB)
    made = b""
    block = 1
    while len(made) * 8 < bits:
        data = bytearray(16)
        data[0] = 1
        data[1] = block
        data[2:4] = usage.to_bytes(2)
        data[4:6] = number.to_bytes(2)
        data[6:8] = bits.to_bytes(2)
        data[8:16] = rest
        made += cipher.encrypt(bytes(data))
        block += 1
    return made[: bits // 8]


def aes_key(bdk: bytes, ksn: bytes, use: str, kind: str) -> bytes:
    """Return a working key: Host Derive Working Key of X9.24-3, 6.4."""
    own = {16: "AES128", 24: "AES192", 32: "AES256"}[len(bdk)]
    key_id, counter = ksn[:8], int.from_bytes(ksn[8:])
    key = _derive(bdk, 0x8001, own, key_id)
    mask, working = 0x80000000, 0
    while mask:
        if mask & counter:
            working |= mask
            key = _derive(key, 0x8000, own, key_id[4:] + working.to_bytes(4))
        mask >>= 1
    return _derive(key, USAGES[use], kind, key_id[4:] + counter.to_bytes(4))
