"""Writes the history: through the journal's own verbs, with a clock of its own, day by day.

A shell. Intents and outcomes go through the journal's writer, what is rare through the records'
verbs, and each day is closed by the settlement's own code, files and all. Rows get the moments of
the story by clock.py. What happens is story.py, the life of a payment rerun.py.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final, assert_never

import trio

from pointsman.effects import Effects
from pointsman.history import books
from pointsman.history.calendar import (
    Closes,
    Day,
    Due,
    Opens,
    Pays,
    TakesBack,
    Undone,
    agenda,
)
from pointsman.history.chance import Chance
from pointsman.history.clock import PastClock, past
from pointsman.history.day_files import put_down
from pointsman.history.gathered import Gathered
from pointsman.history.numbering import Numbering
from pointsman.history.rerun import Given, Replay, Rerun, Sealed, account
from pointsman.history.story import Happening, Story
from pointsman.history.tills import NewKeys, Tills
from pointsman.history.town import Place
from pointsman.settlement import closing
from pointsman.settlement.end_of_day import Close
from pointsman.store.journal import PostgresJournal
from pointsman.store.leases import session_name
from pointsman.store.parties import Directory
from pointsman.store.pool import Pool
from pointsman.store.records import (
    Concluded,
    IntentResult,
    OutcomeResult,
    Recorded,
    State,
    Transaction,
)
from pointsman.store.records_sql import PostgresRecords
from pointsman.store.settlement_sql import DaysSql

WINDOW_MAX: Final = 24
"""Payments of one group commit at most."""
WAIT_S: Final = 60.0
REFUSED: Final = "12"

Seal = Callable[[Sequence[tuple[str, bytes]]], Awaitable[list[Sealed]]]
"""Gives token and cipher text for card numbers, each with the row that it belongs to."""


@dataclass(slots=True)
class Filling:
    """Writes the days of a story into a house that serves nobody."""

    url: str
    files: Path
    now: datetime
    seal: Seal
    new_keys: NewKeys
    machine: str
    seed: int
    directory: Directory
    places: Sequence[Place]
    clock: PastClock
    effects: Effects = field(default_factory=Effects)
    books: dict[str, bytearray] = field(default_factory=dict)  # lines, by acquirer
    payments: int = 0
    _numbers: Numbering = field(default_factory=Numbering)
    _records: dict[int, Transaction] = field(default_factory=dict)
    _sealed: dict[int, Sealed] = field(default_factory=dict)  # of the day
    _window: list[tuple[Happening, Replay]] = field(default_factory=list)
    _afterwards: list[Due] = field(default_factory=list)
    _pool: Pool = field(init=False)
    _store: PostgresRecords = field(init=False)
    _journal: PostgresJournal = field(init=False)
    _rerun: Rerun = field(init=False)
    _tills: Tills = field(init=False)

    async def fill(self, every: Sequence[Day], told: Callable[[int], None]) -> None:
        """Write these days, the oldest first, and close all but the last."""
        self._pool = Pool(past(self.url), timeout_s=WAIT_S)
        self._store = PostgresRecords(self._pool)
        self._tills = Tills(self._pool, self.new_keys)
        days_sql = DaysSql(self._pool)
        incarnation, _ = await self._store.begin(self.machine, 0)
        await self._own_session()
        self._rerun = Rerun(self.directory, incarnation, self._numbers.rrn, self._numbers.host_stan)
        self._journal = PostgresJournal(self.url, incarnation, effects=self.effects)
        homes = {mid: routes[-1].acquirer for mid, routes in self.directory.routes.items()}
        story = Story(self.seed, self.places, homes)
        now_ms = int(self.now.timestamp() * 1000)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._journal.run)
            for day, following in zip(every, [*every[1:], None], strict=True):
                weekday = day.date.isoweekday()
                happened = story.day(day.number, weekday, day.midnight_ms, now_ms)
                await self._day(agenda(day, self.places, happened, self.seed, now_ms), happened)
                if following is not None:
                    await self.clock.move(following.midnight_ms - _AN_HOUR_MS)
                    await closing.close(days_sql, Close(day.date, following.date), WAIT_S)
                    await closing.write(
                        days_sql, self.files, day.date, closed_now=True, publish=put_down
                    )
                    await days_sql.anchor_heads()
                awaited = story.awaited()
                self._records = {n: one for n, one in self._records.items() if n in awaited}
                told(day.number)
            nursery.cancel_scope.cancel()
        await self.clock.move(now_ms)
        await self._numbers.keep(self._store)
        await self._store.retire(self.machine, range(0))
        await days_sql.anchor_heads()
        self._pool.close()

    async def _own_session(self) -> None:
        """Take the lease of the session under which the history's worker owes reversals."""
        found = {one.name: one for one in await self._store.beat()}.get(session_name(0))
        number, beat = (found.number, found.beat) if found else (0, 0)
        if not await self._store.take_session(0, number, beat):
            raise RuntimeError("another worker has the session")

    async def _day(self, due: Sequence[Due], happened: Sequence[Happening]) -> None:
        self._sealed = await self._seals(happened)
        await self.clock.tell([(self._id(one), one.told_ms) for one in happened])
        for kind, group in groupby(due, type):
            if kind is Opens or kind is Closes:
                await self._flush()
                many = list(group)
                await self._tills.open([one for one in many if isinstance(one, Opens)])
                await self._tills.close([one for one in many if isinstance(one, Closes)])
                continue
            await self._one_by_one(group)
        await self._flush()

    async def _one_by_one(self, due: Iterable[Due]) -> None:
        for one in due:
            if not isinstance(one, Pays):
                self._afterwards.append(one)
                continue
            if any(before.number == one.happening.of for before, _ in self._window):
                await self._flush()
            self._begin(one.happening)
            if len(self._window) >= WINDOW_MAX:
                await self._flush()

    async def _seals(self, happened: Sequence[Happening]) -> dict[int, Sealed]:
        found = await self.seal([(account(one), self._id(one)) for one in happened])
        return {one.number: each for one, each in zip(happened, found, strict=True)}

    def _id(self, happening: Happening) -> bytes:
        at = datetime.fromtimestamp(happening.at_ms / 1000, UTC)
        chance = Chance(self.seed, "id", happening.number)
        return Effects(lambda: at, chance.octets).new_id()

    # --------------------------------------------------------------------------- payments

    def _begin(self, happening: Happening) -> None:
        terminal, stan = self._tills.next(happening.place)
        given = Given(
            terminal,
            stan,
            self._id(happening),
            self._sealed[happening.number],
            self._records.get(happening.of),
        )
        self._window.append((happening, self._rerun.begin(happening, given)))

    async def _flush(self) -> None:
        """Take the window through both commits; then what befell its payments afterwards."""
        window, self._window = self._window, []
        if window:
            await self._commit(window)
        afterwards, self._afterwards = self._afterwards, []
        for one in afterwards:
            await self.clock.move(one.at_ms)
            await self._rare(one)

    async def _commit(self, window: Sequence[tuple[Happening, Replay]]) -> None:
        await self.clock.move(window[-1][0].told_ms)
        first: Gathered[IntentResult] = Gathered(len(window))
        deadline = trio.current_time() + WAIT_S
        for place, (_, replay) in enumerate(window):
            assert replay.intent is not None
            self._journal.intend(replay.intent, deadline, first.at(place))
        await first.whole.wait()
        second: Gathered[OutcomeResult] = Gathered(len(window))
        for place, (_, replay) in enumerate(window):
            result = first.found[place]
            assert isinstance(result, Recorded), result
            replay.recorded(result)
            if replay.outcome is None:  # refused: there is no second commit
                second.at(place)(Concluded(tell=True))
            else:
                self._journal.conclude(replay.outcome, deadline, second.at(place))
        await second.whole.wait()
        for place, (happening, replay) in enumerate(window):
            result_2 = second.found[place]
            assert result_2 == Concluded(tell=True), result_2
            if replay.outcome is not None:
                replay.concluded(Concluded(tell=True))
            self._keep(happening, replay)

    def _keep(self, happening: Happening, replay: Replay) -> None:
        record = replay.record
        self.payments += 1
        self._records[happening.number] = record
        if record.state is not State.APPROVED:
            return
        self._journal.taken(record.id)
        if not happening.takes_back:
            at = datetime.fromtimestamp(happening.at_ms / 1000, UTC).isoformat()
            line = books.line(record, at, self._records.get(happening.of))
            self.books.setdefault(record.acquirer, bytearray()).extend(line)

    # ------------------------------------------------------------------------------- rare

    async def _rare(self, one: Due) -> None:
        match one:
            case TakesBack(_, number):
                record = self._records[number]
                await self._store.reversal_arrived(record.key, record.amount_minor, "98")
            case Undone(at_ms, number, refuses):
                record = self._records[number]
                at = datetime.fromtimestamp(at_ms / 1000, UTC)
                stan = self._numbers.host_stan(record.acquirer, at)
                await self._store.owed_numbers(record.id, stan, f"{at:%m%d%H%M%S}")
                if refuses:
                    await self._store.owed_parked(record.id, REFUSED)
                else:
                    await self._store.owed_done(record.id, "00")
            case Opens() | Closes() | Pays():
                raise AssertionError("told together, or in a window")
            case _:
                assert_never(one)


_AN_HOUR_MS = 3_600_000
