"""A terminal asks about its order, or closes it: proven, found, asked upstream, answered.

A shell, one task for each such message (errands.py starts it). An order that is still in doubt is
asked about at the acquirer first; what the terminal hears is what the journal says then. How an
order is asked about is orderkeeper.py.
"""

from collections.abc import Callable
from dataclasses import dataclass

import trio

from pointsman.store.parties import Terminal
from pointsman.store.records import State, Transaction
from pointsman.store.verbs import Records
from pointsman.switch import orders, responses
from pointsman.switch.answering import Answering
from pointsman.switch.flows import Order
from pointsman.switch.hostseal import NotNowError
from pointsman.switch.orderkeeper import OrderKeeper, is_told
from pointsman.switch.ports import Ask
from pointsman.switch.refusals import Refusals
from pointsman.switch.requests import OrderAsked
from pointsman.switch.siteview import SiteView

ASK_S = 20.0  # a terminal that asks is answered within this, whatever the acquirer does


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """Answers questions about orders; `keeper_of` gives what asks an acquirer, by its name."""

    site: SiteView
    records: Records
    refusals: Refusals
    answering: Answering
    keeper_of: Callable[[str], OrderKeeper | None]

    async def answer(self, ask: Ask, terminal: Terminal, request: OrderAsked) -> None:
        """Answer one question; raises StoreUnavailableError and HsmUnavailable."""
        key_set = await self.answering.authenticate(ask, terminal)
        if key_set is None:
            self.refusals.bare(ask, responses.WRONG_MAC, "MAC is wrong")
            return
        order = await self.records.by_rrn(terminal.mid, request.reference)
        if order is None or not orders.is_order(order):
            self.refusals.note(ask, responses.NOT_FOUND, "no such order", 61)
            told = responses.told_by_us(responses.NOT_FOUND, self.site.moment())
            await self.answering.signed(ask, terminal, key_set, told)
            return
        closes = request.flow.order is Order.CLOSES
        if order.state is State.UNKNOWN:
            order = await self._pursued(order, closes=closes)
        code = (orders.answer_to_closing if closes else orders.answer_to_query)(order)
        told = responses.told_by_us(code, self.site.moment(), order.rrn)
        kept = {
            number: order.answer[number] for number in ("32", "59", "63") if number in order.answer
        }
        if code == responses.APPROVED and not closes:
            kept["4"] = f"{order.approved_minor:012d}"
            kept |= {"38": order.auth_code} if order.auth_code else {}
        await self.answering.signed(ask, terminal, key_set, kept | told)

    async def _pursued(self, order: Transaction, *, closes: bool) -> Transaction:
        """Ask the acquirer, and return the order as the journal has it afterwards."""
        keeper = self.keeper_of(order.acquirer)
        if keeper is None:
            return order
        with trio.move_on_after(ASK_S):
            try:
                fate = None
                if closes:
                    fate = await keeper.close(order, arrived=is_told(order))
                if fate in (None, orders.Fate.REFUSED):
                    await keeper.ask(order)
            except NotNowError:
                return order
        return await self.records.by_id(order.id) or order
