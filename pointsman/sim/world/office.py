"""The back office of the simulated house: it gives back what a customer has a receipt for.

A shell, in the place of console/refunding.py: a refund gets its request key in the store, then it
is handed to a worker, again with the same key until its outcome is known. What it asked and heard
is a ledger like a terminal's, and the referee's. A worker's side is the real refund desk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

import trio

from pointsman.handover import ABSENT, RefundOrder
from pointsman.sim.device import Device
from pointsman.sim.items import Item
from pointsman.sim.pos_answers import APPROVALS
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Told
from pointsman.sim.world.chance import Faults
from pointsman.sim.world.database import DatabasePort
from pointsman.sim.world.process import Process, spared
from pointsman.sim.world.sessions import MemoryLedger, OnRow
from pointsman.sim.world.witness import Witness
from pointsman.sim.world.workers import SimWorker
from pointsman.store.memory_refunds import VirtualTerminal, order_refund
from pointsman.store.memory_server import MemoryServer
from pointsman.store.records import RequestKey
from pointsman.store.verbs import StoreUnavailableError

FLOW: Final = "office-refund"
FOLLOW_S: Final = 5.0
LOOK_S: Final = 1.0
UNCLEAR: Final = frozenset({ABSENT, "96", "98", "A0"})
"""Nothing is known of it yet, or nobody looked at it: handed over again."""
BATCH_CLOSED: Final = "77"
UNDER_WAY_MAX: Final = 20


@dataclass(slots=True)
class SimOffice:
    """One back office; `open` counts refunds whose outcome is not known yet."""

    server: MemoryServer
    workers: Sequence[SimWorker]
    faults: Faults
    draw: Random
    witness: Witness
    now_text: Callable[[], str]
    on_row: OnRow
    timeout_s: float
    open: int = 0
    ledger: MemoryLedger = field(init=False)
    _port: DatabasePort = field(init=False)
    _terminals: dict[str, VirtualTerminal] = field(default_factory=dict)
    _orders: dict[bytes, RequestKey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ledger = MemoryLedger(self.on_row)
        self._port = DatabasePort(self.server, Process("office", spared), self.timeout_s)

    async def run(
        self, pause_s: float, devices: Callable[[], Sequence[Device]], is_chaos: Callable[[], bool]
    ) -> None:
        """Give something back now and then, of what terminals hold, until chaos is over."""
        async with trio.open_nursery() as nursery:
            while is_chaos():
                await trio.sleep(self.draw.expovariate(1 / pause_s))
                known = devices()
                # Chaos may have ended meanwhile: nobody closes the day of what is asked after it.
                if not is_chaos() or not known or self.open >= UNDER_WAY_MAX:
                    continue
                device = self.draw.choice(known)
                found = receipts(device)
                if found:
                    item = self.draw.choice(found)
                    part = self.draw.random() < 0.5  # as often as the whole
                    minor = item.amount_minor // 2 if part else item.amount_minor
                    nursery.start_soon(self.give_back, item, max(minor, 1))

    async def give_back_one(
        self, devices: Callable[[], Sequence[Device]], is_over: Callable[[], bool]
    ) -> None:
        """Give the whole of the first receipt back, if there is ever one."""
        self.open += 1
        over = False
        while not over:
            over = is_over()
            found = [item for device in devices() for item in receipts(device)]
            if found:
                await self.give_back(found[0], found[0].amount_minor)
                break
            await trio.sleep(LOOK_S)
        self.open -= 1

    async def give_back(self, item: Item, amount_minor: int) -> str:
        """Give back so much of a sale; return field 39 of what became of it."""
        self.open += 1
        refund = self.draw.randbytes(16)
        key = await self._key(refund, item.asked.mid)
        asked = await self._ask(item, key, amount_minor)
        while True:
            code = await self._hand_over(item, key, amount_minor)
            if code == BATCH_CLOSED:
                # Its batch was closed before anything was written: it gets a new number.
                fresh = await self._key(refund, item.asked.mid)
                if fresh != key:
                    await self._told(asked, code)
                    key = fresh
                    asked = await self._ask(item, key, amount_minor)
            elif code is not None and (code not in UNCLEAR or self._is_refused(key, code)):
                await self._told(asked, code)
                self.witness.rare["the back office gave something back"] += code in APPROVALS
                self.open -= 1
                return code
            await trio.sleep(FOLLOW_S)

    def _is_refused(self, key: RequestKey, code: str) -> bool:
        """Tell whether the journal has it refused with this code: asked again it stays so."""
        db = self.server.db
        held = db.request_keys.get(key)
        row = None if held is None else db.transactions[held[0]]
        return row is not None and (row["state"], row["response_code"]) == ("refused", code)

    async def _key(self, refund: bytes, mid: str) -> RequestKey:
        db = self.server.db
        while True:
            try:
                return await self._port.call(
                    "order_refund",
                    lambda: order_refund(db, self._terminals, self._orders, refund, mid),
                )
            except StoreUnavailableError:
                await trio.sleep(FOLLOW_S)

    async def _hand_over(self, item: Item, key: RequestKey, amount_minor: int) -> str | None:
        """Return field 39, `ABSENT` where it was not heard, None where no worker took it."""
        asked = item.asked
        held = self.server.db.request_keys.get(
            RequestKey(asked.mid, asked.tid, asked.batch, asked.stan)
        )
        if held is None:
            return None  # nobody finds what the journal lacks; that it does, the referee says
        order = RefundOrder(held[0], key.mid, key.batch, key.stan, amount_minor, asked.currency)
        if self.faults.strikes("office line lost"):
            return ABSENT
        code: str | None = None
        for worker in self.draw.sample(list(self.workers), len(self.workers)):
            code = await worker.refund(order)
            if code is not None:
                break
        return ABSENT if self.faults.strikes("office answer lost") else code

    async def _ask(self, item: Item, key: RequestKey, amount_minor: int) -> Asked:
        original = item.asked
        asked = Asked(
            at=self.now_text(),
            mid=key.mid,
            tid=key.tid,
            batch=key.batch,
            stan=key.stan,
            flow=FLOW,
            what=Kind.REFUND,
            entry=Entry.KEYED,
            amount_minor=amount_minor,
            currency=original.currency,
            card=original.card,
            original_batch=original.batch,
            original_stan=original.stan,
        )
        await self.ledger.write(asked)
        return asked

    async def _told(self, asked: Asked, code: str) -> None:
        """Write down what came, with the numbers that the back office shows of it."""
        db = self.server.db
        held = db.request_keys.get(RequestKey(asked.mid, asked.tid, asked.batch, asked.stan))
        shown = None if held is None else db.transactions[held[0]]
        told = Told(
            at=self.now_text(),
            mid=asked.mid,
            tid=asked.tid,
            batch=asked.batch,
            stan=asked.stan,
            code=code,
            approved=code in APPROVALS,
            amount_minor=asked.amount_minor,
            rrn="" if shown is None else str(shown["rrn"]),
            auth="" if shown is None else str(shown["auth_code"]),
        )
        await self.ledger.write(told)


def receipts(device: Device) -> list[Item]:
    """Return what customers of a terminal may bring back: not what its cashier is cancelling."""
    return [item for item in device.refundable() if item.asked.flow != "reversal"]
