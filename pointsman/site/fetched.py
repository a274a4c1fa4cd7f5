"""What terminals may fetch, as the site file writes it: parameters by code, sets of TLV objects.

The checks of these keys, and the value made of them. What a terminal is told of it is
switch/downloads.py; the other keys of a site file are in keys.py.
"""

import re
from collections.abc import Mapping
from typing import cast

from pointsman.codecs.errors import DecodeError
from pointsman.codecs.tlv import parse_tlv
from pointsman.site.keys import Check, WrongValueError
from pointsman.store.parties import Downloads


def downloads(top: Mapping[str, object]) -> Downloads:
    """Return what the checked keys of the file's top say."""
    return Downloads(
        parameters=cast(tuple[tuple[str, str], ...], top["terminal_parameters"]),  # as checked
        ca_keys=cast(tuple[str, ...], top["ca_keys"]),  # as checked
        aids=cast(tuple[str, ...], top["aids"]),  # as checked
    )


def texts(pattern: str, expected: str) -> Check:
    """Ask for a table of texts whose names match the pattern; the value is pairs in their order."""
    whole = re.compile(pattern, re.ASCII)

    def check(value: object) -> object:
        if not isinstance(value, dict) or not all(
            whole.fullmatch(name) and isinstance(text, str) for name, text in value.items()
        ):
            raise WrongValueError(f"a table of texts by {expected} expected")
        return tuple(sorted(value.items()))

    return check


def tlv_sets(value: object) -> object:
    """Ask for a list of hex texts, each a set of BER-TLV objects that begins with 9F06."""
    if not isinstance(value, list):
        raise WrongValueError("a list of hex texts expected")
    for one in value:
        try:
            items = parse_tlv(bytes.fromhex(one)) if isinstance(one, str) else ()
        except (ValueError, DecodeError):
            items = ()
        if not items or items[0].tag != "9F06":
            raise WrongValueError("hex of TLV objects beginning with 9F06 expected")
    return tuple(one.upper() for one in value)
