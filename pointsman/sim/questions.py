"""Questions to the book of a simulated host: one request, one reversal, and the rows made of them.

Values only. What the book says to them is book.py, how messages become questions host.py.
"""

from dataclasses import dataclass

from pointsman.sim.host_rows import Effect, HostRequest, HostReversal, Outcome, Work


@dataclass(frozen=True, slots=True)
class Question:
    """A request as the book needs it; ``code`` is what the issuer would say (issuer.verdict)."""

    at: str
    key: str
    mti: str
    work: Work
    processing_code: str
    amount_minor: int
    currency: str
    mid: str
    tid: str
    rrn: str
    card: str
    pin: str
    code: str
    auth: str
    behaviour: str
    original: str = ""
    voucher: str = ""
    date: str = ""

    @property
    def flagged(self) -> bool:
        """Whether the sender says that this is a repeat (last digit of the type)."""
        return self.mti.endswith("1")

    def judged(self, outcome: Outcome, code: str) -> HostRequest:
        """Return the row of this request; only an approval carries approval code and voucher."""
        approved = outcome is Outcome.APPROVED
        return HostRequest(
            at=self.at,
            key=self.key,
            mti=self.mti,
            work=self.work,
            processing_code=self.processing_code,
            amount_minor=self.amount_minor,
            currency=self.currency,
            mid=self.mid,
            tid=self.tid,
            rrn=self.rrn,
            card=self.card,
            pin=self.pin,
            outcome=outcome,
            code=code,
            auth=self.auth if approved else "",
            behaviour=self.behaviour,
            original=self.original,
            voucher=self.voucher if approved else "",
            date=self.date,
        )


@dataclass(frozen=True, slots=True)
class UndoQuestion:
    """A reversal as the book needs it; ``original`` is the key from field 90."""

    at: str
    key: str
    mti: str
    original: str
    amount_minor: int
    mid: str
    tid: str
    rrn: str
    reason: str
    behaviour: str

    def judged(self, effect: Effect, code: str) -> HostReversal:
        """Return the row of this reversal."""
        return HostReversal(
            at=self.at,
            key=self.key,
            mti=self.mti,
            original=self.original,
            amount_minor=self.amount_minor,
            mid=self.mid,
            tid=self.tid,
            rrn=self.rrn,
            reason=self.reason,
            effect=effect,
            code=code,
            behaviour=self.behaviour,
        )
