"""A MAC key that only this worker has: for requests that it makes in the name of a terminal.

A shell around the HSM. What is sealed under it goes through the same checks as a terminal's own
message; nobody outside can make such a MAC, since the key is made here and told to nobody.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import trio

from pointsman.codecs.codec import Codec
from pointsman.config import Timers
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import (
    HsmUnavailable,
    Inbound,
    InboundDone,
    KeyMade,
    MacMake,
    MacMethod,
    NewKey,
)
from pointsman.store.parties import KeySet, KeySetState, Terminal
from pointsman.switch import responses

MAC: Final = MacMethod.X9_19
_KEY: Final = "TAK_X9_19"


def pin_key(terminal: Terminal) -> bytes:
    """Return the terminal's own PIN key, or nothing where it has none."""
    current = (one.tpk for one in terminal.key_sets if one.state is KeySetState.CURRENT)
    return next((key for key in current if key), b"")


class OwnSeal:
    """Seals messages of one dialect; `owner` is the key's name in the HSM's log."""

    def __init__(self, codec: Codec, hsm: HsmClient, timers: Timers, owner: str) -> None:
        self._codec = codec
        self._hsm = hsm
        self._timers = timers
        self._owner = owner
        self._key = b""

    def terminal(self, terminal: Terminal, key: bytes) -> Terminal:
        """Return the terminal as it stands for checks of what is sealed here under this key.

        A PIN block in it is under the key that the terminal has itself.
        """
        ours = (KeySet(0, pin_key(terminal), key, KeySetState.CURRENT),)
        return replace(terminal, mac_method=MAC.value, key_sets=ours, signed_in=True)

    async def sealed(
        self, mti: str, fields: Mapping[int, str], *, mac: bool
    ) -> tuple[bytes, bytes]:
        """Return a message's bytes, with a MAC if it has one, and the key of that MAC.

        Another message may put a new key in its place meanwhile. Raises HsmUnavailable.
        """
        if not mac:
            return self._codec.encode(mti, fields), self._key
        if not self._key:
            made = await self._hsm.ask(NewKey(_KEY, self._owner), self._deadline())
            if not isinstance(made, KeyMade):
                raise HsmUnavailable("no key was made")
            self._key = made.block
        key = self._key
        unsigned = responses.unsigned(self._codec, mti, fields)
        make = MacMake(key, MAC, unsigned.covered)
        done = await self._hsm.ask(Inbound(make=make), self._deadline())
        if not isinstance(done, InboundDone) or done.mac is None:
            self._key = b""  # the HSM may have another master key by now
            raise HsmUnavailable("no MAC was made")
        return unsigned.signed(done.mac), key

    def _deadline(self) -> float:
        return trio.current_time() + self._timers.hsm_s
