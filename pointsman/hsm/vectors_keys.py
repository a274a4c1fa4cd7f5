"""Operations of the shared vector format that concern keys: DUKPT and X9.143 key blocks.

The other operations and the format itself are in ``vectors``.
"""

from pointsman.hsm import dukpt, pinblock
from pointsman.hsm.dukpt import Bdk, Use, Working
from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.keyheader import KeyBlockError, cut, parse_header
from pointsman.hsm.keys import check_value
from pointsman.hsm.mac import Cmac, RetailMac
from pointsman.hsm.pinblock import PinFormat
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.hsm.vectors import Case, Operation, Result, hexed, raw


def _dukpt_tdes(case: Case) -> Result:
    bdk, ksn = raw(case, "bdk_hex"), raw(case, "ksn_hex")
    device, _ = dukpt.split_tdes_ksn(ksn)
    key = dukpt.DukptKeys().transaction_key(Bdk(Algorithm.TDES, bdk, b"vector"), ksn)
    variant = {use: dukpt.tdes_variant(key, use) for use in Use}
    request = dukpt.tdes_data_key(key, Use.DATA_REQUEST)
    response = dukpt.tdes_data_key(key, Use.DATA_RESPONSE)
    made = {
        "ik_hex": hexed(dukpt.tdes_initial_key(bdk, device)),
        "txn_key_hex": hexed(key),
        "pin_key_hex": hexed(variant[Use.PIN]),
        "mac_req_key_hex": hexed(variant[Use.MAC_REQUEST]),
        "mac_resp_key_hex": hexed(variant[Use.MAC_RESPONSE]),
        "data_req_variant_hex": hexed(variant[Use.DATA_REQUEST]),
        "data_resp_variant_hex": hexed(variant[Use.DATA_RESPONSE]),
        "data_req_key_hex": hexed(request),
        "data_resp_key_hex": hexed(response),
    }
    if "clear_pin_block_hex" in case:
        encrypt = encryptor(Algorithm.TDES, variant[Use.PIN])
        made["pin_block_cipher_hex"] = hexed(encrypt(raw(case, "clear_pin_block_hex")))
    if "data_hex" in case:
        data = raw(case, "data_hex")
        for name, use in (("req", Use.MAC_REQUEST), ("resp", Use.MAC_RESPONSE)):
            retail = RetailMac(variant[use]).make(data)[:4]
            made[f"mac_{name}_retail_hex"] = hexed(retail)
            made[f"mac_{name}_cmac_hex"] = hexed(Cmac(Algorithm.TDES, variant[use]).make(data))
        made["data_req_cbc_hex"] = hexed(dukpt.data_cbc(Algorithm.TDES, request, data))
        made["data_resp_cbc_hex"] = hexed(dukpt.data_cbc(Algorithm.TDES, response, data))
    return made


def _ksn_next(case: Case) -> Result:
    return {"next_ksn_hex": hexed(dukpt.next_ksn(raw(case, "ksn_hex")))}


def _dukpt_aes(case: Case) -> Result:
    bdk, ksn = raw(case, "bdk_hex"), raw(case, "ksn_hex")
    kind = Working[case["working_key_type"]]
    device, counter = dukpt.split_aes_ksn(ksn)
    key = dukpt.DukptKeys().transaction_key(Bdk(Algorithm.AES, bdk, b"vector"), ksn)
    working = {use: dukpt.aes_working_key(key, use, kind, device, counter) for use in Use}
    made = {
        "ik_hex": hexed(dukpt.aes_initial_key(bdk, device)),
        "derivation_key_hex": hexed(key),
        "pin_key_hex": hexed(working[Use.PIN]),
        "mac_gen_key_hex": hexed(working[Use.MAC_REQUEST]),
        "mac_ver_key_hex": hexed(working[Use.MAC_RESPONSE]),
        "data_enc_key_hex": hexed(working[Use.DATA_REQUEST]),
        "data_dec_key_hex": hexed(working[Use.DATA_RESPONSE]),
    }
    if "pin" in case:
        field = pinblock.plain_field(PinFormat.ISO_4, case["pin"], case["fill_nibbles"])
        encrypt = encryptor(Algorithm.AES, working[Use.PIN])
        block = pinblock.encipher(PinFormat.ISO_4, field, case["pan"], encrypt)
        made["pin_block_f4_hex"] = hexed(block)
    if "data_hex" in case:
        data = raw(case, "data_hex")
        for name, mac, text in (
            ("request", Use.MAC_REQUEST, Use.DATA_REQUEST),
            ("response", Use.MAC_RESPONSE, Use.DATA_RESPONSE),
        ):
            made[f"cmac_{name}_hex"] = hexed(Cmac(Algorithm.AES, working[mac]).make(data))
            sealed = dukpt.data_cbc(Algorithm.AES, working[text], data)
            made[f"data_{name}_cbc_hex"] = hexed(sealed)
    return made


def _dukpt_aes_update_key(case: Case) -> Result:
    device, made = raw(case, "initial_key_id_hex"), Working[case["key_type"]]
    return {"update_key_hex": hexed(dukpt.aes_update_key(raw(case, "ik_hex"), device, made))}


def _wrapper(case: Case, version: str) -> Wrapper:
    algorithm = Algorithm.AES if version == "D" else Algorithm.TDES
    return Wrapper(raw(case, "kbpk_hex"), algorithm)


def _unwrap(case: Case) -> Result:
    text = case["key_block"]
    try:
        opened = _wrapper(case, text[0]).open(text.encode())
    except KeyBlockError as fault:
        if fault.label != "mac_mismatch":
            raise
        return {"error": fault.label}
    header = opened.header
    _, shown, _, _ = cut(text.encode())
    # A KCV is over the key's own cipher; a single DES key says "T" as well.
    single = header.algorithm == "T" and len(opened.key) == 8  # noqa: PLR2004  (bytes of one key)
    letter = "D" if single else header.algorithm
    kcv = check_value(Algorithm(letter), opened.key)[:6] if letter in _WITH_KCV else ""
    return {
        "key_hex": hexed(opened.key),
        "header": shown.decode(),
        "version": header.version,
        "key_usage": header.usage,
        "algorithm": header.algorithm,
        "mode_of_use": header.mode,
        "key_version": header.key_version,
        "exportability": header.exportability,
        "optional_blocks": [{"id": o.kind, "data": o.data} for o in header.options],
        "clear_length_and_key_and_pad_hex": hexed(opened.clear),
        "kcv_hex": kcv,
    }


def _wrap(case: Case) -> Result:
    # The template's optional blocks stand as they are, a PB among them; its length does not count.
    header = parse_header(case["header_template"].encode())
    wrapper = _wrapper(case, header.version)
    made = wrapper.seal_as_given(header, raw(case, "key_hex"), raw(case, "pad_hex"))
    return {"key_block": made.decode()}


_WITH_KCV = frozenset("TDA")  # of an HMAC key, say, no check value is common


KEY_OPERATIONS: dict[str, Operation] = {
    "dukpt_tdes": _dukpt_tdes,
    "ksn_next": _ksn_next,
    "dukpt_aes": _dukpt_aes,
    "dukpt_aes_update_key": _dukpt_aes_update_key,
    "unwrap": _unwrap,
    "wrap": _wrap,
}
