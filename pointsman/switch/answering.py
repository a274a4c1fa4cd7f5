"""How the rare messages are answered: whose MAC it is, and the answer with or without one.

A shell around the HSM and the store's terminals; what is said stands in errands.py (terminals'
management, reversals, settlement) and orderdesk.py (wallet orders).
"""

from collections.abc import Mapping

import trio

from pointsman.config import Timers
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import (
    HsmUnavailable,
    Inbound,
    InboundDone,
    MacMake,
    MacMethod,
    Outbound,
    OutboundDone,
)
from pointsman.store.parties import KeySet, KeySetState, Terminal
from pointsman.store.verbs import Records
from pointsman.switch import outward, responses
from pointsman.switch.ports import Ask
from pointsman.switch.siteview import SiteView


class Answering:
    """Proves who asked and words what is told; owned by one worker."""

    def __init__(self, site: SiteView, *, records: Records, hsm: HsmClient, timers: Timers) -> None:
        self._site = site
        self._records = records
        self._hsm = hsm
        self._timers = timers

    def hsm_deadline(self) -> float:
        """Return until when the HSM is waited for."""
        return trio.current_time() + self._timers.hsm_s

    def known(self, terminal: Terminal) -> dict[str, str]:
        """Return what an answer to a known terminal carries: our reference and the acquirer."""
        told = {"37": self._site.rrn()}
        home = self._site.home(terminal.mid)
        if home:
            told["32"] = self._site.acquirer(home).institution
        return {number: value for number, value in told.items() if value}

    async def authenticate(self, ask: Ask, terminal: Terminal) -> KeySet | None:
        """Return the key set under which the MAC is right; reads the terminal again once."""
        if 64 not in ask.message:
            return None
        tried: set[int] = set()
        for again in (False, True):
            current = terminal
            if again:
                reread = await self._records.terminal(terminal.mid, terminal.tid)
                if reread is None:
                    return None
                current = reread
            for key_set in current.key_sets:
                if key_set.number in tried:
                    continue
                tried.add(key_set.number)
                method = MacMethod(current.mac_method)
                check = outward.mac_check(ask.message, key_set.tak, method)
                answer = await self._hsm.ask(Outbound(mac=check), self.hsm_deadline())
                if isinstance(answer, OutboundDone) and answer.mac_ok:
                    if key_set.state is KeySetState.PENDING:
                        await self._records.promote(terminal.mid, terminal.tid, key_set.number)
                        self._site.forget(terminal.mid, terminal.tid)
                    return key_set
        return None

    def plain(self, ask: Ask, told: Mapping[str, str], code: str = responses.APPROVED) -> None:
        """Answer a message that carries no MAC; a settlement's answer has no field 39."""
        base = responses.told_by_us(code, self._site.moment())
        mti, fields = responses.bare_answer(ask.message.mti, ask.message.fields, base | dict(told))
        ask.answer(ask.codec.encode(mti, fields), code or responses.APPROVED)

    async def signed(
        self, ask: Ask, terminal: Terminal, key_set: KeySet, told: Mapping[str, str]
    ) -> None:
        """Answer with a MAC under the set of the request; raises HsmUnavailable."""
        mti, fields = responses.bare_answer(ask.message.mti, ask.message.fields, told)
        unsigned = responses.unsigned(ask.codec, mti, fields)
        make = MacMake(key_set.tak, MacMethod(terminal.mac_method), unsigned.covered)
        answer = await self._hsm.ask(Inbound(make=make), self.hsm_deadline())
        if not isinstance(answer, InboundDone) or answer.mac is None:
            raise HsmUnavailable
        ask.answer(unsigned.signed(answer.mac), told["39"])
