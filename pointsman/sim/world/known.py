"""What the witness keeps of each payment, and which events it counts as rare.

Values only. What is heard, and what must be true of it, is witness.py.
"""

from dataclasses import dataclass
from typing import Final

RARE: Final = (
    "recovered in doubt",
    "reversal faster than the outcome",
    "approved at the host after we gave up",
    "original after its reversal",
    "reversal of what the host does not know",
    "reversal repeated",
    "late answer while its reversal is owed",
    "a copy was told what another worker had",
    "a worker died between outcome and answer",
    "a worker died while a reversal was on the wire",
    "a day ended while a payment was under way",
    "the clerk died while a day was closing",
    "a message was refused for good",
    "the back office gave something back",
    "two people said retry",
    "two people said done",
    "two people said not-done",
    "a listed card was refused",
    "an amount of the day was passed, and refused",
    "a number of the day was passed, and refused",
    "an order was found to be paid",
    "an order's closing: undone",
    "an order's closing: paid",
    "a date was reconciled",
    "a batch was closed by force",
    "a forgotten batch was ended late",
    "a void came after its batch was closed",
    "a customer was asked, and confirmed",
    "a customer was asked, and had not confirmed",
)
"""What must happen now and then, or the weather is too mild to prove anything."""
REFUSALS: Final = {
    "guard-41": "a listed card was refused",
    "guard-61": "an amount of the day was passed, and refused",
    "guard-65": "a number of the day was passed, and refused",
}
ORDER: Final = "wallet-order"
BY_CODE: Final = ("sale", "wallet-pay")  # what a customer may be asked to confirm
JUST_S: Final = 2.0
BACK_WITHIN_S: Final = 90.0  # of death, downtime and a database that may be away
HostKey = tuple[str, str]
"""Acquirer, and fields 7 and 11 with a dash: how a request is known on a link."""
RequestName = tuple[str, str, str, str]
"""MID, TID, batch, STAN."""


@dataclass(slots=True)
class Known:
    """What is committed of one transaction, as the journal tells it."""

    id: str
    name: RequestName
    kind: str
    state: str
    undo: str
    incarnation: int
    since: float
    sent: int = 0
    moved_at: float = 0.0
    told_at: float | None = None
    counted: str = "settled"
    asks_customer: bool = False  # its acquirer waits for a confirmation


def open_state(known: Known) -> str:
    """Name what is still to come of a payment."""
    if known.state == "sending":
        return "sending, reversal waits" if known.undo == "owed" else "sending"
    if known.undo in {"owed", "parked"}:
        return f"{known.state}, reversal {known.undo}"
    return "advice owed" if known.state == "unknown" and known.undo == "none" else "settled"
