"""A journal with history: as many sales of past days as asked, made by SQL from one real sale.

Transactions, request keys, notes of delivery and events are there, in the places where time would
have put them: ids that sort by time, a partition and a closed day for each date, statistics taken.
Bodies of past events are short: no sale looks into a past day's partition.
"""

from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

DAYS = 30
CHUNK = 250_000
_TABLES = ("transactions", "request_keys", "deliveries", "events")
_OWN = ("id", "tid", "batch", "stan", "rrn", "host_rrn", "business_date", "created_at")

_OTHERS = """
select column_name from information_schema.columns
where table_schema = 'public' and table_name = 'transactions' and not column_name = any (%s)
order by ordinal_position
"""
# An id is 48 bits of time, here a millisecond each, then the number.
_PAST = """
create temporary table past as
select g, %(day)s::date as day,
    decode(lpad(to_hex((extract(epoch from %(day)s::date) * 1000)::bigint + g - %(first)s), 12, '0')
        || lpad(to_hex(g), 20, '0'), 'hex') as id,
    lpad((g %% 100000)::text, 8, '0') as tid, '9' || lpad((g / 100000)::text, 5, '0') as batch,
    lpad((g %% 999999 + 1)::text, 6, '0') as stan, '9' || lpad(g::text, 11, '0') as rrn
from generate_series(%(first)s::bigint, %(last)s::bigint) g
"""
_TRANSACTIONS = """
insert into transactions
    (id, tid, batch, stan, rrn, host_rrn, business_date, created_at, {others})
select p.id, p.tid, p.batch, p.stan, p.rrn, p.rrn, p.day, p.day, {others}
from past p, (select {others} from transactions where state = 'approved' limit 1) t
"""
_REST = (
    """
    insert into request_keys
    select t.mid, p.tid, p.batch, p.stan, t.fingerprint, p.id
    from past p, (select mid, fingerprint from transactions limit 1) t
    """,
    "insert into deliveries select id from past",
    """
    insert into events (business_date, writer, sequence, kind, transaction, body)
    select p.day, 1000000, 2 * p.g + n, case n when 0 then 'intent' else 'outcome' end, p.id, ''
    from past p, generate_series(0, 1) n
    """,
    "drop table past",
)
_PARTITION = "create table {name} partition of events for values from ({day}) to ({end})"
_CLOSED = "insert into business_days (business_date, state) values (%s, 'closed')"


def fill(url: str, rows: int) -> None:
    """Add `rows` settled sales of the days before the open one; one real sale must be there."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")  # the filler's commits alone
        today = _one(connection, "select business_date from business_days where state = 'open'")
        columns = connection.execute(_OTHERS, (list(_OWN),)).fetchall()
        others = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
        for number in range(DAYS):
            day = today - timedelta(days=DAYS - number)
            _open_past(connection, day)
            beyond = rows * (number + 1) // DAYS
            for first in range(rows * number // DAYS, beyond, CHUNK):
                _add(connection, others, day, first, min(beyond, first + CHUNK) - 1)
        for table in _TABLES:
            connection.execute(sql.SQL("vacuum analyze {}").format(sql.Identifier(table)))
        connection.execute("checkpoint")


def _open_past(connection: psycopg.Connection[Any], day: date) -> None:
    name = sql.Identifier(f"events_{day:%Y%m%d}")
    dates = {"day": sql.Literal(day), "end": sql.Literal(day + timedelta(days=1))}
    connection.execute(sql.SQL(_PARTITION).format(name=name, **dates))
    connection.execute(_CLOSED, (day,))


def _add(
    connection: psycopg.Connection[Any], others: sql.Composed, day: date, first: int, last: int
) -> None:
    with connection.transaction():
        connection.execute(_PAST, {"day": day, "first": first, "last": last})
        connection.execute(sql.SQL(_TRANSACTIONS).format(others=others))
        for statement in _REST:
            connection.execute(statement)


def _one(connection: psycopg.Connection[Any], query: str) -> Any:  # noqa: ANN401 (one value)
    row = connection.execute(query).fetchone()
    assert row is not None, "a house that serves has an open day"
    return row[0]
