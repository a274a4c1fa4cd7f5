"""The rows of a round in PostgreSQL's binary form: composites as the type's record_recv reads them.

A core. Which columns there are, and in which order, is said by the types intent_row
(schema/0003_round.sql) and round_outcome (schema/0025_typed_rounds.sql). The documents that are
kept as events are made in rows.py, arrays of these rows in arrays.py.
"""

from collections.abc import Mapping
from functools import lru_cache
from struct import Struct

from pointsman.store.records import Intent, Outcome
from pointsman.store.rows import details, encode

# Types by number (pg_type.oid); those of PostgreSQL itself are the same everywhere.
_BOOL, _BYTEA, _INT8, _INT4, _TEXT, _JSONB = 16, 17, 20, 23, 25, 3802

_INTENT_COLUMNS = 31
_OUTCOME_COLUMNS = 12
_TEXTS_KEPT_MAX = 8_192
"""Packed texts that are kept: names, codes, numbers of merchants and terminals come back."""

_NULL_LENGTH = -1
_HEAD = Struct("!iIiq").pack  # columns, then the first of them: n
_COLUMN = Struct("!Ii").pack
_JSON_COLUMN = Struct("!Iib").pack
_JSON_VERSION = 1  # jsonb_recv
_LONG_COLUMN = Struct("!Iiq").pack
_INTEGER_COLUMN = Struct("!Iii").pack
_NULL_TEXT = _COLUMN(_TEXT, _NULL_LENGTH)
_NULL_BYTES = _COLUMN(_BYTEA, _NULL_LENGTH)
_BOOLEANS = (_COLUMN(_BOOL, 1) + b"\0", _COLUMN(_BOOL, 1) + b"\1")


def intent_row(number: int, intent: Intent) -> bytes:
    """Return an `intent_row`; `number` counts from 1 within its commit. The body stays null."""
    t = intent.transaction
    key = t.key
    card = t.card
    return b"".join(
        (
            _HEAD(_INTENT_COLUMNS, _INT8, 8, number),
            _NULL_TEXT,  # body
            _bytes(t.id),
            _known(key.mid),
            _known(key.tid),
            _known(key.batch),
            _text(key.stan),
            _bytes(t.fingerprint),
            _known(t.kind),
            _known(t.money),
            _known(t.method),
            _known(t.state),
            _LONG_COLUMN(_INT8, 8, t.amount_minor),
            _known(t.currency),
            _NULL_BYTES if card is None else _bytes(card.token),
            _NULL_BYTES if card is None or card.cipher is None else _bytes(card.cipher),
            _known("" if card is None else card.first6),
            _text("" if card is None else card.last4),
            _known(t.scheme),
            _BOOLEANS[t.domestic],
            _BOOLEANS[t.reversible],
            _known(t.acquirer),
            _INTEGER_COLUMN(_INT4, 4, t.session),
            _text(t.rrn),
            _NULL_TEXT if intent.guard is None else _known(intent.guard),
            _INTEGER_COLUMN(_INT4, 4, intent.ceiling_percent),
            _NULL_BYTES if t.original is None else _bytes(t.original),
            _json(details(intent)),
            _json(t.answer),
            _known(t.response_code),
            _text(t.auth_code),
        )
    )


def outcome_row(number: int, outcome: Outcome) -> bytes:
    """Return a `round_outcome`; `number` counts from 1 within its commit."""
    return b"".join(
        (
            _HEAD(_OUTCOME_COLUMNS, _INT8, 8, number),
            _bytes(outcome.id),
            _known(outcome.state),
            _known(outcome.response_code),
            _json(outcome.answer),
            _known(outcome.host_code),
            _text(outcome.auth_code),
            _text(outcome.host_rrn),
            _known(outcome.host_date),
            _LONG_COLUMN(_INT8, 8, outcome.approved_minor),
            _BOOLEANS[outcome.owe],
            _text(outcome.reason),
        )
    )


def _text(value: str) -> bytes:
    packed = value.encode()
    return _COLUMN(_TEXT, len(packed)) + packed


_known = lru_cache(_TEXTS_KEPT_MAX)(_text)
"""Packs a text that is likely to come again."""


def _bytes(value: bytes) -> bytes:
    return _COLUMN(_BYTEA, len(value)) + value


def _json(value: Mapping[str, object]) -> bytes:
    packed = encode(value)
    return _JSON_COLUMN(_JSONB, len(packed) + 1, _JSON_VERSION) + packed
