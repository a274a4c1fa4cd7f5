"""Operations of the shared vector format about host commands and the variant LMK.

They run on the published test LMK that the file itself carries, with the legacy policy: some cases
have single-length keys or old PIN formats. The other operations are in ``vectors``.
"""

from pointsman.hsm import hostcommands
from pointsman.hsm.hostcommands import Front
from pointsman.hsm.hostfields import Fields
from pointsman.hsm.hostkeys import HostKeys, des
from pointsman.hsm.keys import check_value
from pointsman.hsm.lmkvariant import KeyField, VariantLmk, under
from pointsman.hsm.vectors import Case, Operation, Result, hexed, raw


def _lmk(case: Case) -> VariantLmk:
    pairs = case["parameters"]["test_lmk_pairs_hex"]
    return VariantLmk({name: bytes.fromhex(pair) for name, pair in pairs.items()})


def _answer(case: Case, message: bytes) -> bytes:
    keys = HostKeys(bytes, variant=_lmk(case), legacy=True)
    return Front(keys, frozenset(hostcommands.COMMANDS)).answer(message)


def _host_command(case: Case) -> Result:
    return {"response": _answer(case, case["request"].encode()).decode()}


def _host_command_hex(case: Case) -> Result:
    return {"response_hex": hexed(_answer(case, raw(case, "request_hex")))}


def _lmk_unwrap(case: Case) -> Result:
    lmk, key_type = _lmk(case), case["key_type"]
    field = Fields(case["wrapped"].encode()).key()
    key = lmk.open(key_type, field)
    return {
        "scheme": field.scheme,
        "lmk_key_with_variant_hex": hexed(lmk.key_for(key_type)),
        "key_hex": hexed(key),
        "kcv_6_hex": check_value(des(key), key),
    }


def _zmk_wrap(case: Case) -> Result:
    scheme = case["scheme"]
    wrapped = under(raw(case, "zmk_hex"), scheme, raw(case, "key_hex"), wrap=True)
    return {"wrapped": str(KeyField(scheme, hexed(wrapped)))}


HOST_OPERATIONS: dict[str, Operation] = {
    "host_command": _host_command,
    "host_command_hex": _host_command_hex,
    "lmk_unwrap": _lmk_unwrap,
    "zmk_wrap": _zmk_wrap,
}
