"""Leases: how long one stood still, and the contract of taking one, on both stores."""

import pytest
import trio

from pointsman.store.leases import GAP_S, LAPSE_S, LeaseLostError, Seen, Sightings, session_name
from pointsman.store.records import Concluded, NotConcluded, NotDurable, Recorded, State, Undo
from tests.store.house import approved, own_session, transaction, unknown
from tests.store.stores import Clerk, Store


def lease(number: int = 1, beat: int = 0, holder: int = 7, *, is_living: bool = True) -> Seen:
    return Seen("session 0", number, beat, holder, is_living)


def looks(*beats: int, every_s: float = 2.0) -> Sightings:
    sightings = Sightings()
    for turn, beat in enumerate(beats):
        sightings.look([lease(beat=beat)], turn * every_s)
    return sightings


def test_a_lease_lapses_when_it_stood_still_at_every_look() -> None:
    still = looks(4, 4, 4, 4, 4)
    assert not still.has_lapsed(lease(beat=4), 8.0)
    still.look([lease(beat=4)], LAPSE_S)
    assert still.has_lapsed(lease(beat=4), LAPSE_S)


def test_a_beat_or_another_number_starts_it_anew() -> None:
    moved = looks(4, 4, 4, 4, 4, 5)
    assert not moved.has_lapsed(lease(beat=5), LAPSE_S)
    assert not moved.has_lapsed(lease(number=2, beat=5), 30.0)


def test_who_did_not_look_for_a_while_has_seen_nothing() -> None:
    """The looker was stopped, or the database was away: its holder could not beat either."""
    sightings = looks(4, 4)
    sightings.look([lease(beat=4)], 2.0 + GAP_S + 0.1)
    assert not sightings.has_lapsed(lease(beat=4), 2.0 + GAP_S + 0.1)


def test_what_was_never_seen_has_not_lapsed() -> None:
    assert not Sightings().has_lapsed(lease(), 1000.0)


def test_free_is_what_nobody_or_somebody_dead_holds() -> None:
    assert lease(holder=0).is_free
    assert lease(is_living=False).is_free
    assert not lease().is_free


async def seen(clerk: Clerk, session: int = 0) -> Seen:
    (found,) = [one for one in await clerk.records.beat() if one.name == session_name(session)]
    return found


async def in_doubt(clerk: Clerk, stan: int = 1) -> bytes:
    """Owe the reversal of a sale that had no answer."""
    sale = transaction(stan)
    assert isinstance(await clerk.intend(sale), Recorded)
    assert await clerk.conclude(unknown(sale)) == Concluded(tell=True)
    return sale.id


async def test_a_beat_moves_what_is_held_and_shows_every_session(store: Store) -> None:
    one, other = await store.worker(0), await store.worker(1)
    before = await seen(one)
    assert before.holder == one.incarnation
    assert (await seen(one)).beat == before.beat + 1
    assert {found.holder for found in await other.records.beat()} == {
        one.incarnation,
        other.incarnation,
    }


async def test_nothing_is_written_about_what_is_owed_without_a_lease(store: Store) -> None:
    owner = await store.worker()
    id_ = await in_doubt(owner)
    stranger = await store.worker(1, lease=False)
    with pytest.raises(LeaseLostError):
        await stranger.records.owed_numbers(id_, "000777", "1122133001")
    with pytest.raises(LeaseLostError):
        await stranger.records.adopt_session(0, 1, 0)
    assert (await owner.records.due("alpha", [0], 9))[0].host_stan == ""


async def test_whoever_takes_fences_off_who_had_it(store: Store) -> None:
    """Each commit of the old holder is refused: its sales', and those about what is owed."""
    old = await store.worker(machine="one")
    id_ = await in_doubt(old)
    waits = transaction(2)
    assert isinstance(await old.intend(waits), Recorded)
    new = await store.worker(machine="another", lease=False)
    await own_session(new.records, 0)
    for write in (
        old.records.owed_numbers(id_, "000777", "1122133001"),
        old.records.owed_attempt(id_),
        old.records.owed_later(id_, 1.0),
        old.records.owed_done(id_, "00"),
        old.records.owed_parked(id_, "06"),
    ):
        with pytest.raises(LeaseLostError):
            await write
    assert isinstance(await old.conclude(approved(waits)), NotConcluded)
    assert isinstance(await old.intend(transaction(3)), NotDurable)
    row = await new.row(waits)
    assert (row.state, row.undo) == (State.UNKNOWN, Undo.OWED)  # it may have been sent
    # Whoever had it may still be writing: what it owed waits.
    assert await new.records.due("alpha", [0], 9) == []


async def test_a_lease_that_moved_is_not_taken(store: Store) -> None:
    old = await store.worker(machine="one")
    before = await seen(old)
    new = await store.worker(machine="another", lease=False)
    await old.records.beat()
    assert not await new.records.take_session(0, before.number, before.beat)
    assert isinstance(await old.intend(transaction(1)), Recorded)


async def test_of_two_that_take_at_once_one_has_it(store: Store) -> None:
    old = await store.worker(machine="one")
    before = await seen(old)
    takers = [await store.worker(machine=name, lease=False) for name in ("two", "three")]
    took: list[bool] = []

    async def take(clerk: Clerk) -> None:
        took.append(await clerk.records.take_session(0, before.number, before.beat))

    async with trio.open_nursery() as nursery:
        for taker in takers:
            nursery.start_soon(take, taker)
    assert sorted(took) == [False, True]


async def test_the_next_life_of_a_worker_takes_its_session_and_sends_at_once(store: Store) -> None:
    old = await store.worker()
    id_ = await in_doubt(old)
    new = await store.worker()
    assert [owed.id for owed in await new.records.due("alpha", [0], 9)] == [id_]
    with pytest.raises(LeaseLostError):
        await old.records.owed_done(id_, "00")
    await new.records.owed_done(id_, "00")


async def test_an_answer_that_was_lost_leaves_a_lease_that_is_taken_again(store: Store) -> None:
    clerk = await store.worker()
    before = await seen(clerk)
    assert before.holder == clerk.incarnation
    assert await clerk.records.take_session(0, before.number, before.beat)
    assert isinstance(await clerk.intend(transaction(1)), Recorded)  # it did not end itself


async def test_what_a_session_owes_is_adopted_and_the_session_is_nobodys(store: Store) -> None:
    left, taker = await store.worker(0), await store.worker(1)
    id_ = await in_doubt(left)
    waits = transaction(2)
    assert isinstance(await left.intend(waits), Recorded)
    found = await seen(taker, 0)
    assert await taker.records.adopt_session(0, found.number, found.beat) == 2
    with pytest.raises(LeaseLostError):
        await left.records.owed_done(id_, "00")
    assert isinstance(await left.conclude(approved(waits)), NotConcluded)
    assert await taker.records.due("alpha", [0, 1], 9) == []  # quiet for a while
    after = await seen(taker, 0)
    assert (after.holder, after.is_waited_for) == (0, False)
    again = await store.worker(0)  # who was left comes back to its own session
    assert (await seen(again, 0)).holder == again.incarnation
    await taker.records.owed_done(id_, "00")


async def test_what_arises_on_a_session_of_nobodys_is_waited_for(store: Store) -> None:
    left, taker = await store.worker(0), await store.worker(1)
    sale = await left.approve(transaction(1))
    found = await seen(taker, 0)
    assert await taker.records.adopt_session(0, found.number, found.beat) == 0
    await taker.records.reversal_arrived(sale.key, sale.amount_minor, "17")
    found = await seen(taker, 0)
    assert (found.holder, found.is_waited_for) == (0, True)
    assert await taker.records.adopt_session(0, found.number, found.beat) == 1
    assert [owed.id for owed in await taker.records.due("alpha", [1], 9)] == [sale.id]
    assert await taker.records.adopt_session(0, found.number, found.beat) is None
