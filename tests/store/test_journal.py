"""The two group commits on a real PostgreSQL: keys, guards, repeats, reversals that were faster."""

from dataclasses import replace

import psycopg
import pytest
import trio
import trio.testing

from pointsman.store.records import (
    BatchNotOpen,
    Concluded,
    Conflicting,
    Guard,
    GuardFailed,
    Intent,
    IntentResult,
    NotConcluded,
    NotDurable,
    Outcome,
    Recorded,
    Repeated,
    ReversalArrival,
    State,
    Tombstone,
    Undo,
    Voiding,
)
from tests.store.house import (
    BATCH,
    MID,
    TIDS,
    approved,
    declined,
    import_site,
    transaction,
    unknown,
    until,
    worker,
)


async def test_what_was_intended_is_read_back_whole(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = transaction(1)
        result = await house.intend(sale)
        assert isinstance(result, Recorded)
        row = await house.records.by_key(sale.key)
        assert row == replace(
            sale, business_date=result.business_date, incarnation=house.incarnation
        )


async def test_an_outcome_is_recorded_once(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = transaction(1)
        row = await house.approve(sale)
        assert (row.state, row.approved_minor, row.version) == (State.APPROVED, 1000, 1)
        assert isinstance(await house.conclude(declined(sale)), NotConcluded)
        assert (await house.row(sale)).state is State.APPROVED


async def test_a_repeat_gets_the_first_copy_and_an_altered_one_a_conflict(database: str) -> None:
    await import_site(database)
    async with worker(database, 0) as one, worker(database, 1) as other:
        sale = await one.approve(transaction(1))
        repeat = replace(transaction(1), fingerprint=sale.fingerprint)
        for house in (one, other):
            assert await house.intend(repeat) == Repeated(sale)
            assert await house.intend(replace(repeat, fingerprint=b"other")) == Conflicting()


async def test_two_copies_in_one_round_are_one_sale(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        results: list[IntentResult] = []
        for _ in range(2):
            house.journal.intend(Intent(transaction(1)), trio.current_time() + 5, results.append)
        await until(lambda: len(results) == 2)
        assert sorted(type(result).__name__ for result in results) == ["Recorded", "Repeated"]


async def test_two_workers_racing_for_the_same_keys_share_them(database: str) -> None:
    await import_site(database)
    async with worker(database, 0) as one, worker(database, 1) as other:
        results: list[tuple[int, int, IntentResult]] = []
        for stan in range(1, 301):
            for number, house in enumerate((one, other)):
                # The second worker takes the keys from the other end.
                wanted = stan if number == 0 else 301 - stan
                house.journal.intend(
                    Intent(transaction(wanted)),
                    trio.current_time() + 10,
                    lambda result, n=number, s=wanted: results.append((n, s, result)),  # type: ignore[misc]  # defaults bind the loop's values
                )
            if stan % 20 == 0:
                await trio.sleep(0.002)
        await until(lambda: len(results) == 600)
        recorded = [stan for _, stan, result in results if isinstance(result, Recorded)]
        repeated = [stan for _, stan, result in results if isinstance(result, Repeated)]
        assert sorted(recorded) == sorted(repeated) == list(range(1, 301))


async def test_a_batch_that_is_not_open_takes_no_sale_but_answers_repeats(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        assert await house.intend(transaction(2, batch="000002")) == BatchNotOpen()
        totals = await house.records.batch_totals(MID, TIDS[0], BATCH)
        await house.records.settle_batch(MID, TIDS[0], BATCH, totals)
        assert await house.intend(transaction(2)) == BatchNotOpen()
        assert await house.records.by_key(transaction(2).key) is None
        assert await house.intend(transaction(1)) == Repeated(sale)


async def test_a_refusal_is_one_commit_and_is_told_again(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        refused = replace(
            transaction(1, state=State.REFUSED, answer={"39": "30"}), response_code="30"
        )
        assert isinstance(await house.intend(refused), Recorded)
        repeat = await house.intend(transaction(1))
        assert isinstance(repeat, Repeated)
        assert (repeat.first.state, repeat.first.answer) == (State.REFUSED, {"39": "30"})


async def test_a_void_is_reserved_then_final_or_free_again(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        void = transaction(2, kind="void", original=sale.id)
        assert isinstance(await house.intend(void, Guard.VOID), Recorded)
        assert (await house.row(sale)).voiding is Voiding.RESERVED
        second = transaction(3, kind="void", original=sale.id, answer={"37": "X"})
        assert await house.intend(second, Guard.VOID) == GuardFailed("12")
        stored = await house.row(second)
        told = {"12": "213000", "13": "1122", "15": "1122", "32": "00010000", "37": "X", "39": "12"}
        assert (stored.state, stored.answer) == (State.REFUSED, told)
        await house.conclude(declined(void))
        assert (await house.row(sale)).voiding is Voiding.NONE
        third = await house.approve(transaction(4, kind="void", original=sale.id), Guard.VOID)
        assert (await house.row(sale)).voiding is Voiding.DONE
        # Reversing the void makes the sale live again.
        assert await house.records.reversal_arrived(third.key, 1000, "98") is ReversalArrival.OWED
        assert (await house.row(sale)).voiding is Voiding.RESERVED
        await house.records.owed_done(third.id, "00")
        assert (await house.row(sale)).voiding is Voiding.NONE


@pytest.mark.parametrize(
    ("amount", "code"), [(999, "64"), (1001, "64")], ids=["too little", "too much"]
)
async def test_a_void_takes_back_exactly_what_was_approved(
    database: str, amount: int, code: str
) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        void = transaction(2, kind="void", original=sale.id, amount=amount)
        assert await house.intend(void, Guard.VOID) == GuardFailed(code)


async def test_a_follow_up_of_nothing_is_25(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        void = transaction(2, kind="void", original=b"nothing")
        assert await house.intend(void, Guard.VOID) == GuardFailed("25")


async def test_fifty_parallel_refunds_never_pass_what_was_approved(database: str) -> None:
    await import_site(database)
    async with worker(database, 0) as one, worker(database, 1) as other:
        sale = await one.approve(transaction(1, amount=1000))
        results: list[IntentResult] = []
        async with trio.open_nursery() as nursery:

            async def refund(number: int) -> None:
                house = one if number % 2 else other
                t = transaction(100 + number, kind="refund", original=sale.id, amount=70)
                result = await house.intend(t, Guard.REFUND)
                results.append(result)
                if isinstance(result, Recorded):
                    outcome = declined(t) if number % 5 == 0 else approved(t)
                    assert await house.conclude(outcome) == Concluded(tell=True)

            for number in range(50):
                nursery.start_soon(refund, number)
        row = await one.row(sale)
        granted = sum(isinstance(result, Recorded) for result in results)
        assert granted >= 14
        assert row.refunded_minor <= 1000
        totals = await one.records.batch_totals(MID, TIDS[0], BATCH)
        assert totals.domestic.credit_minor == row.refunded_minor
        assert row.refunded_minor % 70 == 0


async def test_an_unknown_sale_owes_a_reversal_and_is_undone_by_it(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = transaction(1)
        await house.intend(sale)
        assert await house.conclude(unknown(sale)) == Concluded(tell=True)
        row = await house.row(sale)
        assert (row.state, row.undo) == (State.UNKNOWN, Undo.OWED)
        (owed,) = await house.records.due("alpha", [0], 10)
        assert (owed.id, owed.kind, owed.reason, owed.attempts) == (sale.id, "reversal", "98", 0)
        await house.records.owed_numbers(owed.id, "000777", "1122133001")
        (owed,) = await house.records.due("alpha", [0], 10)
        assert (owed.host_stan, owed.host_time, owed.attempts) == ("000777", "1122133001", 1)
        await house.records.owed_later(owed.id, 60)
        assert await house.records.due("alpha", [0], 10) == []
        await house.records.owed_done(owed.id, "00")
        assert (await house.row(sale)).undo is Undo.DONE


async def test_a_reversal_that_is_faster_than_the_answer_is_sent_and_nobody_told(
    database: str,
) -> None:
    await import_site(database)
    async with worker(database, 0) as one, worker(database, 1) as other:
        sale, refused = transaction(1), transaction(2)
        for t in (sale, refused):
            await one.intend(t)
            arrived = await other.records.reversal_arrived(t.key, 1000, "98")
            assert arrived is ReversalArrival.OWED
        assert await one.records.due("alpha", [0], 10) == []
        assert await one.conclude(approved(sale)) == Concluded(tell=False)
        assert await one.conclude(declined(refused)) == Concluded(tell=False)
        assert [owed.id for owed in await one.records.due("alpha", [0], 10)] == [sale.id]
        assert (await one.row(refused)).undo is Undo.CLOSED


async def test_a_late_original_meets_the_tombstone_of_its_reversal(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = transaction(1)
        for _ in range(2):
            arrived = await house.records.reversal_arrived(sale.key, 1000, "98")
            assert arrived is ReversalArrival.UNKNOWN_ORIGINAL
        assert await house.intend(sale) == Tombstone()
        assert await house.records.by_id(sale.id) is None


async def test_a_refund_that_is_not_answered_is_owed_as_an_advice(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        refund = transaction(2, kind="refund", original=sale.id, amount=400, reversible=False)
        await house.intend(refund, Guard.REFUND)
        await house.conclude(unknown(refund))
        (owed,) = await house.records.due("alpha", [0], 10)
        assert owed.kind == "advice"
        assert (await house.row(sale)).refunded_minor == 400
        outcome = Outcome(refund.id, State.DECLINED, "05", {"39": "05"}, "05")
        for _ in range(2):
            await house.records.owed_answered(refund.id, outcome)
        assert (await house.row(sale)).refunded_minor == 0
        assert (await house.row(refund)).state is State.DECLINED
        assert await house.records.due("alpha", [0], 10) == []


async def test_an_intent_that_was_given_up_is_never_left_sending(database: str) -> None:
    await import_site(database)
    async with worker(database) as house, house.pool.session() as blocker:
        sale = transaction(1)
        await blocker.execute("begin")
        await blocker.execute("lock table request_keys in exclusive mode")
        house.wait_s = 0.1
        assert isinstance(await house.intend(sale), NotDurable)
        await blocker.execute("commit")
        with trio.fail_after(5):
            while True:
                row = await house.records.by_id(sale.id)
                if row is not None and row.state is State.FAILED:
                    break
                await trio.sleep(0.01)
        assert row.response_code == "96"


async def test_a_dead_incarnation_writes_nothing_more(database: str) -> None:
    await import_site(database)
    async with worker(database, 0) as old:
        sale, late = transaction(1), transaction(2)
        await old.intend(sale)
        async with worker(database, 0) as new:
            assert (await new.row(sale)).state is State.UNKNOWN
            assert isinstance(await old.intend(late), NotDurable)
            assert old.journal.incarnation_lost.is_set()
            assert isinstance(await old.conclude(approved(sale)), NotConcluded)
            assert await new.records.by_id(late.id) is None
            assert (await new.row(sale)).undo is Undo.OWED


async def test_one_row_that_the_database_refuses_fails_alone(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        results: dict[str, IntentResult] = {}
        poison = replace(transaction(2), host={"43": "\x00"})
        for name, t in (("before", transaction(1)), ("poison", poison), ("after", transaction(3))):
            house.journal.intend(
                Intent(t),
                trio.current_time() + 5,
                lambda result, n=name: results.update({n: result}),  # type: ignore[misc]  # default binds
            )
        await until(lambda: len(results) == 3)
        assert isinstance(results["before"], Recorded)
        assert isinstance(results["after"], Recorded)
        assert isinstance(results["poison"], NotDurable)


async def test_a_delivery_note_is_kept(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        assert not sale.taken
        house.journal.taken(sale.id)
        await house.approve(transaction(2))
        assert (await house.row(sale)).taken


async def test_a_delivery_note_begins_no_commit_but_is_written_when_no_other_comes(
    database: str,
) -> None:
    await import_site(database)
    query = "select kind, hash is not null from events where kind = 'taken' order by sequence"

    def written() -> list[tuple[str, bool]]:
        with psycopg.connect(database, autocommit=True) as reader:
            return reader.execute(query).fetchall()

    async with worker(database) as house:
        house.journal.taken((await house.approve(transaction(1))).id)
        await trio.testing.wait_all_tasks_blocked()
        await house.approve(transaction(2))
        # The last event of a commit has the hash: this one had company.
        assert written() == [("taken", False)]
        house.journal.taken((await house.approve(transaction(3))).id)
        await until(lambda: len(written()) == 2)
        assert written()[1] == ("taken", True)


async def test_outcomes_find_their_rows_by_id_whatever_the_statistics_say(database: str) -> None:
    """A plan by way of the rows in state sending looked at all of them for each outcome."""
    await import_site(database)
    count = 300
    async with worker(database) as house:
        for first in (1, 1 + count):
            # The second time the statistics say that hardly a row is in state sending.
            sales = [transaction(number) for number in range(first, first + count)]
            async with trio.open_nursery() as nursery:
                for sale in sales:
                    nursery.start_soon(house.intend, sale)
            async with trio.open_nursery() as nursery:
                for sale in sales:
                    nursery.start_soon(house.conclude, approved(sale))
            async with house.pool.session() as connection:
                await connection.execute("vacuum analyze")
    # Sessions give their counts when they end.
    query = "select idx_tup_read from pg_stat_user_indexes where indexrelname = %s"
    with psycopg.connect(database, autocommit=True) as reader:

        def read(index: str) -> int:
            row = reader.execute(query, (index,)).fetchone()
            return int(row[0]) if row else 0

        await until(lambda: read("transactions_pkey") >= count)
        assert read("transactions_sending") < 4 * count


async def test_each_request_looks_at_its_own_batch_whatever_the_statistics_say(
    database: str,
) -> None:
    """A plan made for a small house looked at all batches in each commit."""
    await import_site(database)
    count = 30
    async with worker(database, 1) as other, other.pool.session() as connection:
        await other.approve(transaction(1))
        await connection.execute("vacuum analyze")
    async with worker(database) as house:
        for stan in range(2, 2 + count):
            result = await house.intend(transaction(stan, tid=TIDS[-1]))
            assert isinstance(result, Recorded), result
    # Sessions give their counts when they end.
    query = "select idx_tup_read from pg_stat_user_indexes where indexrelname = 'batches_pkey'"
    with psycopg.connect(database, autocommit=True) as reader:

        def read() -> int:
            row = reader.execute(query).fetchone()
            return int(row[0]) if row else 0

        await until(lambda: read() >= count)
        assert read() < 4 * count
