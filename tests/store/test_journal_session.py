"""The journal's session: alone before it reads, and sure where its chain ends."""

import psycopg
import trio

from pointsman.store.connection import TrioConnection, connect
from pointsman.store.journal_session import JournalSession
from pointsman.store.records import Intent
from pointsman.store.rounds import Round, WaitingIntent
from pointsman.store.rows import intent_document
from tests.store.house import EFFECTS, import_site, transaction, worker


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
