"""A simulated host without its sockets: a message comes in, a row and an answer go out.

A core: the time, the draws of chance and the state of the line come in as arguments. The decisions
are issuer.py (what), moods.py (how) and book.py (what was before); listening, waiting and writing
the ledger is acquirer.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from pointsman.codecs.codec import Codec, Message
from pointsman.sim import host_messages as wire
from pointsman.sim import host_totals
from pointsman.sim.book import FOLLOWING, NOT_YET, Book
from pointsman.sim.host_rows import (
    Effect,
    HostNetwork,
    HostRequest,
    HostReversal,
    HostRow,
    Outcome,
    Work,
)
from pointsman.sim.issuer import APPROVED, PinCheck, check_pin, verdict
from pointsman.sim.moods import CONFIRMING, DRAW_SIDES, Behaviour, Moods
from pointsman.sim.questions import Question, UndoQuestion

MAC_ERROR: Final = "A0"
NOT_SIGNED_ON: Final = "91"
NOT_SUPPORTED: Final = "12"
NETWORK_CODES: Final = {"001": "sign-on", "002": "sign-off", "301": "echo", "201": "cut-over"}
REQUEST_CLASSES: Final = frozenset({"01", "02", "06"})
AMOUNT_DECIDES: Final = frozenset({Work.SALE, Work.PREAUTH, Work.REFUND, Work.ORDER})
TOLD_AFTERWARDS: Final = frozenset({Work.ADVICE, Work.REPLACE, Work.SCRIPT, Work.POINTS})
"""Not for the amount's table: what has happened already, and points."""

Draw = Callable[[int], int]
"""Gives a whole number from 0 to one below the argument."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the host has decided: the row, to be written first, and the answer and its manner."""

    row: HostRow
    answer: bytes
    behaviour: Behaviour = Behaviour.ANSWER


@dataclass(slots=True)
class Host:
    """One simulated host; ``moods`` may be replaced while it runs."""

    codec: Codec
    keys: wire.ZoneKeys
    moods: Moods
    book: Book
    day: str = ""
    """Its settlement date (MMDD) since a cut-over; before one it takes the date that is asked."""

    def receive(self, body: bytes, *, at: str, link: int, signed_on: bool, draw: Draw) -> Reply:
        """Decide one message and take its row into the book; raises DecodeError.

        ``at`` is UTC text for the ledger, ``link`` the number of the connection.
        """
        message = self.codec.decode(body)
        mti = message.mti
        if mti.startswith("08"):
            reply = self._network(message, at, link)
        elif mti.startswith("05"):
            reply = self._totals(message, at)
        elif mti.startswith("04"):
            reply = self._reversal(message, at, draw)
        elif mti[:2] in REQUEST_CLASSES:
            reply = self._request(message, at, draw, signed_on=signed_on)
        else:
            row = HostNetwork(at, wire.key_of(message), link, f"type {mti}", NOT_SUPPORTED)
            fields = wire.network_fields(message, NOT_SUPPORTED)
            reply = Reply(row, self.codec.encode(wire.answer_mti(mti), fields))
        self.book.apply(reply.row)
        return reply

    def _network(self, message: Message, at: str, link: int) -> Reply:
        what = NETWORK_CODES.get(message.get(70) or "", "")
        if message.mti[2] in "13":  # the switch answers what it was told
            code = message.get(39) or ""
            row = HostNetwork(at, wire.key_of(message), link, f"{what} answered", code)
            return Reply(row, b"", Behaviour.SILENT)
        code = APPROVED if what else NOT_SUPPORTED
        row = HostNetwork(at, wire.key_of(message), link, what or "unknown", code)
        answer = self.codec.encode(wire.answer_mti(message.mti), wire.network_fields(message, code))
        return Reply(row, answer)

    def cut_over(self, day: str, key: tuple[str, str]) -> bytes:
        """Begin settlement date `day` (MMDD); return what tells the switch so, under `key`."""
        self.day = day
        return self.codec.encode("0800", {7: key[0], 11: key[1], 15: day, 70: "201"})

    def _totals(self, message: Message, at: str) -> Reply:
        row = host_totals.judged(self.book, message, at)
        if not wire.mac_ok(message, self.keys.zak):
            row = msgspec.structs.replace(row, code=MAC_ERROR, result="")
        fields = host_totals.answer_fields(message, row)
        fields = {number: value for number, value in fields.items() if value}
        mti = wire.answer_mti(message.mti)
        return Reply(row, wire.close(self.codec, mti, fields, self.keys.zak))

    def _request(self, message: Message, at: str, draw: Draw, *, signed_on: bool) -> Reply:
        work = wire.work_of(message)
        question = self._question(message, work, at, draw)
        if not wire.mac_ok(message, self.keys.zak):
            row = question.judged(Outcome.BAD_MAC, MAC_ERROR)
            return Reply(row, self._answer(message, row))
        behaviour = Behaviour(question.behaviour)
        if behaviour is Behaviour.LOST:
            return Reply(question.judged(Outcome.LOST, ""), b"", behaviour)
        if not signed_on:
            row = question.judged(Outcome.REFUSED, NOT_SIGNED_ON)
            return Reply(row, self._answer(message, row))
        row = self.book.request(question)
        if behaviour in CONFIRMING and row.outcome is Outcome.APPROVED:
            row = msgspec.structs.replace(row, code=NOT_YET, auth="", voucher="")
        if behaviour is Behaviour.OTHER_AMOUNT and row.outcome is Outcome.APPROVED:
            row = msgspec.structs.replace(row, approved_minor=row.amount_minor + 1)
        return Reply(row, self._answer(message, row, behaviour), behaviour)

    def _question(self, message: Message, work: Work, at: str, draw: Draw) -> Question:
        amount_minor = wire.amount_of(message)
        card, shown = wire.shown_card(message)
        pin = PinCheck.NONE
        block = message.get(52)
        if block is not None:
            pin = PinCheck.WRONG
            if card is not None:
                pin = check_pin(bytes.fromhex(block), card.pan, self.keys.zpk, card.pvv)
        behaviour = self.moods.request(
            amount_minor if work in AMOUNT_DECIDES else 0,
            repeat=message.mti.endswith("1"),
            draw=draw(DRAW_SIDES),
        )
        if behaviour in CONFIRMING and not wire.payment_code_of(message):
            behaviour = Behaviour.ANSWER  # no card asks its owner
        code = APPROVED if work in TOLD_AFTERWARDS else verdict(card, amount_minor, pin)
        if behaviour is Behaviour.DECLINE and code == APPROVED:
            code = "05"
        rrn = message.get(37) or ""
        mid = message.get(42) or ""
        original = ""
        if work in FOLLOWING or work is Work.QUERY or 90 in message:
            original = self.book.find(wire.original_key(message), mid, rrn)
        paid = wire.payment_code_of(message) or work is Work.QUERY
        return Question(
            at=at,
            key=wire.key_of(message),
            mti=message.mti,
            work=work,
            processing_code=message.get(3) or "",
            amount_minor=amount_minor,
            currency=message.get(49) or "",
            mid=mid,
            tid=message.get(41) or "",
            rrn=rrn,
            card=shown,
            pin=pin,
            code=code,
            auth=f"{draw(1_000_000):06d}",
            behaviour=behaviour,
            original=original,
            voucher=_voucher(at, rrn) if paid else "",
            date=self.day or message.get(15) or message.get(13) or "",
        )

    def _reversal(self, message: Message, at: str, draw: Draw) -> Reply:
        mid, rrn = message.get(42) or "", message.get(37) or ""
        behaviour = self.moods.reversal(draw(DRAW_SIDES))
        question = UndoQuestion(
            at=at,
            key=wire.key_of(message),
            mti=message.mti,
            # A void quotes its sale's RRN: where field 90 names the original, nothing else does.
            original=wire.original_key(message) or self.book.find("", mid, rrn),
            amount_minor=wire.amount_of(message),
            mid=mid,
            tid=message.get(41) or "",
            rrn=rrn,
            reason=message.get(39) or "",
            behaviour=behaviour,
        )
        if not wire.mac_ok(message, self.keys.zak):
            row = question.judged(Effect.BAD_MAC, MAC_ERROR)
            return Reply(row, self._answer(message, row))
        if behaviour is Behaviour.REVERSAL_LOST:
            return Reply(question.judged(Effect.LOST, ""), b"", Behaviour.LOST)
        row = self.book.reversal(question)
        silent = behaviour is Behaviour.REVERSAL_SILENT
        told = Behaviour.SILENT if silent else Behaviour.ANSWER
        return Reply(row, self._answer(message, row), told)

    def _answer(
        self,
        message: Message,
        row: HostRequest | HostReversal,
        behaviour: Behaviour = Behaviour.ANSWER,
    ) -> bytes:
        auth = row.auth if isinstance(row, HostRequest) else ""
        voucher = row.voucher if isinstance(row, HostRequest) else ""
        fields = wire.answer_fields(
            message, row.code, auth=auth, voucher=voucher, date=message.get(13) or ""
        )
        if self.day:
            fields[15] = self.day
        zak = self.keys.zak
        if isinstance(row, HostRequest) and row.approved_minor:
            fields[4] = f"{row.approved_minor:012d}"
        if behaviour is Behaviour.BAD_MAC:
            zak = bytes(octet ^ 0xFE for octet in zak)  # odd parity stays, the key does not
        return wire.close(self.codec, wire.answer_mti(message.mti), fields, zak)


def _voucher(at: str, rrn: str) -> str:
    """Return a wallet's voucher: the day and our reference, 20 digits (terminal-protocol 10.2)."""
    return f"{at[:10].replace('-', '')}{rrn}"
