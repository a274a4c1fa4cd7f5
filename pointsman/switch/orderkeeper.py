"""Finds out what became of an order: asks the acquirer, closes it, records the outcome once.

A shell over one acquirer's session. What is said and what an answer means says orders.py, card and
MAC come from hostseal.py. An order in doubt is owed: each look of owed.py makes one attempt here,
and its terminal's question may make one between (orderdesk.py); the outcome is written only once.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import structs

from pointsman.codecs.codec import Message
from pointsman.effects import Effects
from pointsman.store.parties import Acquirer
from pointsman.store.records import Outcome, Owed, State, Transaction
from pointsman.switch import orders, outward, responses
from pointsman.switch.hostasking import proven_answer
from pointsman.switch.hosts import HostDraft
from pointsman.switch.hostseal import HostSeal, NotNowError
from pointsman.switch.numbers import NumberLease
from pointsman.switch.orders import Fate
from pointsman.switch.traffic import HostRequest, Lane, OnResult

OutcomeOf = Callable[[Transaction, Mapping[int, str]], Outcome]


class Carrier(Protocol):
    """The acquirer's session."""

    @property
    def signed_on(self) -> bool:
        """Whether it carries anything now."""

    def send(self, request: HostRequest, done: OnResult) -> None:
        """Queue a message; `done` is called exactly once."""


class OrderRecords(Protocol):
    """The verb of store/verbs.py that is needed here."""

    async def owed_answered(self, id: bytes, outcome: Outcome) -> None: ...  # noqa: A002, D102


class OrderKeeper:
    """Asks and closes over one acquirer's session; several orders may be under way at once."""

    def __init__(  # noqa: PLR0917 (the parts of one session, in one line where it is made)
        self,
        acquirer: Acquirer,
        link: Carrier,
        records: OrderRecords,
        seal: HostSeal,
        stans: NumberLease,
        effects: Effects,
        outcome_of: OutcomeOf,
    ) -> None:
        self._acquirer = acquirer
        self._link = link
        self._records = records
        self._seal = seal
        self._stans = stans
        self._effects = effects
        self._outcome_of = outcome_of
        self._refused: set[bytes] = set()  # would not close: asked next; at most what is owed

    async def pursue(self, row: Owed) -> Fate:
        """Make one attempt for an order that is owed: a query, or a closing once its time is over.

        Raises StoreUnavailableError or NotNowError when something was away.
        """
        order = row.original
        age_s = lasted_s(row)
        if age_s < self._acquirer.order_s or row.id in self._refused:
            self._refused.discard(row.id)
            return await self.ask(order)
        arrived = age_s >= self._acquirer.request_life_s
        return await self.close(order, arrived=arrived)

    async def ask(self, order: Transaction) -> Fate:
        """Ask whether it was paid, and record it if so."""
        stan, host_time = self._numbers()
        answer = await self._say(orders.query(order, host_stan=stan, host_time=host_time))
        if answer is None:
            return Fate.UNHEARD
        fate = orders.fate_of_query(answer.get(39) or "")
        if fate is Fate.PAID:
            outcome = self._outcome_of(order, answer.fields)
            # A repeat of the order hears its number, even where its first answer was lost.
            told = {**outward.told_number(orders.number_of(order)), **outcome.answer}
            await self._records.owed_answered(order.id, structs.replace(outcome, answer=told))
        return fate

    async def close(self, order: Transaction, *, arrived: bool) -> Fate:
        """Close it, and record that if it was; where it is refused, the next attempt asks."""
        stan, host_time = self._numbers()
        mti = self._acquirer.reversal_mti
        draft = orders.closing(order, mti, host_stan=stan, host_time=host_time)
        answer = await self._say(draft)
        if answer is None:
            return Fate.UNHEARD
        code = answer.get(39) or ""
        fate = orders.fate_of_closing(code, arrived=arrived)
        if fate is Fate.REFUSED:
            self._refused.add(order.id)
        if fate is Fate.CLOSED:
            told = dict(order.answer) | {"39": orders.CLOSED}
            outcome = Outcome(order.id, State.DECLINED, orders.CLOSED, told, host_code=code)
            await self._records.owed_answered(order.id, outcome)
        return fate

    def _numbers(self) -> tuple[str, str]:
        """Return fields 11 and 7 of a message of its own; raises NotNowError."""
        stan = self._stans.take()
        if stan is None or not self._link.signed_on:
            raise NotNowError("no numbers, or not signed on")
        return stan, f"{self._effects.now():%m%d%H%M%S}"

    async def _say(self, draft: HostDraft) -> Message | None:
        """Send and wait; None where nothing was heard that is proven to be the acquirer's."""
        request = await self._seal.request(draft, Lane.REVERSAL)
        message = await proven_answer(self._link, self._seal, request)
        return message if message is not None and message.get(39) else None


def is_final(fate: Fate) -> bool:
    """Tell whether nothing is to be found out any more."""
    return fate in (Fate.PAID, Fate.CLOSED)


def wait_s(fate: Fate, row: Owed, acquirer: Acquirer, again_s: float) -> float:
    """Return how long until the next attempt: soon while it may be paid, at once when refused."""
    if fate is Fate.REFUSED:
        return 0.0
    return orders.POLL_S if lasted_s(row) < acquirer.order_s else again_s


def lasted_s(row: Owed) -> float:
    """Return for how long an order has been pursued at least.

    Its age is by the database's wall clock, which may be set back; between two attempts are
    `orders.POLL_S` at least.
    """
    return max(row.age_s, row.attempts * orders.POLL_S)


def is_told(order: Transaction) -> bool:
    """Tell whether its terminal got its number: the acquirer has it then."""
    return responses.is_approved(order.response_code)
