"""Message types: what the four digits say, and the type of an answer.

Version, class, function and origin as in ISO 8583; which transaction a type begins is not known
here. Types are text: four ASCII digits.
"""

from typing import Final

from pointsman.codecs.content import is_digits

VERSIONS: Final = {"0": "1987", "1": "1993", "2": "2003", "8": "national", "9": "private"}
CLASSES: Final = {
    "1": "authorisation",
    "2": "financial",
    "3": "file action",
    "4": "reversal",
    "5": "reconciliation",
    "6": "administrative",
    "7": "fee collection",
    "8": "network management",
}
FUNCTIONS: Final = {
    "0": "request",
    "1": "request response",
    "2": "advice",
    "3": "advice response",
    "4": "notification",
    "5": "notification acknowledgement",
    "6": "instruction",
    "7": "instruction acknowledgement",
}
ORIGINS: Final = {
    "0": "acquirer",
    "1": "acquirer, repeat",
    "2": "issuer",
    "3": "issuer, repeat",
    "4": "other",
    "5": "other, repeat",
}
MTI_SIZE: Final = 4


def describe_mti(mti: str) -> str:
    """Return the words for a type, such as "1987 financial request, acquirer"."""
    if len(mti) != MTI_SIZE or not is_digits(mti):
        raise ValueError("message type is not four digits")
    words = (
        VERSIONS.get(mti[0], "reserved version"),
        CLASSES.get(mti[1], "reserved class"),
        FUNCTIONS.get(mti[2], "reserved function"),
    )
    return f"{' '.join(words)}, {ORIGINS.get(mti[3], 'reserved origin')}"


def is_request(mti: str) -> bool:
    """Say whether somebody waits for an answer to this type."""
    return mti[2] in "0246"


def answer_mti(mti: str) -> str:
    """Return the type of the answer: the function's answer, never marked as a repeat.

    0200 gives 0210, 0421 gives 0430. Raises ValueError for a type that is an answer itself.
    """
    if len(mti) != MTI_SIZE or not is_digits(mti) or not is_request(mti):
        raise ValueError("message type has no answer")
    return f"{mti[:2]}{int(mti[2]) + 1}{int(mti[3]) & ~1}"
