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

SETS_MAX = 99  # a terminal says in two digits how many it has
RECORDS_MAX = 10_000
RECORD_SIZE_MAX = 511  # field 62 holds 512 bytes, the first of which says what follows
TABLES = ("364", "394", "396", "398")
_RECORD = re.compile(rf"([0-9A-Fa-f]{{2}}){{1,{RECORD_SIZE_MAX}}}", re.ASCII)


def downloads(top: Mapping[str, object]) -> Downloads:
    """Return what the checked keys of the file's top say."""
    return Downloads(
        parameters=cast(tuple[tuple[str, str], ...], top["terminal_parameters"]),  # as checked
        ca_keys=cast(tuple[str, ...], top["ca_keys"]),  # as checked
        aids=cast(tuple[str, ...], top["aids"]),  # as checked
        tables=cast(tuple[tuple[str, tuple[str, ...]], ...], top["terminal_tables"]),  # as checked
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
    if not isinstance(value, list) or len(value) > SETS_MAX:
        raise WrongValueError(f"a list of at most {SETS_MAX} hex texts expected")
    for one in value:
        try:
            items = parse_tlv(bytes.fromhex(one)) if isinstance(one, str) else ()
        except (ValueError, DecodeError):
            items = ()
        if not items or items[0].tag != "9F06" or len(one) > 2 * RECORD_SIZE_MAX:
            raise WrongValueError(
                f"hex of TLV objects beginning with 9F06 expected, {RECORD_SIZE_MAX} bytes at most"
            )
    return tuple(one.upper() for one in value)


def tables(value: object) -> object:
    """Ask for a table of lists of hex records by the codes of `TABLES`; the value is pairs."""
    if not isinstance(value, dict) or not set(value) <= set(TABLES):
        raise WrongValueError(f"a table of lists of hex texts by {', '.join(TABLES)} expected")
    for records in value.values():
        if not isinstance(records, list) or len(records) > RECORDS_MAX:
            raise WrongValueError(f"a list of at most {RECORDS_MAX} hex texts expected")
        for one in records:
            if not isinstance(one, str) or not _RECORD.fullmatch(one):
                raise WrongValueError(f"hex of 1 to {RECORD_SIZE_MAX} bytes expected")
    return tuple((code, tuple(one.upper() for one in value[code])) for code in sorted(value))
