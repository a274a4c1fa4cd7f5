"""Master keys of terminals that are added while the house runs: made in the HSM, never seen here.

A shell over the HSM's operator socket. The key comes back as a key block; where a transport key is
named, also wrapped under that, for the place that loads the terminal. Who may ask is in routes.py.
"""

from dataclasses import dataclass, field
from typing import Protocol

import trio

from pointsman.console.problems import Code, Problem
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import (
    Answer,
    HsmUnavailable,
    ImportKey,
    KeyMade,
    NewKey,
    Refused,
    Request,
)

HSM_S = 2.0
LABORATORY = "laboratory"
"""In the place of a ZMK's block: the published test key, for simulated terminals."""
_TEST_ZMK = "0123456789ABCDEFFEDCBA9876543210"


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A terminal master key: its block, its check value, and itself under a transport key."""

    block: bytes = field(repr=False)
    check_value: str
    wrapped: str = field(default="", repr=False)  # hex


class KeyMaker(Protocol):
    """Makes master keys of terminals."""

    async def terminal_key(self, owner: str, under: str) -> MadeKey:
        """Return a new key of `owner` (MID/TID); `under` is a ZMK's block, empty or LABORATORY."""


class HsmKeys:
    """Keys of the house's own HSM."""

    def __init__(self, client: HsmClient) -> None:
        self._client = client

    async def terminal_key(self, owner: str, under: str) -> MadeKey:
        """See KeyMaker; raises Problem."""
        zmk = under.encode("ascii")
        if under == LABORATORY:
            match await self._ask(ImportKey("ZMK", _TEST_ZMK, LABORATORY)):
                case KeyMade(block):
                    zmk = block
                case _:
                    raise Problem(Code.VALIDATION_FAILED, "transport_key: this is no laboratory")
        answer = await self._ask(NewKey("TMK", owner, under=zmk))
        match answer:
            case KeyMade(block, check_value, wrapped):
                return MadeKey(block, check_value, wrapped.hex().upper())
            case Refused(_, reason):
                raise Problem(Code.VALIDATION_FAILED, f"transport_key: the HSM says {reason}")
            case _:
                raise Problem(Code.HSM_UNAVAILABLE, "The HSM gave an answer that does not fit.")

    async def _ask(self, request: Request) -> Answer:
        try:
            return await self._client.ask(request, trio.current_time() + HSM_S)
        except HsmUnavailable:
            raise Problem(Code.HSM_UNAVAILABLE, "Nothing was changed.", retry_s=2) from None
