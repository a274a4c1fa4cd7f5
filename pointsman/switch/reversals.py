"""What is owed to an acquirer: its message, when it is sent again, and which answer ends it.

What lives here: reversals (0400, 0420 and their repeats) and repeated advices rebuilt from what was
kept of the original, the schedule, the judgement of answers (switch-rules 4). Sending is
owed.py; who owes is decided in transaction.py and in the store.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pointsman.store.parties import Acquirer
from pointsman.store.records import Owed, State, Transaction
from pointsman.switch.hosts import MTI_KEY, HostDraft, OriginalData
from pointsman.switch.responses import is_approved

ADVICE: Final = "advice"  # kind of an owed row; the other is "reversal"
ACCEPTED: Final = "00"
DUPLICATE: Final = "94"
NOT_FOUND: Final = "25"
# The reversal may have overtaken its original inside the acquirer: these codes end it only once the
# original can no longer arrive.
ORDER_MATTERS: Final = frozenset({NOT_FOUND, "12"})
TRY_AGAIN: Final = frozenset({"91", "96", "68", "98"})
JITTER: Final = 0.1  # of the delay, to both sides

# Of the original's fields these are repeated in its reversal (terminal-protocol 14, golden 0420).
_REPEATED: Final = ("3", "4", "12", "13", "15", "18", "22", "25", "32", "37", "41", "42", "49")


class ReversalReason(StrEnum):
    """Field 39 of a reversal."""

    LATE = "68"
    NO_ANSWER = "98"
    CUSTOMER_CANCEL = "17"
    MALFUNCTION = "22"
    ERROR = "06"


@dataclass(frozen=True, slots=True)
class Done:
    """The acquirer has undone the original, or never had it."""


@dataclass(frozen=True, slots=True)
class Later:
    """Ask again in `after_s` seconds."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Park:
    """Refused for good: a person must look; the money stays in doubt."""


Verdict = Done | Later | Park


def owed_message(
    row: Owed,
    acquirer: Acquirer,
    *,
    pan: str | None,
    host_stan: str,
    host_time: str,
    attempt: int,
) -> HostDraft:
    """Return what is said for an owed row; an advice keeps its own numbers."""
    if row.kind == ADVICE:
        return advice(row.original, pan=pan, attempt=attempt)
    return reversal(
        row.original,
        acquirer,
        pan=pan,
        reason=row.reason,
        host_stan=host_stan,
        host_time=host_time,
        attempt=attempt,
    )


def reversal(
    transaction: Transaction,
    acquirer: Acquirer,
    *,
    pan: str | None,
    reason: str,
    host_stan: str,
    host_time: str,
    attempt: int,
) -> HostDraft:
    """Return the reversal of a transaction; `attempt` counts from 1, repeats say so in their MTI.

    Built from what was kept of the message that was really sent, without secrets: `pan` alone is
    given, opened for this one use.
    """
    host = transaction.host
    fields = {int(number): host[number] for number in _REPEATED if number in host}
    fields |= {7: host_time, 11: host_stan, 39: reason, 90: original_data(transaction).text}
    if pan is not None:
        fields[2] = pan
    if transaction.auth_code.strip():
        fields[38] = transaction.auth_code
    return HostDraft(repeat_mti(acquirer.reversal_mti, attempt), fields)


def advice(transaction: Transaction, *, pan: str | None, attempt: int) -> HostDraft:
    """Return a copy of an advice: all fields as first sent, 0221 for every copy but the first.

    `attempt` counts what is sent from here, from 1. What was told before the acquirer had it (it
    stands approved) is sent from here only; of the others the first copy went before.
    """
    before = 0 if transaction.state is State.APPROVED else 1
    host = transaction.host
    mti = host.get(MTI_KEY, transaction.mti)
    fields = {int(number): host[number] for number in host if number != MTI_KEY}
    if pan is not None:
        fields[2] = pan
    return HostDraft(repeat_mti(mti, attempt + before), fields)


def original_data(transaction: Transaction) -> OriginalData:
    """Return field 90 for whatever refers to this transaction."""
    host = transaction.host
    return OriginalData(
        mti=host.get(MTI_KEY, transaction.mti),
        host_stan=transaction.host_stan,
        host_time=transaction.host_time,
        institution=host.get("32", ""),
        forwarder=host.get("33", ""),
    )


def repeat_mti(mti: str, attempt: int) -> str:
    """Return the message type of the first copy, or of a repeat (last digit 1)."""
    return mti if attempt == 1 else f"{mti[:3]}1"


def delay_s(attempt: int, *, base_s: float, max_s: float, fraction: float) -> float:
    """Return the wait after attempt 1, 2, 3 ...: base, twice that, and so on up to `max_s`.

    `fraction` (0 to 1, random) moves it by up to ten per cent either way, so that a queue that
    fell silent together does not wake together.
    """
    doubled = base_s * 2.0 ** min(attempt - 1, 32)
    return min(doubled, max_s) * (1 + JITTER * (2 * fraction - 1))


def judge(
    row: Owed, code: str, acquirer: Acquirer, *, attempt: int, ordered: bool, again_s: float
) -> Verdict:
    """Say what an answer to an owed row means; see the three below."""
    if row.kind == ADVICE and row.original.state is State.APPROVED:
        return judge_told(code, attempt=attempt, again_s=again_s)
    if row.kind == ADVICE:
        return judge_advice(code, again_s=again_s)
    return judge_reversal(
        code, acquirer, attempt=attempt, age_s=row.age_s, ordered=ordered, again_s=again_s
    )


def judge_reversal(
    code: str, acquirer: Acquirer, *, attempt: int, age_s: float, ordered: bool, again_s: float
) -> Verdict:
    """Say what an answer to a reversal means.

    `attempt` counts what was really sent, `age_s` is how long ago the reversal arose, `ordered`
    says that original and reversal went down one connection in this order (or that the original was
    answered), `again_s` is the wait if it must be sent again.
    """
    if code == ACCEPTED:
        return Done()
    if code in TRY_AGAIN or not code:
        return Later(again_s)
    if code == DUPLICATE:
        return Done() if attempt > 1 else Park()
    if code in ORDER_MATTERS and (code == NOT_FOUND or code in acquirer.accepts):
        if code in acquirer.accepts and ordered:
            return Done()
        if attempt > 1 and age_s >= acquirer.request_life_s:
            return Done()
        return Later(max(again_s, acquirer.request_life_s - age_s + 1))
    return Done() if code in acquirer.accepts else Park()


def judge_told(code: str, *, attempt: int, again_s: float) -> Verdict:
    """Say what an answer to an advice means whose terminal was told that it is approved.

    A refusal changes nothing of what was told: a person must look (terminal-protocol 8.7).
    """
    if code in TRY_AGAIN or not code:
        return Later(again_s)
    if is_approved(code) or (code == DUPLICATE and attempt > 1):
        return Done()
    return Park()


def judge_advice(code: str, *, again_s: float) -> Verdict:
    """Say what an answer to a repeated refund means; `Done`: it is the refund's result.

    94 says that the first copy was heard and not what became of it: a person must look.
    """
    if code in TRY_AGAIN or not code:
        return Later(again_s)
    return Park() if code == DUPLICATE else Done()
