"""Which kind of key the HSM is asked for, by what a key of the site file is for.

A key has one use: the MAC method and the length of a key decide its kind (hsm/keys.py has the
kinds themselves). The HSM has the last word; here it is only asked for the right thing.
"""

from types import MappingProxyType

from pointsman.hsm.commands import MacMethod
from pointsman.hsm.hostclient import MAC_CODES
from pointsman.site.keys import ClearKey
from pointsman.site.plan import KeyNeed

_SINGLE = 16  # hex digits of a single-length DES key
_TERMINAL_MAC = MappingProxyType(
    {
        MacMethod.CUP_ECB: "TAK_DOUBLE",
        MacMethod.CUP_ECB_SM4: "TAK_SM4",
        MacMethod.CUP_ECB_SM4_RAW: "TAK_SM4",
        MacMethod.X9_9: "TAK_X9_9",
        MacMethod.X9_9_SHORT: "TAK_X9_9",
        MacMethod.X9_19: "TAK_X9_19",
        MacMethod.X9_19_SHORT: "TAK_X9_19",
        MacMethod.CMAC: "TAK_CMAC",
        MacMethod.CBC_SM4: "TAK_SM4",
    }
)
_ZONE_MAC = MappingProxyType(
    {
        MacMethod.X9_9: "ZAK_X9_9",
        MacMethod.X9_9_SHORT: "ZAK_X9_9",
        MacMethod.X9_19: "ZAK",
        MacMethod.X9_19_SHORT: "ZAK",
        MacMethod.CMAC: "ZAK_CMAC_TDES",
        MacMethod.CBC_SM4: "ZAK_SM4",
    }
)
_BLOCK_KINDS = {
    "TMK": ("TMK",),
    "PIK": ("TPK", "TPK_SINGLE", "TPK_AES", "TPK_SM4"),
    "MAK": ("TAK", *_TERMINAL_MAC.values()),
    "ZPK": ("ZPK", "ZPK_AES", "ZPK_SM4"),
    "ZAK": ("ZAK_CMAC", *_ZONE_MAC.values()),
    "ZMK": ("ZMK",),
}


def zone_mac_kind(method: MacMethod) -> str | None:
    """Return the kind of an acquirer's MAC key for this method; None where it has none."""
    return _ZONE_MAC.get(method)


def clear_kind(need: KeyNeed) -> str | None:
    """Return the kind of a clear key by name; None where its method has no key of that purpose."""
    assert isinstance(need.source, ClearKey)
    single = len(need.source.hex) == _SINGLE
    method = MacMethod(need.method)
    match need.purpose:
        case "PIK":
            return "TPK_SINGLE" if single else "TPK"
        case "MAK":
            return "TAK" if single and method is MacMethod.CUP_ECB else _TERMINAL_MAC.get(method)
        case "ZAK":
            return _ZONE_MAC.get(method)
        case purpose:
            return purpose


_DEVICE_KINDS = MappingProxyType(
    {"TMK": "TMK", "PIK": "TPK", "MAK": "TAK", "ZPK": "ZPK", "ZAK": "ZAK", "ZMK": "ZMK"}
)


def device_kind(need: KeyNeed) -> str | None:
    """Return what a key is to a hardware HSM; None where that does not know the MAC method.

    A master key counts, too: working keys for that method would have to be made there.
    """
    if need.purpose in ("TMK", "MAK", "ZAK") and MacMethod(need.method) not in MAC_CODES:
        return None
    return _DEVICE_KINDS[need.purpose]


def block_fits(need: KeyNeed, kind: str) -> bool:
    """Say whether a key block of this kind may stand where `need` stands."""
    return kind in _BLOCK_KINDS[need.purpose]
