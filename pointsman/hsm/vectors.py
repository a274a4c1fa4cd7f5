"""Operations of the shared vector format: a case's ``in`` to everything its ``out`` should hold.

Each operation is computed by the product's own algorithms. Reading files and comparing is
``selftest``; key blocks, DUKPT and host commands are in ``vectors_keys``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pointsman.hsm import pinblock
from pointsman.hsm.keys import (
    check_value,
    check_zeros,
    combine_components,
    fit_parity,
    odd_parity,
)
from pointsman.hsm.mac import CbcMac, Cmac, CupMac, fold, iso9797
from pointsman.hsm.pinblock import PinBlockError, PinFormat, PinSide
from pointsman.hsm.policy import PinRules
from pointsman.hsm.primitives import (
    BLOCK_SIZE,
    Algorithm,
    cbc_encrypt,
    decryptor,
    encryptor,
    xor_bytes,
)

Case = Mapping[str, Any]  # JSON: every operation knows its own members
Result = dict[str, Any]  # JSON as well
Operation = Callable[[Case], Result]


ITERATIONS_MAX = 10_000_000  # the SM4 standard's own case has a million


def hexed(data: bytes) -> str:
    """Return upper-case hex, as the files have it."""
    return data.hex().upper()


def raw(case: Case, name: str) -> bytes:
    """Return the bytes of a ``..._hex`` member."""
    return bytes.fromhex(case[name])


def cipher_of(case: Case, name: str = "cipher") -> Algorithm:
    """Return the algorithm that a case names."""
    return Algorithm[case[name]]


def _encode_clear(case: Case) -> Result:
    kind = PinFormat(case["format"])
    field = pinblock.plain_field(kind, case["pin"], case.get("fill_nibbles", ""))
    block = field ^ pinblock.pan_side(kind, case.get("pan", ""))
    return {"clear_block_hex": hexed(block.to_bytes(8))}


def _encipher_f4(case: Case) -> Result:
    field = pinblock.plain_field(PinFormat.ISO_4, case["pin"], case["fill_nibbles"])
    encrypt = encryptor(Algorithm.AES, raw(case, "key_hex"))
    return {
        "pin_field_hex": f"{field:032X}",
        "pan_field_hex": f"{pinblock.pan_field_4(case['pan']):032X}",
        "cipher_block_hex": hexed(pinblock.encipher(PinFormat.ISO_4, field, case["pan"], encrypt)),
    }


def _pan_field_f4(case: Case) -> Result:
    return {"pan_field_hex": f"{pinblock.pan_field_4(case['pan']):032X}"}


def _decode_clear(case: Case) -> Result:
    kind = PinFormat(case["format"])
    field = int(case["clear_block_hex"], 16)
    try:
        if kind is not PinFormat.ISO_4:  # its field came out of the second decipherment
            field ^= pinblock.pan_side(kind, case.get("pan", ""))
        pin = pinblock.read_pin(kind, field)
        return {"pin": pin, "pin_length": len(pin)}
    except PinBlockError as fault:
        return {"error": "pin_block_invalid", "detail": fault.detail}


def _translate(case: Case) -> Result:
    source = decryptor(cipher_of(case, "source_cipher"), raw(case, "source_key_hex"))
    target = encryptor(cipher_of(case, "dest_cipher"), raw(case, "dest_key_hex"))
    source_kind, target_kind = PinFormat(case["source_format"]), PinFormat(case["dest_format"])
    pan, block = case["pan"], raw(case, "source_block_hex")
    field = pinblock.decipher(source_kind, block, pan, source)
    pin = pinblock.read_pin(source_kind, field)
    if target_kind is source_kind:
        sides = PinSide(source_kind, source), PinSide(target_kind, target)
        made = pinblock.translate(*sides, block, pan, bytes)
    else:
        field = pinblock.plain_field(target_kind, pin, case.get("dest_fill_nibbles", ""))
        made = pinblock.encipher(target_kind, field, pan, target)
    return {"dest_block_hex": hexed(made), "pin_length": len(pin)}


def _translate_policy(case: Case) -> Result:
    known = {kind.value: kind for kind in PinFormat}
    source, target = known.get(case["source_format"]), known.get(case["dest_format"])
    if source is None or target is None:
        return {"error": "format_conversion_refused"}
    if not PinRules(laboratory=True, format_1_in=True).allows(source, target):
        return {"error": "format_conversion_refused"}
    # A request has one card number for both sides; two different ones cannot even be said.
    if case.get("source_pan") != case.get("dest_pan"):
        return {"error": "pan_change_refused"}
    return {"allowed": True}


def _mac(case: Case) -> Result:
    second = raw(case, "k2_hex") if "k2_hex" in case else b""
    key, data = raw(case, "k1_hex"), raw(case, "data_hex")
    number, padding = case["algorithm"], case["padding"]
    mac = iso9797(number, cipher_of(case), key, data, padding=padding, second_key=second)
    return {"mac_hex": hexed(mac)}


def _cmac(case: Case) -> Result:
    tag = Cmac(cipher_of(case), raw(case, "key_hex")).make(raw(case, "data_hex"))
    return {"cmac_hex": hexed(tag)}


def _cup_pos_mac(case: Case) -> Result:
    cipher, key, data = cipher_of(case), raw(case, "key_hex"), raw(case, "mab_hex")
    size = BLOCK_SIZE[cipher]
    folded = fold(data, size)
    first = encryptor(cipher, key)(hexed(folded).encode()[:size])
    maker = CupMac(cipher, key)
    return {
        "xor_fold_hex": hexed(folded),
        "first_encryption_hex": hexed(first),
        "result_block_hex": hexed(maker.result(data)),
        "mac_ascii": maker.make(data).decode(),
        "mac_field_hex": hexed(maker.make(data)),
        "mac_first8_hex": hexed(maker.result(data)[:8]),
    }


def _ecb_encrypt(case: Case) -> Result:
    encrypt = encryptor(Algorithm.SM4, raw(case, "key_hex"))
    return {"cipher_hex": hexed(encrypt(raw(case, "plain_hex")))}


def _ecb_iterated(case: Case) -> Result:
    encrypt, block = encryptor(Algorithm.SM4, raw(case, "key_hex")), raw(case, "plain_hex")
    if not 0 <= case["iterations"] <= ITERATIONS_MAX:
        raise ValueError("too many iterations")
    for _ in range(case["iterations"]):
        block = encrypt(block)
    return {"cipher_hex": hexed(block)}


def _cbc_encrypt(case: Case) -> Result:
    key, iv, plain = raw(case, "key_hex"), raw(case, "iv_hex"), raw(case, "plain_hex")
    return {"cipher_hex": hexed(cbc_encrypt(Algorithm.SM4, key, iv, plain))}


def _unwrap_with_kcv(case: Case) -> Result:
    key = decryptor(Algorithm.SM4, raw(case, "kek_hex"))(raw(case, "wrapped_key_hex"))
    return {"key_hex": hexed(key), "kcv_hex": check_value(Algorithm.SM4, key)}


def _pin_block_sm4(case: Case) -> Result:
    kind = PinFormat.SM4
    field = pinblock.plain_field(kind, case["pin"])
    side = pinblock.pan_side(kind, case["pan"])
    encrypt = encryptor(Algorithm.SM4, raw(case, "key_hex"))
    return {
        "pin_field_hex": f"{field:032X}",
        "pan_field_hex": f"{side:032X}",
        "clear_block_hex": f"{field ^ side:032X}",
        "cipher_block_hex": hexed(pinblock.encipher(kind, field, case["pan"], encrypt)),
    }


def _cup_sm4_network_mac(case: Case) -> Result:
    full = CbcMac(Algorithm.SM4, raw(case, "key_hex")).make(raw(case, "data_hex"))
    return {
        "cbc_last_block_hex": hexed(full),
        "mac_first8_hex": hexed(full[:8]),
        "mac_first4_ascii": hexed(full[:4]),
    }


def _kcv_zeros(case: Case) -> Result:
    zeros = hexed(check_zeros(cipher_of(case), raw(case, "key_hex")))
    return {"kcv_16_hex": zeros[:16], "kcv_6_hex": zeros[:6], "kcv_4_hex": zeros[:4]}


def _kcv_cmac(case: Case) -> Result:
    cipher = cipher_of(case)
    tag = hexed(Cmac(cipher, raw(case, "key_hex")).make(bytes(BLOCK_SIZE[cipher])))
    return {"kcv_10_hex": tag[:10], "kcv_6_hex": tag[:6]}


def _combine_components(case: Case) -> Result:
    cipher = cipher_of(case)
    parts = [bytes.fromhex(part) for part in case["components_hex"]]
    key = combine_components(cipher, parts)
    return {
        "xor_hex": hexed(xor_bytes(*parts)),
        "key_hex": hexed(key),
        "component_kcvs": [check_value(cipher, part) for part in parts],
        "kcv": check_value(cipher, key),
    }


def _odd_parity(case: Case) -> Result:
    key = raw(case, "key_hex")
    return {"key_hex": hexed(odd_parity(key)), "was_odd": fit_parity(Algorithm.TDES, key) == key}


OPERATIONS: dict[str, Operation] = {
    "encode_clear": _encode_clear,
    "encipher_f4": _encipher_f4,
    "pan_field_f4": _pan_field_f4,
    "decode_clear": _decode_clear,
    "translate": _translate,
    "translate_policy": _translate_policy,
    "mac": _mac,
    "cmac": _cmac,
    "cup_pos_mac": _cup_pos_mac,
    "ecb_encrypt": _ecb_encrypt,
    "ecb_encrypt_iterated": _ecb_iterated,
    "cbc_encrypt": _cbc_encrypt,
    "unwrap_key_ecb_with_kcv": _unwrap_with_kcv,
    "pin_block_sm4": _pin_block_sm4,
    "cup_sm4_network_mac": _cup_sm4_network_mac,
    "kcv_zeros": _kcv_zeros,
    "kcv_cmac": _kcv_cmac,
    "combine_components": _combine_components,
    "odd_parity": _odd_parity,
}
