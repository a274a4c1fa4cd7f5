"""How a secret may be shown: a PAN by its first six and last four, all else not at all.

One format of truncation everywhere. A value too short to keep its middle secret shows nothing.
Which field is secret is a column of the dialect (spec.py); this file only says how a class looks.
"""

from typing import Final, assert_never

from pointsman.codecs.spec import Show

FIRST: Final = 6
LAST: Final = 4
# Fewer hidden digits than this could be guessed from the check digit and the printed slip.
HIDDEN_MIN: Final = 3
HIDDEN: Final = "****"


def mask_pan(pan: str) -> str:
    """Return the first six and last four digits with stars between; all stars when too short."""
    hidden = len(pan) - FIRST - LAST
    if hidden < HIDDEN_MIN:
        return "*" * len(pan)
    return pan[:FIRST] + "*" * hidden + pan[-LAST:]


def mask_value(show: Show, value: str) -> str:
    """Return ``value`` as its class may be seen."""
    match show:
        case Show.SHOW:
            return value
        case Show.MASK:
            return mask_pan(value)
        case Show.HIDE:
            return HIDDEN
        case _:
            assert_never(show)
