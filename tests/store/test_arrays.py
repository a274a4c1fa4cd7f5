"""Binary arrays: PostgreSQL reads back what was packed."""

import json

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.store.arrays import bytea_array, text_array
from pointsman.store.server import EmbeddedPostgres

_TEXTS = st.lists(st.text(st.characters(exclude_characters="\x00", codec="utf-8")), max_size=8)


@settings(max_examples=30, deadline=None)
@given(texts=_TEXTS, values=st.lists(st.none() | st.binary(max_size=300), max_size=8))
def test_what_is_packed_is_what_the_server_reads(
    postgres: EmbeddedPostgres, texts: list[str], values: list[bytes | None]
) -> None:
    with psycopg.connect(postgres.url) as connection:
        packed = [text_array([text.encode() for text in texts]), bytea_array(values)]
        result = connection.pgconn.exec_params(
            b"select to_jsonb($1::text[]), to_jsonb($2::bytea[])", packed, None, [1, 1]
        )
        read = [json.loads(result.get_value(0, column) or b"") for column in range(2)]
    hexed = [None if value is None else f"\\x{value.hex()}" for value in values]
    assert read == [texts, hexed]
