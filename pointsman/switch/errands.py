"""What is no payment: sign-in, sign-off, echo, reversal, settlement, batch upload, refusals.

Each is one task, since each is rare, and each ends in exactly one answer. Bounded by
`ERRANDS_MAX`. What a payment goes through is transaction.py; how what is owed is sent, owed.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import assert_never

import trio

from pointsman import log
from pointsman.codecs.errors import EncodeError
from pointsman.config import Timers
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import HsmUnavailable, MacMethod, NewTerminalKeys, TerminalKeys
from pointsman.metrics import Metrics
from pointsman.store.parties import KeySet, KeySetState, RefusedCard, Terminal
from pointsman.store.records import ReversalArrival
from pointsman.store.verbs import BatchTotals, Records, SideTotals, StoreUnavailableError
from pointsman.switch import downloads, responses
from pointsman.switch.answering import Answering
from pointsman.switch.orderdesk import OrderDesk
from pointsman.switch.orderkeeper import OrderKeeper
from pointsman.switch.ports import Ask
from pointsman.switch.refusals import Refusals
from pointsman.switch.requests import (
    BatchEnd,
    Download,
    Echo,
    OrderAsked,
    Payment,
    Refusal,
    Request,
    Reversal,
    Settle,
    SignIn,
    SignOff,
    Upload,
)
from pointsman.switch.siteview import SiteView

ERRANDS_MAX = 500  # at once; a settlement of all terminals at midnight comes in waves
_BALANCED, _DIFFERENT, _ERROR = "1", "2", "3"
_ARRIVAL_CODES = {
    ReversalArrival.UNKNOWN_ORIGINAL: "25",
    ReversalArrival.AMOUNT_DIFFERS: "25",
    ReversalArrival.NOTHING_TO_UNDO: "00",
    ReversalArrival.OWED: "00",
    ReversalArrival.VOIDED: "12",
    ReversalArrival.NOT_DURABLE: "96",
}
COUNT_TOLD_MAX = 999
"""The most that the three digits of a count in field 48 can say; it stands for all above."""
_REASONS = {"98": "68", "17": "17", "06": "06"}  # the terminal's field 39 as the acquirer's
_OTHER_REASON = "22"


class Errands:
    """The rare messages of one worker's terminals."""

    def __init__(
        self,
        site: SiteView,
        refusals: Refusals,
        *,
        records: Records,
        hsm: HsmClient,
        metrics: Metrics,
        timers: Timers,
        kick: Callable[[], None],
        keeper_of: Callable[[str], OrderKeeper | None] = lambda _: None,
    ) -> None:
        self._site = site
        self._refusals = refusals
        self._records = records
        self._hsm = hsm
        self._answering = Answering(site, records=records, hsm=hsm, timers=timers)
        self._orders = OrderDesk(site, records, refusals, self._answering, keeper_of)
        self._metrics = metrics
        self._timers = timers
        self._kick = kick
        self._nursery: trio.Nursery | None = None
        self._busy = 0

    @property
    def busy(self) -> int:
        """How many are under way."""
        return self._busy

    async def run(self) -> None:
        """Serve errands until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            await trio.sleep_forever()

    def begin(self, ask: Ask, terminal: Terminal, request: Request) -> bool:
        """Start the task that answers this message; False when too many are under way."""
        if self._nursery is None or self._busy >= ERRANDS_MAX:
            return False
        self._busy += 1
        self._nursery.start_soon(self._run, ask, terminal, request)
        return True

    async def _run(self, ask: Ask, terminal: Terminal, request: Request) -> None:
        try:
            with trio.fail_after(self._timers.switch_s):
                await self._answer(ask, terminal, request)
        except (StoreUnavailableError, HsmUnavailable, trio.TooSlowError):
            self._refusals.bare(ask, responses.MALFUNCTION, "store or HSM away")
        except EncodeError as fault:
            self._refusals.bare(ask, responses.FORMAT, f"field {fault.field} cannot be echoed")
        finally:
            self._busy -= 1

    async def _answer(self, ask: Ask, terminal: Terminal, request: Request) -> None:
        match request:
            case SignIn():
                await self._sign_in(ask, terminal, request)
            case SignOff():
                await self._records.sign_off(terminal.mid, terminal.tid)
                self._forget(terminal)
                self._answering.plain(ask, self._answering.known(terminal))
            case Echo():
                self._answering.plain(ask, {})
            case Download(code, asked):
                await self._download(ask, terminal, code, asked)
            case OrderAsked():
                await self._orders.answer(ask, terminal, request)
            case Reversal():
                await self._reversal(ask, terminal, request)
            case Settle():
                await self._settle(ask, terminal, request)
            case Upload():
                await self._upload(ask, terminal, request)
            case BatchEnd():
                await self._end(ask, terminal, request)
            case Refusal():
                await self._refusal(ask, terminal, request)
            case Payment():
                raise AssertionError("a payment is no errand")
            case _:
                assert_never(request)

    # ---------------------------------------------------------------------------- session

    async def _sign_in(self, ask: Ask, terminal: Terminal, request: SignIn) -> None:
        """Give new working keys, stored as pending before the terminal hears of them."""
        keys = await self._terminal_keys(terminal, request)
        if keys is None:
            self._metrics.terminal_sign_ons.labels("refused").inc()
            self._refusals.bare(ask, responses.MALFUNCTION, "the HSM made no keys")
            return
        signed = await self._records.sign_in(terminal.mid, terminal.tid, keys.tpk, keys.tak)
        self._forget(terminal)
        if signed is None:
            self._metrics.terminal_sign_ons.labels("refused").inc()
            self._refusals.bare(ask, responses.UNKNOWN_TERMINAL, "terminal is gone")
            return
        if signed.key_set.tpk != keys.tpk:
            # Too many sign-ins: an 0800 has no MAC, and who knows a TID must not rotate it out.
            log.get().warning("sign_in_too_often", mid=terminal.mid, tid=terminal.tid)
            keys = await self._keys_again(terminal, request, signed.key_set)
            if keys is None:
                self._metrics.terminal_sign_ons.labels("refused").inc()
                self._refusals.bare(ask, responses.MALFUNCTION, "the keys cannot be told again")
                return
        self._metrics.terminal_sign_ons.labels("done").inc()
        self._answering.plain(
            ask,
            self._answering.known(terminal)
            | {"60": f"00{signed.batch}{request.layout}", "62": keys.field62.hex().upper()},
        )

    async def _keys_again(
        self, terminal: Terminal, request: SignIn, newest: KeySet
    ) -> TerminalKeys | None:
        """Tell keys that it was given before: the newest that fit the layout it asks for.

        Somebody else may have asked for other layouts in its name.
        """
        known = await self._records.terminal(terminal.mid, terminal.tid)
        older = known.key_sets if known is not None else ()
        usable = [one for one in older if one.state is not KeySetState.RETIRING]
        for one in (newest, *sorted(usable, key=lambda one: -one.number)):
            keys = await self._terminal_keys(terminal, request, (one.tpk, one.tak))
            if keys is not None:
                return keys
        return None

    async def _terminal_keys(
        self, terminal: Terminal, request: SignIn, again: tuple[bytes, ...] = ()
    ) -> TerminalKeys | None:
        answer = await self._hsm.ask(
            NewTerminalKeys(
                terminal.tmk,
                request.layout,
                owner=f"{terminal.mid}/{terminal.tid}",
                method=MacMethod(terminal.mac_method),
                again=again,
            ),
            self._answering.hsm_deadline(),
        )
        return answer if isinstance(answer, TerminalKeys) else None

    async def _download(self, ask: Ask, terminal: Terminal, code: str, asked: bytes) -> None:
        directory = self._site.directory
        merchant = directory.merchants[terminal.mid]  # reception has seen it
        cards: Sequence[RefusedCard] = ()
        if code == downloads.BLACK_LIST:
            before = downloads.first_record(asked) - 1
            cards = await self._records.refused_cards(before, downloads.CARDS_MAX + 1)
        given = downloads.answer(code, asked, directory.downloads, merchant, cards)
        told = {"62": given.hex().upper()} if given else {}
        if code not in downloads.LISTS:
            told["37"] = self._site.rrn()
        self._answering.plain(ask, told)

    # --------------------------------------------------------------------------- reversal

    async def _reversal(self, ask: Ask, terminal: Terminal, request: Reversal) -> None:
        key_set = await self._answering.authenticate(ask, terminal)
        if key_set is None:
            self._refusals.bare(ask, responses.WRONG_MAC, "MAC of a reversal is wrong")
            return
        arrival = await self._records.reversal_arrived(
            request.key, request.amount_minor, _REASONS.get(request.reason, _OTHER_REASON)
        )
        if arrival is ReversalArrival.OWED:
            self._kick()
        code = _ARRIVAL_CODES[arrival]
        if code != responses.APPROVED:
            self._refusals.note(ask, code, arrival.value)
        told = responses.told_by_us(code, self._site.moment(), self._site.rrn())
        if code == responses.APPROVED:
            told = self._answering.known(terminal) | told | {"15": f"{self._site.today():%m%d}"}
        if arrival is not ReversalArrival.NOT_DURABLE:
            # A copy hears the first one's answer, byte for byte.
            told = dict(await self._records.reversal_told(request.key, told))
        await self._answering.signed(ask, terminal, key_set, told)

    async def _refusal(self, ask: Ask, terminal: Terminal, request: Refusal) -> None:
        """Refuse a message without meaning; with a MAC if it had one (terminal-protocol 4)."""
        if 64 not in ask.message:
            money = ask.message.mti[1] in "124"
            code = responses.WRONG_MAC if money else request.code
            self._refusals.bare(ask, code, request.reason)
            return
        key_set = await self._answering.authenticate(ask, terminal)
        if key_set is None:
            self._refusals.bare(ask, responses.WRONG_MAC, "MAC is wrong")
            return
        self._refusals.note(ask, request.code, request.reason, request.field)
        told = responses.told_by_us(request.code, self._site.moment())
        await self._answering.signed(ask, terminal, key_set, told)

    # ------------------------------------------------------------------------------- batch

    async def _settle(self, ask: Ask, terminal: Terminal, request: Settle) -> None:
        """Compare the terminal's totals with the journal's: the result digits are the answer."""
        claimed = request.claimed
        if any(COUNT_TOLD_MAX in _counts(side) for side in (claimed.domestic, claimed.foreign)):
            known = await self._records.batch_totals(terminal.mid, terminal.tid, request.batch)
            claimed = BatchTotals(
                _counted(claimed.domestic, known.domestic), _counted(claimed.foreign, known.foreign)
            )
        ours = await self._records.settle_batch(terminal.mid, terminal.tid, request.batch, claimed)
        self._forget(terminal)
        text = ask.message[48]
        domestic, foreign = _ERROR, _ERROR
        if ours is not None:
            domestic = _result(claimed.domestic, ours.domestic)
            foreign = _result(claimed.foreign, ours.foreign)
        told = self._answering.known(terminal)
        told["48"] = text[:30] + domestic + text[31:61] + foreign
        told["15"] = f"{self._site.today():%m%d}"
        self._answering.plain(ask, told, code="")
        log.get().info(
            "batch_totals",
            mid=terminal.mid,
            tid=terminal.tid,
            batch=request.batch,
            result=domestic + foreign,
        )

    async def _upload(self, ask: Ask, terminal: Terminal, request: Upload) -> None:
        await self._records.upload(terminal.mid, terminal.tid, request.batch, request.items)
        told = self._answering.known(terminal)
        if 48 in ask.message:
            told["48"] = f"{request.count:02d}"
        self._answering.plain(ask, told)

    async def _end(self, ask: Ask, terminal: Terminal, request: BatchEnd) -> None:
        state = await self._records.close_batch(
            terminal.mid, terminal.tid, request.batch, request.uploaded
        )
        self._forget(terminal)
        if state is None:
            self._refusals.bare(ask, responses.WRONG_BATCH, "no such batch")
            return
        self._answering.plain(ask, self._answering.known(terminal) | {"48": ask.message[48]})
        log.get().info(
            "batch_closed",
            mid=terminal.mid,
            tid=terminal.tid,
            batch=request.batch,
            state=state,
        )

    def _forget(self, terminal: Terminal) -> None:
        self._site.forget(terminal.mid, terminal.tid)


def _result(claimed: SideTotals, ours: SideTotals) -> str:
    return _BALANCED if claimed == ours else _DIFFERENT


def _counts(side: SideTotals) -> tuple[int, int]:
    return side.debit_count, side.credit_count


def _counted(claimed: SideTotals, ours: SideTotals) -> SideTotals:
    """Return a claim with our counts where it says as much as it can, and we have more."""
    debit_count, credit_count = (
        max(said, found) if said == COUNT_TOLD_MAX else said
        for said, found in zip(_counts(claimed), _counts(ours), strict=True)
    )
    return replace(claimed, debit_count=debit_count, credit_count=credit_count)
