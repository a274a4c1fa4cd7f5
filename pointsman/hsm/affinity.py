"""Which of several HSM processes a request goes to: the one that has its terminal's keys ready.

Only a preference: any process with the same LMK can answer, and ``client`` takes another where the
preferred one is away.
"""

from zlib import crc32

from pointsman.hsm import commands as c


def home(request: c.Request, turn: int, count: int) -> int:
    """Return the preferred process of ``count``; ``turn`` decides where no key does."""
    if count == 1:
        return 0
    key = _terminal_key(request)
    return (crc32(key) if key else turn) % count


def _terminal_key(request: c.Request) -> bytes:
    """Return the key that only this terminal's requests carry, if any."""
    match request:
        case c.Outbound(mac, _, pin, _):
            return mac.key if mac else pin.source if pin else b""
        case c.Inbound(mac, make):
            return make.key if make else mac.key if mac else b""
        case _:
            return b""
