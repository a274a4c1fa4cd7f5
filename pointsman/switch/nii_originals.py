"""What a message of the international dialect means once its original is known.

A core. A void, a refund or a tip names its original by batch and STAN; a void of a refund becomes
the reversal of that refund. What is read before is nii.py, who finds the original niidesk.py; what
the original still allows is asked where all follow-ups are.
"""

from dataclasses import replace

from pointsman.store.parties import Terminal
from pointsman.store.records import State, Transaction
from pointsman.switch.nii import Meant
from pointsman.switch.requests import Refusal

_REFUND = "refund-request"


def joined(found: Meant, original: Transaction | None, terminal: Terminal) -> Meant | Refusal:
    """Return the message with its original named; unchanged where there is none at the terminal."""
    mine = original if original is not None and original.key.tid == terminal.tid else None
    if found.mti == "0400":
        return _undoing(found, mine, terminal)
    if mine is None:
        return found
    named = mine.key.batch + mine.key.stan + mine.local_date
    return replace(found, fields={**found.fields, 37: mine.rrn, 61: named})


def _undoing(found: Meant, refund: Transaction | None, terminal: Terminal) -> Meant | Refusal:
    """Return the reversal of a refund, or why it cannot be voided.

    Told again it is the same reversal, and hears the same.
    """
    if refund is None:
        return Refusal("25", 37, "no such refund")
    stands = refund.state is State.APPROVED and refund.kind == _REFUND
    if not stands or refund.key.batch != terminal.batch:
        return Refusal("12", None, "not a refund of this batch that was approved")
    if found.fields[4] != f"{refund.approved_minor:012d}":
        return Refusal("64", 4, "not the amount of the refund")
    return replace(found, fields={**found.fields, 11: refund.key.stan})
