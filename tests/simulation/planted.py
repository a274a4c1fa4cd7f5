"""Bugs to plant into the product: each is one patch, in words that say what was got wrong.

A planter gets a function that sets an attribute until the test is over. It patches a function or a
seam of the product (or, where the rule is SQL, its twin in the store in memory); the simulation
must break a promise by it within fifty seeds.
"""

# ruff: noqa: ANN401  # patches stand in for methods of every type

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from msgspec import structs

from pointsman import log
from pointsman.settlement import closing
from pointsman.settlement.files import day_files
from pointsman.store import (
    journal_session,
    memory_days,
    memory_guards,
    memory_notices,
    memory_owed,
    memory_round,
)
from pointsman.store.journal import PostgresJournal
from pointsman.store.journal_session import AnswerLostError, NotWrittenError
from pointsman.store.memory import Incarnation, MemoryDatabase, original_of
from pointsman.store.records import Concluded, OwedState, Recorded, RequestKey, State
from pointsman.store.results import finish
from pointsman.switch import inflight
from pointsman.switch.attempts import Attempts
from pointsman.switch.hostside import HostSide
from pointsman.switch.lookups import Lookups
from pointsman.switch.refusals import Refusals
from pointsman.switch.steps import Conclude, HostSilent, Send
from pointsman.switch.transaction import PaymentLife
from tests.simulation import planted_later

# Any: patches stand in for methods whose types are the product's own.
Patch = Callable[[Any, str, object], None]
DAY = date(2026, 11, 22)
OPEN = (OwedState.WAITING, OwedState.DUE, OwedState.SENT)


def send_before_the_commit(patch: Patch) -> None:
    whole = PostgresJournal.intend

    def intend(self: Any, intent: Any, deadline: float, done: Any) -> None:
        whole(self, intent, deadline, lambda _result: None)
        done(Recorded(DAY))

    patch(PostgresJournal, "intend", intend)


def tell_before_the_commit(patch: Patch) -> None:
    whole = PostgresJournal.conclude

    def conclude(self: Any, outcome: Any, deadline: float, done: Any) -> None:
        whole(self, outcome, deadline, lambda _result: None)
        done(Concluded(tell=True))

    patch(PostgresJournal, "conclude", conclude)


def forget_what_a_dead_worker_had_sent(patch: Patch) -> None:
    def recover(db: MemoryDatabase, dead: Any) -> int:
        for number in dead:
            db.incarnations[number].state = "recovered"
        return 0

    patch(memory_owed, "recover", recover)


def recover_the_rows_of_living_workers(patch: Patch) -> None:
    def begin(db: MemoryDatabase, machine: str, worker: int) -> tuple[int, int]:
        alive = [n for n, one in db.incarnations.items() if one.state != "recovered"]
        new = len(db.incarnations) + 1
        db.incarnations[new] = Incarnation(machine, worker)
        count = sum(
            memory_owed.put_in_doubt(db, id_, "98")
            for number in alive
            for id_ in sorted(db.sending.get(number, ()))
        )
        for number in alive:
            if db.incarnations[number].worker == worker:
                db.incarnations[number].state = "recovered"
        return new, count

    patch(memory_owed, "begin", begin)


def reverse_under_a_new_identity_each_time(patch: Patch) -> None:
    whole = Attempts._numbers

    def numbers(self: Any, row: Any) -> Any:
        return whole(self, row if row.kind == "advice" else replace(row, host_stan=""))

    patch(Attempts, "_numbers", numbers)


def drop_what_is_owed_once_it_is_sent(patch: Patch) -> None:
    async def judge(self: Any, row: Any, _attempt: int, _result: Any, _again_s: float) -> None:
        await self._record(lambda: self._records.owed_done(row.id, "00"))

    patch(Attempts, "_judge", judge)


def match_answers_by_their_number_alone(patch: Patch) -> None:
    patch(inflight, "disagreement", lambda _expected, _answer: None)


def believe_a_wrong_mac_of_the_host(patch: Patch) -> None:
    patch(HostSide, "mac_check", lambda _self, _answer: None)
    patch(HostSide, "lacks_mac", lambda _self, _answer: False)


def take_an_unknown_commit_for_failed(patch: Patch) -> None:
    whole = PostgresJournal._commit

    async def commit(self: Any, cut: Any) -> None:
        try:
            await whole(self, cut)
        except AnswerLostError:
            self._session.end()
            raise NotWrittenError("23000") from None

    patch(PostgresJournal, "_commit", commit)


def take_an_unknown_commit_for_done(patch: Patch) -> None:
    whole = PostgresJournal._commit

    async def commit(self: Any, cut: Any) -> None:
        try:
            await whole(self, cut)
        except AnswerLostError:
            self._session.end()
            finish(self._queue, cut, DAY, ())

    patch(PostgresJournal, "_commit", commit)


def settle_an_unknown_commit_by_a_plain_read(patch: Patch) -> None:
    async def still_there(_connection: Any, _session: Any) -> bool:
        return False

    patch(journal_session, "_still_there", still_there)


def a_late_approval_takes_its_reversal_back(patch: Patch) -> None:
    def late_answer(db: MemoryDatabase, id_: bytes, *, approves: bool) -> bool:
        owed, row = db.owed.get(id_), db.transactions[id_]
        if approves and owed is not None and owed.state in ("due", "sent"):
            owed.state = OwedState.CLOSED
            db.change(row, state="approved", undo="none", approved_minor=row["amount_minor"])
        return False

    patch(memory_notices, "late_answer", late_answer)


def ask_again_after_silence(patch: Patch) -> None:
    whole = PaymentLife.on

    def on(self: Any, event: Any) -> Any:
        if isinstance(event, HostSilent) and not hasattr(self, "asked_again"):
            self.asked_again = True
            message = self._host.message.expected
            again = structs.replace(
                message, host_stan=f"{(int(message.host_stan) + 400_000) % 900_000:06d}"
            )
            return [Send(self.record.acquirer, self._host.data, again)]
        return whole(self, event)

    patch(PaymentLife, "on", on)


def owe_nothing_after_silence(patch: Patch) -> None:
    whole = PaymentLife._unknown

    def unknown(self: Any, reason: str) -> Any:
        whole(self, reason)
        self._outcome = structs.replace(self._outcome, owe=False)
        return [Conclude(self._outcome)]

    patch(PaymentLife, "_unknown", unknown)


def undo_after_posting_posts_nothing(patch: Patch) -> None:
    whole = memory_owed.owed_done

    def owed_done(db: MemoryDatabase, id_: bytes, code: str) -> None:
        whole(db, id_, code)
        db.postings.pop((id_, "undo"), None)

    patch(memory_owed, "owed_done", owed_done)


def the_business_day_is_the_calendars(patch: Patch) -> None:
    def open_day(self: MemoryDatabase) -> date:
        return datetime.fromtimestamp(self.clock(), UTC).date()

    whole = memory_round.MemoryRound._insert

    def insert(self: Any, _day: date, parsed: Any, fresh: Any) -> None:
        whole(self, open_day(self.db), parsed, fresh)

    patch(memory_round.MemoryRound, "_insert", insert)


def write_the_message_into_the_log(patch: Patch) -> None:
    whole = Refusals.note

    def note(self: Any, ask: Any, *about: Any) -> None:
        log.get().info("refused", reason=ask.message.raw.hex())
        whole(self, ask, *about)

    patch(Refusals, "note", note)


def two_refunds_are_counted_as_one(patch: Patch) -> None:
    whole = memory_guards.reserve

    def reserve(db: MemoryDatabase, follow_up: Any) -> str | None:
        original = db.transactions.get(original_of(follow_up) or b"")
        before = 0 if original is None else original["refunded_minor"]
        code: str | None = whole(db, follow_up)
        if code is None and follow_up["guard"] == "refund" and original is not None:
            original["refunded_minor"] = max(before, follow_up["amount_minor"])
        return code

    patch(memory_round, "reserve", reserve)


def the_request_key_has_the_amount_in_it(patch: Patch) -> None:
    def key(doc: Mapping[str, Any]) -> RequestKey:
        return RequestKey(
            doc["mid"], doc["tid"], doc["batch"], f"{doc['stan']}{doc['amount_minor']}"
        )

    patch(memory_round, "_key", key)


def a_void_in_doubt_frees_its_sale(patch: Patch) -> None:
    whole = memory_guards.settle_reservation

    def settle(db: MemoryDatabase, row: Any, state: str, undo: str) -> None:
        whole(db, row, "declined" if state == State.UNKNOWN.value else state, undo)

    patch(memory_owed, "settle_reservation", settle)
    patch(memory_round, "settle_reservation", settle)


def a_copy_is_told_an_approval_that_nobody_claimed(patch: Patch) -> None:
    def claim(_self: Any, _first: bytes, done: Callable[[bool], None]) -> None:
        done(True)

    patch(Lookups, "claim", claim)


def what_an_acquirer_refused_to_take_is_posted(patch: Patch) -> None:
    whole = memory_days._stands

    def stands(db: MemoryDatabase, row: Any) -> str | None:
        approved = (row["state"], row["undo"]) == ("approved", "none")
        return memory_days.POSTED if approved else whole(db, row)

    patch(memory_days, "_stands", stands)


def a_second_adjustment_overtakes_the_first(patch: Patch) -> None:
    def waits(db: MemoryDatabase, id_: bytes, owed: Any) -> bool:
        before = db.owed.get(original_of(db.transactions[id_]) or b"")
        return owed.kind == "advice" and before is not None and before.state in OPEN

    patch(memory_owed, "_waits_for_original", waits)


def a_file_says_when_it_was_written(patch: Patch) -> None:
    whole = day_files
    times: list[int] = []

    def files(closed: Any) -> dict[str, bytes]:
        times.append(1)
        made = whole(closed)
        return {**made, "summary.txt": made["summary.txt"] + f"written {len(times)}\n".encode()}

    patch(closing, "day_files", files)


def a_sale_is_posted_in_cents_of_its_own(patch: Patch) -> None:
    whole = memory_days.signed_minor

    def signed_minor(db: MemoryDatabase, row: Any) -> int | None:
        signed = whole(db, row)
        return signed if signed is None or row["method"] != "chip" else signed + 1

    patch(memory_days, "signed_minor", signed_minor)


_EARLIER: Mapping[str, Callable[[Patch], None]] = {
    bug.__name__: bug
    for bug in (
        send_before_the_commit,
        tell_before_the_commit,
        forget_what_a_dead_worker_had_sent,
        recover_the_rows_of_living_workers,
        reverse_under_a_new_identity_each_time,
        drop_what_is_owed_once_it_is_sent,
        match_answers_by_their_number_alone,
        believe_a_wrong_mac_of_the_host,
        take_an_unknown_commit_for_failed,
        take_an_unknown_commit_for_done,
        settle_an_unknown_commit_by_a_plain_read,
        a_late_approval_takes_its_reversal_back,
        ask_again_after_silence,
        owe_nothing_after_silence,
        undo_after_posting_posts_nothing,
        the_business_day_is_the_calendars,
        write_the_message_into_the_log,
        two_refunds_are_counted_as_one,
        the_request_key_has_the_amount_in_it,
        a_void_in_doubt_frees_its_sale,
        a_copy_is_told_an_approval_that_nobody_claimed,
        what_an_acquirer_refused_to_take_is_posted,
        a_second_adjustment_overtakes_the_first,
        a_file_says_when_it_was_written,
        a_sale_is_posted_in_cents_of_its_own,
    )
}
BUGS: Mapping[str, Callable[[Patch], None]] = {**_EARLIER, **planted_later.BUGS}
