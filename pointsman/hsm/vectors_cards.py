"""Operations of the shared vector format about cards: CVV, PVV, IBM offset, EMV.

The other operations and the format itself are in ``vectors``.
"""

from pointsman.hsm import cardvalues, emv
from pointsman.hsm.keys import check_value
from pointsman.hsm.primitives import Algorithm
from pointsman.hsm.vectors import Case, Operation, Result, hexed, raw


def _ibm_offset(case: Case) -> Result:
    natural = cardvalues.natural_pin(
        raw(case, "pvk_hex"), case["decimalisation_table"], raw(case, "validation_data_hex")
    )
    offset = cardvalues.ibm_offset(natural, case["pin"], case["check_length"])
    return {"natural_pin_16": natural, "offset": offset}


def _expand_validation_data(case: Case) -> Result:
    data = cardvalues.validation_data(case["field_12"], case["account_number_12"])
    return {"validation_data_hex": hexed(data)}


def _visa_pvv(case: Case) -> Result:
    parts = case["pan"], case["pvki"], case["pin"]
    return {
        "tsp_digits": cardvalues.transformed(*parts),
        "pvv": cardvalues.pvv(raw(case, "pvk_hex"), *parts),
    }


def _cvv(case: Case) -> Result:
    cvk = raw(case, "cvk_hex")
    return {"cvv": cardvalues.cvv(cvk, case["pan"], case["expiry_4"], case["service_code"])}


def _icc_master_key(case: Case) -> Result:
    option_b = case["option"] == "B"
    issuer = raw(case, "issuer_master_key_hex")
    key = emv.card_key(issuer, case["pan"], case["psn"], option_b=option_b)
    return {"icc_master_key_hex": hexed(key), "kcv_6_hex": check_value(Algorithm.TDES, key)}


def _session_key_common(case: Case) -> Result:
    card = raw(case, "icc_master_key_hex")
    key = emv.common_session_key(card, raw(case, "diversification_hex"))
    return {"session_key_hex": hexed(key), "kcv_6_hex": check_value(Algorithm.TDES, key)}


def _application_cryptogram(case: Case) -> Result:
    padded_80 = case["padding"] == "emv_80"
    made = emv.cryptogram(raw(case, "key_hex"), raw(case, "data_hex"), padded_80=padded_80)
    return {"ac_hex": hexed(made)}


def _arpc_1(case: Case) -> Result:
    made = emv.arpc_1(raw(case, "key_hex"), raw(case, "arqc_hex"), raw(case, "arc_hex"))
    return {"arpc_hex": hexed(made)}


def _arpc_2(case: Case) -> Result:
    csu, data = raw(case, "csu_hex"), bytes.fromhex(case.get("proprietary_auth_data_hex", ""))
    return {"arpc_hex": hexed(emv.arpc_2(raw(case, "key_hex"), raw(case, "arqc_hex"), csu, data))}


_TAGS = ("9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37", "82", "9F36")


def _visa(case: Case) -> Result:
    cvn18 = case["op"] == "visa_cvn18"
    card = emv.card_key(raw(case, "issuer_master_key_hex"), case["pan"], case["psn"])
    tags = case["tags"]
    data = bytes.fromhex("".join(tags[tag] for tag in _TAGS))
    data += raw(case, "tag_9f10_hex" if cvn18 else "cvr_hex")
    key = emv.session_key(card, bytes.fromhex(tags["9F36"])) if cvn18 else card
    arqc = emv.cryptogram(key, data, padded_80=cvn18)
    arpc = (
        emv.arpc_2(key, arqc, raw(case, "csu_hex"))
        if cvn18
        else emv.arpc_1(key, arqc, raw(case, "arc_hex"))
    )
    return {
        "icc_master_key_hex": hexed(card),
        "ac_key_hex": hexed(key),
        "mac_input_hex": hexed(data),
        "arqc_hex": hexed(arqc),
        "arpc_hex": hexed(arpc),
    }


CARD_OPERATIONS: dict[str, Operation] = {
    "ibm_offset": _ibm_offset,
    "expand_validation_data": _expand_validation_data,
    "visa_pvv": _visa_pvv,
    "cvv": _cvv,
    "icc_master_key": _icc_master_key,
    "session_key_common": _session_key_common,
    "application_cryptogram": _application_cryptogram,
    "arpc_method_1": _arpc_1,
    "arpc_method_2": _arpc_2,
    "visa_cvn10": _visa,
    "visa_cvn18": _visa,
}
