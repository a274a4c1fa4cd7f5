"""What becomes of a refund that could not be sent, or of which the answer was lost: one refund."""

from dataclasses import dataclass, field, replace

import trio

from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.handover import ABSENT, VIRTUAL_TID, RefundOrder
from pointsman.store.records import RequestKey, State
from pointsman.store.verbs import StoreUnavailableError
from tests.console.browser import furnished, person
from tests.console.test_refunding import ask, paid
from tests.store.house import House, approved, transaction, worker


@dataclass
class Desk:
    """A worker's desk: writes an order's request into the journal, by what is said next."""

    house: House
    says: list[str]
    orders: list[RefundOrder] = field(default_factory=list)

    async def refund(self, order: RefundOrder) -> str:
        self.orders.append(order)
        code = self.says.pop(0)
        base = transaction(900 + len(self.orders), amount=order.amount_minor, kind="refund")
        key = RequestKey(order.mid, VIRTUAL_TID, order.batch, order.stan)
        row = replace(base, key=key, original=order.payment)
        match code:
            case "00":
                await self.house.approve(row)
            case "91":
                refused = replace(row, state=State.REFUSED, response_code="91")
                await self.house.intend(replace(refused, answer={"39": "91"}))
            case "later":
                await self.house.intend(row)
                return ABSENT
            case _:
                raise StoreUnavailableError("the database went away after the order")
        return code


def seat(office: Office, desk: Desk) -> None:
    office.refunding._orders = desk


async def test_a_refund_that_no_acquirer_could_be_told_is_said_so_and_its_key_is_free(
    database: str,
) -> None:
    office = await furnished(database)
    payment = await paid(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    async with worker(database) as house:
        desk = Desk(house, ["91", "91", "00"])
        seat(office, desk)
        for _ in range(2):
            away = await ask(owner, {"payment": payment})
            assert (away.status, away.json["code"]) == (503, "acquirer_unavailable"), away.text
            assert away.json["retryable"]
            assert int(away.headers["retry-after"]) > 0
        done = await ask(owner, {"payment": payment})
        assert (done.status, done.json["state"]) == (201, "approved"), done.text
        again = await ask(owner, {"payment": payment})
    assert again.json == done.json
    assert again.headers["idempotency-replayed"] == "true"
    assert len({(order.batch, order.stan) for order in desk.orders}) == 3
    listed = (await owner.get(f"/v1/refunds?payment={payment}")).json["data"]
    assert [one["state"] for one in listed] == ["approved", "declined", "declined"]


async def test_an_order_whose_answer_was_lost_tells_the_truth_later_under_the_same_key(
    database: str,
) -> None:
    office = await furnished(database)
    payment = await paid(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    async with worker(database) as house:
        desk = Desk(house, ["lost", "later", "later", "later"])
        seat(office, desk)
        lost = await ask(owner, {"payment": payment})
        assert (lost.status, lost.json["code"]) == (503, "outcome_unknown"), lost.text
        pending = await ask(owner, {"payment": payment})
        assert (pending.status, pending.json["state"]) == (201, "pending")
        assert pending.json["id"] in lost.json["detail"]
        follower = (await owner.get(f"/v1/refunds/{pending.json['id']}")).json["transaction"]
        assert follower is not None
        query = "select id from transactions where kind = 'refund'"
        kept = await house.records.by_id((await office.pool.rows(query))[0][0])
        assert kept is not None
        await house.conclude(approved(kept))
        known = await ask(owner, {"payment": payment})
    assert (known.status, known.json["state"]) == (201, "approved")
    assert known.json["id"] == pending.json["id"]
    assert len({(order.batch, order.stan) for order in desk.orders}) == 1
    assert len((await owner.get(f"/v1/refunds?payment={payment}")).json["data"]) == 1


@dataclass
class SlowDesk:
    """A worker's desk that answers when it is let."""

    asked: trio.Event = field(default_factory=trio.Event)
    may_answer: trio.Event = field(default_factory=trio.Event)

    async def refund(self, _: RefundOrder) -> str:
        self.asked.set()
        await self.may_answer.wait()
        return ABSENT


async def test_a_refund_that_is_at_its_acquirer_is_told_as_under_way(database: str) -> None:
    office = await furnished(database)
    payment = await paid(database)
    owner = await person(office, Role.MERCHANT_OWNER)
    desk = SlowDesk()
    office.refunding._orders = desk
    first: list[int] = []

    async def send() -> None:
        first.append((await ask(owner, {"payment": payment})).status)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        await desk.asked.wait()
        again = await ask(owner, {"payment": payment})
        assert (again.status, again.json["code"]) == (409, "idempotency_in_progress")
        assert again.json["retryable"]
        desk.may_answer.set()
    assert first == [201]
    replayed = await ask(owner, {"payment": payment})
    assert (replayed.status, replayed.headers["idempotency-replayed"]) == (201, "true")
