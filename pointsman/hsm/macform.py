"""How a MAC stands on the wire: which algorithm a method means and what of the result is shown.

The algorithms are in ``mac``; the methods' names are in ``commands``.
"""

from dataclasses import dataclass

from pointsman.hsm.commands import MacMethod
from pointsman.hsm.mac import CbcMac, Cmac, CupMac, MacMaker, RetailMac
from pointsman.hsm.policy import Operation
from pointsman.hsm.primitives import Algorithm, same

SIZE = 8  # field 64 and 128 are eight bytes, or sixteen hex characters


@dataclass(frozen=True, slots=True)
class Form:
    """A method's operation; ``kept`` bytes of the MAC, then zeros; ``text`` for characters."""

    operation: Operation
    kept: int = SIZE
    text: bool = False


FORMS: dict[MacMethod, Form] = {
    MacMethod.CUP_ECB: Form(Operation.MAC_CUP, text=True),
    MacMethod.CUP_ECB_SM4: Form(Operation.MAC_CUP, text=True),
    MacMethod.CUP_ECB_SM4_RAW: Form(Operation.MAC_CUP),
    MacMethod.X9_9: Form(Operation.MAC_CBC),
    MacMethod.X9_9_SHORT: Form(Operation.MAC_CBC, kept=4),
    MacMethod.X9_19: Form(Operation.MAC_RETAIL),
    MacMethod.X9_19_SHORT: Form(Operation.MAC_RETAIL, kept=4),
    MacMethod.CMAC: Form(Operation.MAC_CMAC),
    MacMethod.CBC_SM4: Form(Operation.MAC_CBC),
}


def maker(operation: Operation, algorithm: Algorithm, key: bytes) -> MacMaker:
    """Return the key made ready for a MAC operation."""
    match operation:
        case Operation.MAC_CUP:
            return CupMac(algorithm, key)
        case Operation.MAC_CBC:
            return CbcMac(algorithm, key)
        case Operation.MAC_RETAIL:
            return RetailMac(key)
        case Operation.MAC_CMAC:
            return Cmac(algorithm, key)
        case _:
            raise ValueError("not a MAC operation")


def on_wire(method: MacMethod, ready: MacMaker, data: bytes) -> bytes:
    """Return the eight bytes of field 64 over ``data``."""
    form = FORMS[method]
    if form.text:
        return ready.make(data)
    full = ready.result(data) if isinstance(ready, CupMac) else ready.make(data)
    return full[: form.kept] + bytes(SIZE - form.kept)


def agrees(method: MacMethod, ready: MacMaker, data: bytes, mac: bytes) -> bool:
    """Tell whether ``mac`` is right; sixteen hex characters stand for eight raw bytes."""
    expected = on_wire(method, ready, data)
    if len(mac) == 2 * SIZE and not FORMS[method].text:
        return same(expected.hex().upper().encode(), mac.upper())
    return same(expected, mac)
