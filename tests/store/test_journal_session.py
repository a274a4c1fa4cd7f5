"""The journal's session: alone before it reads, and sure where its chain ends."""

import json

import psycopg
import trio

from pointsman.store.connection import TrioConnection, connect
from pointsman.store.journal_session import JournalSession
from pointsman.store.records import Guard, Intent, ReversalArrival
from pointsman.store.rounds import Round, WaitingIntent
from pointsman.store.rows import intent_document
from pointsman.store.waiting import Queue
from tests.store.house import (
    EFFECTS,
    approved,
    declined,
    import_site,
    transaction,
    unknown,
    worker,
)


def _round(stan: int) -> Round:
    intent = Intent(transaction(stan))
    return Round(intents=[WaitingIntent(intent, intent_document(intent), 0.0, None)])


async def test_the_chain_goes_on_where_the_session_before_ended(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        for stan in (1, 2):
            session = JournalSession(database, house.incarnation, effects=EFFECTS, connect=connect)
            await session.ready()
            assert session.sequence == stan - 1
            await session.commit(_round(stan))
            assert session.sequence == stan
            session.end()


async def test_a_lost_answer_is_found_and_the_old_session_is_gone(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        session = JournalSession(database, house.incarnation, effects=EFFECTS, connect=connect)
        await session.ready()
        pid = _writers(database)
        assert len(pid) == 1
        assert await session.found_after(session.sequence) is None
        assert not pid & _writers(database)
        cut = _round(1)
        written = await session.commit(cut)
        id_ = cut.intents[0].intent.transaction.id
        assert await session.found_after(0) == {("intent", id_): ("intent", written.day)}
        session.end()


async def test_what_nobody_expected_of_a_round_is_in_its_chain_and_the_chain_holds(
    database: str,
) -> None:
    await import_site(database)
    async with worker(database) as house:
        session = JournalSession(database, house.incarnation, effects=EFFECTS, connect=connect)
        await session.ready()
        sales = [transaction(stan) for stan in (1, 2, 3, 4)]
        queue = Queue()
        for sale in sales:
            queue.add_intent(Intent(sale), 0.0, lambda _: None)
        await session.commit(queue.cut())
        overtaken = await house.records.reversal_arrived(sales[1].key, 1000, "98")
        assert overtaken is ReversalArrival.OWED

        queue.add_outcome(approved(sales[0]))
        queue.add_outcome(approved(sales[1]))  # its reversal was faster: told to nobody
        queue.add_outcome(declined(transaction(9)))  # was never intended
        queue.add_outcome(unknown(sales[2]))
        queue.add_taken(sales[0].id)
        copy, altered = transaction(1), transaction(4, fingerprint=b"other")
        void = transaction(6, kind="void", original=sales[0].id, amount=999)
        fresh, elsewhere = transaction(7), transaction(8, batch="000002")
        for one in (copy, altered, fresh, elsewhere):
            queue.add_intent(Intent(one), 0.0, lambda _: None)
        queue.add_intent(Intent(void, Guard.VOID), 0.0, lambda _: None)
        told = await session.commit(queue.cut())
        queue.add_outcome(approved(fresh))
        await session.commit(queue.cut())
        session.end()
    assert told.others is not None
    assert sorted((o["k"], o["n"], o["r"]) for o in json.loads(told.others)) == [
        ("i", 1, "repeated"),
        ("i", 2, "conflict"),
        ("i", 3, "guard"),
        ("i", 5, "batch"),
        ("o", 2, "untold"),
        ("o", 3, "not"),
    ]
    with psycopg.connect(database) as connection:
        events = connection.execute(
            "select kind, transaction from events where writer = %s order by sequence offset 4",
            (house.incarnation,),
        ).fetchall()
        broken = connection.execute("select broken_at(%s)", (house.incarnation,)).fetchone()
    assert events == [
        ("outcome", sales[0].id),
        ("outcome-untold", sales[1].id),
        ("outcome", sales[2].id),
        ("taken", None),
        ("guard-64", void.id),
        ("intent", fresh.id),
        ("outcome", fresh.id),
    ]
    assert broken == (None,)


async def test_a_round_of_copies_alone_adds_nothing_to_the_chain(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        session = JournalSession(database, house.incarnation, effects=EFFECTS, connect=connect)
        await session.ready()
        await session.commit(_round(1))
        copies = await session.commit(_round(1))
        assert session.sequence == 1
        assert copies.others is not None
        await session.commit(_round(2))
        session.end()
    with psycopg.connect(database) as connection:
        broken = connection.execute("select broken_at(%s)", (house.incarnation,)).fetchone()
    assert (session.sequence, broken) == (2, (None,))


async def test_a_server_that_is_away_is_waited_for(database: str) -> None:
    tries = 0

    async def later(url: str) -> TrioConnection:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise psycopg.OperationalError
        return await connect(url)

    session = JournalSession(database, 1, effects=EFFECTS, connect=later)
    with trio.fail_after(10):
        await session.ready()
    assert tries == 3
    session.end()


def _writers(database: str) -> set[int]:
    """Return the process ids of sessions that have made ready as a journal does."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "select pid from pg_stat_activity where datname = current_database()"
            " and query like '%from events where writer%' and pid <> pg_backend_pid()"
        ).fetchall()
    return {row[0] for row in rows}
