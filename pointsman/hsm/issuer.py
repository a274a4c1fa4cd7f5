"""The issuer's side, for the simulators' role alone: PIN, card value and cryptogram checks.

The policy keeps the switch's socket away from here. Algorithms are in ``cardvalues`` and ``emv``.
Track 2 under a TDK is opened here too, which the switch may ask.
"""

from typing import assert_never

from pointsman.hsm import cardvalues, emv, pinblock
from pointsman.hsm import commands as c
from pointsman.hsm.chamber import Chamber
from pointsman.hsm.pinblock import PinBlockError, PinFormat
from pointsman.hsm.policy import NotAllowed
from pointsman.hsm.primitives import same

TRACK_DIGITS = 16  # as many are enciphered, before the last one
_HEX = frozenset("0123456789ABCDEF")


def perform(
    chamber: Chamber, request: c.VerifyPin | c.VerifyCryptogram | c.VerifyCardValue
) -> c.Answer:
    """Do one issuer request; raises NotAllowed, KeyBlockError and ValueError."""
    match request:
        case c.VerifyPin():
            return verify_pin(chamber, request)
        case c.VerifyCryptogram():
            return verify_cryptogram(chamber, request)
        case c.VerifyCardValue():
            _, cvk = chamber.keys.card_value.get(request.cvk, chamber.world.clock())
            made = cardvalues.cvv(cvk, request.pan, request.expiry, request.service_code)
            return c.Verified(same(made.encode(), request.cvv.encode()))
        case _:
            assert_never(request)


def verify_pin(chamber: Chamber, request: c.VerifyPin) -> c.Verified:
    """Check a PIN by its PVV; a block that holds no PIN is simply wrong."""
    chamber.demand_pin_keys_allowed()
    kind = PinFormat(request.block_format)
    _, decrypt = chamber.keys.pin_in.get(request.zpk, chamber.world.clock())
    _, pvk = chamber.keys.pin_value.get(request.pvk, chamber.world.clock())
    try:
        field = pinblock.decipher(kind, request.block, request.pan, decrypt)
        pin = pinblock.read_pin(kind, field)
    except PinBlockError:
        chamber.count("verify_pin", "fault")
        return c.Verified(right=False)
    made = cardvalues.pvv(pvk, request.pan, request.pvki, pin)
    return c.Verified(same(made.encode(), request.pvv.encode()))


def verify_cryptogram(chamber: Chamber, request: c.VerifyCryptogram) -> c.CryptogramChecked:
    """Check an ARQC and answer with the ARPC."""
    _, master = chamber.keys.cryptogram.get(request.mk, chamber.world.clock())
    card = emv.card_key(master, request.pan, request.psn)
    match request.scheme:
        case "cvn10":
            key, padded_80 = card, False
        case "cvn18":
            key, padded_80 = emv.session_key(card, request.atc), True
        case "mchip":
            key = emv.mchip_session_key(card, request.atc, request.unpredictable)
            padded_80 = True
        case _:
            raise NotAllowed("scheme")
    expected = emv.cryptogram(key, request.data, padded_80=padded_80)
    if not same(expected, request.arqc):
        return c.CryptogramChecked(right=False)
    if request.scheme == "cvn18":
        return c.CryptogramChecked(right=True, arpc=emv.arpc_2(key, request.arqc, request.arc))
    # M/Chip and CVN 10 answer under the card's own key.
    return c.CryptogramChecked(right=True, arpc=emv.arpc_1(card, request.arqc, request.arc))


def open_track(chamber: Chamber, request: c.OpenTrack) -> c.OpenedTrack:
    """Put back the sixteen digits before the last one of track 2 (POS protocol, section 7)."""
    _, decrypt = chamber.keys.track_open.get(request.tdk, chamber.world.clock())
    track = request.track
    hidden = track[-1 - TRACK_DIGITS : -1]
    if len(track) <= TRACK_DIGITS or not _HEX.issuperset(hidden):
        raise ValueError("track 2 does not hold cipher text")
    clear = decrypt(bytes.fromhex(hidden)).hex().upper()
    return c.OpenedTrack(track[: -1 - TRACK_DIGITS] + clear + track[-1])
