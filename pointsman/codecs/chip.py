"""Chip data tags: their names, and who may see their values.

The three classes follow the table of data classes: tags that may be shown, those that hold the
card number in clear, and those that must be seen by nobody. An unknown tag is hidden. Taking the
objects apart is tlv.py's.
"""

from typing import Final

from pointsman.codecs.spec import Show

NAMES: Final[dict[str, str]] = {
    "4F": "application identifier",
    "50": "application label",
    "56": "track 1 equivalent",
    "57": "track 2 equivalent",
    "5A": "card number",
    "5F20": "cardholder name",
    "5F24": "expiry",
    "5F2A": "transaction currency",
    "5F34": "card sequence number",
    "71": "issuer script before",
    "72": "issuer script after",
    "82": "application interchange profile",
    "84": "dedicated file name",
    "86": "issuer script command",
    "8A": "authorisation response code",
    "91": "issuer authentication data",
    "95": "terminal verification results",
    "99": "transaction PIN data",
    "9A": "transaction date",
    "9C": "transaction type",
    "9F02": "amount authorised",
    "9F03": "amount other",
    "9F06": "application identifier, terminal",
    "9F09": "application version, terminal",
    "9F10": "issuer application data",
    "9F1A": "terminal country",
    "9F1E": "interface device serial number",
    "9F1F": "track 1 discretionary data",
    "9F20": "track 2 discretionary data",
    "9F22": "CA public key index",
    "9F26": "application cryptogram",
    "9F27": "cryptogram information",
    "9F33": "terminal capabilities",
    "9F34": "cardholder verification results",
    "9F35": "terminal type",
    "9F36": "application transaction counter",
    "9F37": "unpredictable number",
    "9F41": "transaction sequence counter",
    "9F53": "transaction category",
    "9F63": "card product identification",
    "9F6B": "track 2 data",
    "9F6E": "form factor",
    "9F74": "e-cash authorisation code",
    "9F7C": "customer exclusive data",
    "DF31": "script result",
}
SHOWN: Final = frozenset(
    {
        "5F2A", "5F34", "82", "84", "8A", "95", "9A", "9C", "9F02", "9F03", "9F09", "9F10",
        "9F1A", "9F1E", "9F26", "9F27", "9F33", "9F34", "9F35", "9F36", "9F37", "9F41", "9F63",
        "9F6E", "9F74", "9F7C", "DF31",
    }
)  # fmt: skip
MASKED: Final = frozenset({"5A"})


def tag_name(tag: str) -> str:
    """Return what a tag is called, or that it is unknown."""
    return NAMES.get(tag, "unknown tag")


def show_tag(tag: str) -> Show:
    """Return who may see the value of a tag."""
    if tag in SHOWN:
        return Show.SHOW
    return Show.MASK if tag in MASKED else Show.HIDE
