"""Rows of a round: the server reads in each column what was packed for it."""

import json

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.store.arrays import row_array
from pointsman.store.records import Card, Guard, Intent, Outcome, State, Transaction
from pointsman.store.round_rows import intent_row, outcome_row
from pointsman.store.rows import decode, intent_document, outcome_document
from pointsman.store.server import EmbeddedPostgres
from tests.store.house import transaction

_TEXT = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=20)
_FIELDS = st.dictionaries(_TEXT, _TEXT, max_size=4)
_MINOR = st.integers(0, 10**12 - 1)
_BYTES = st.binary(max_size=40)


def _read(postgres: EmbeddedPostgres, kind: str, rows: list[bytes]) -> list[dict[str, object]]:
    """Return the rows as the server has them, column by name, with what is null."""
    with psycopg.connect(postgres.url) as connection:
        oid = connection.execute("select %s::regtype::oid::integer", (kind,)).fetchone()
        assert oid is not None
        query = f"select to_jsonb(r) from unnest($1::{kind}[]) r"  # noqa: S608  # one of two names
        result = connection.pgconn.exec_params(query.encode(), [row_array(oid[0], rows)], None, [1])
        if result.error_message:
            raise psycopg.errors.error_from_result(result)
        return [json.loads(result.get_value(row, 0) or b"") for row in range(result.ntuples)]


@settings(max_examples=30, deadline=None)
@given(
    host=_FIELDS,
    answer=_FIELDS,
    amount=_MINOR,
    texts=st.lists(_TEXT, min_size=6, max_size=6),
    blobs=st.lists(_BYTES, min_size=4, max_size=4),
    card=st.sampled_from(["none", "no cipher", "whole"]),
    guard=st.sampled_from([None, *Guard]),
    flags=st.tuples(st.booleans(), st.booleans()),
    limits=st.sampled_from([None, {"day_minor_max": 5}]),
)
def test_an_intent_is_read_as_its_document_says(
    *,
    postgres: EmbeddedPostgres,
    host: dict[str, str],
    answer: dict[str, str],
    amount: int,
    texts: list[str],
    blobs: list[bytes],
    card: str,
    guard: Guard | None,
    flags: tuple[bool, bool],
    limits: dict[str, int] | None,
) -> None:
    before = transaction(1, original=blobs[0] if guard else None)
    values = {name: getattr(before, name) for name in Transaction.__slots__} | {
        "host": host, "answer": answer, "amount_minor": amount, "scheme": texts[0],
        "acquirer": texts[1], "rrn": texts[2], "auth_code": texts[3], "response_code": texts[4],
        "fingerprint": blobs[1], "domestic": flags[0], "reversible": flags[1],
        "card": None if card == "none" else
            Card(blobs[2], None if card == "no cipher" else blobs[3], texts[5], "1234"),
    }  # fmt: skip
    intent = Intent(Transaction(**values), guard, 115, limits)
    (row,) = _read(postgres, "intent_row", [intent_row(7, intent)])
    said = decode(intent_document(intent))
    assert row == {**said, "n": 7, "body": None}


@settings(max_examples=30, deadline=None)
@given(
    state=st.sampled_from(State),
    answer=_FIELDS,
    minor=_MINOR,
    owe=st.booleans(),
    texts=st.lists(_TEXT, min_size=6, max_size=6),
    id_=_BYTES,
)
def test_an_outcome_is_read_as_its_document_says(
    *,
    postgres: EmbeddedPostgres,
    state: State,
    answer: dict[str, str],
    minor: int,
    owe: bool,
    texts: list[str],
    id_: bytes,
) -> None:
    outcome = Outcome(
        id_, state, texts[0], answer, texts[1], texts[2], texts[3], texts[4], minor, owe, texts[5]
    )
    rows = _read(postgres, "round_outcome", [outcome_row(n, outcome) for n in (1, 2)])
    assert rows == [{**decode(outcome_document(outcome)), "n": n} for n in (1, 2)]


def test_a_row_of_another_type_is_refused(postgres: EmbeddedPostgres) -> None:
    outcome = Outcome(b"id", State.FAILED, "96", {"39": "96"})
    with pytest.raises(psycopg.errors.DatatypeMismatch):
        _read(postgres, "intent_row", [outcome_row(1, outcome)])
