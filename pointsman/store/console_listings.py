"""The lists of the back office as tables: what is read, what may be asked, how it is sorted.

A core: texts and values alone. How they become statements is in listing.py, what their rows mean
is in console/payments.py, parties.py and others. Members have the names that the API gives them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import LiteralString

from pointsman.store.listing import Field, Kind, Listing

PAYMENT_COLUMNS: LiteralString = """
    t.id, t.created_at, t.business_date, t.mid, m.name, t.tid, t.batch, t.stan, t.kind, t.money,
    t.method, t.state, t.amount_minor, t.currency, t.first6, t.last4, t.scheme, t.acquirer, t.rrn,
    t.host_rrn, t.auth_code, t.response_code, t.host_code, t.approved_minor, t.refunded_minor,
    t.undo, t.voiding, t.original, t.details, t.answer,
    (select jsonb_build_array(encode(o.id, 'hex'), o.name) from outlets o
        where o.id = outlet_at(t.mid, t.tid, t.created_at))"""
PAYMENT_SOURCE: LiteralString = "transactions t left join merchants m using (mid)"

_TEXT, _COUNT, _DATE, _MOMENT = Kind.TEXT, Kind.COUNT, Kind.DATE, Kind.MOMENT


def _text(sql: str, *, starts: bool = False, sorts: bool = False) -> Field:
    return Field(_TEXT, sql, starts=starts, order=sql if sorts else "")


def _words(sql: str, *words: str) -> Field:
    """Return a field whose words stand in the column as they are told."""
    return Field(Kind.CHOICE, choices={word: f"{sql} = '{word}'" for word in words})


def _moment(sql: str, *, sorts: bool = True) -> Field:
    """Return a moment; one that is not there sorts before all others."""
    return Field(_MOMENT, sql, order=f"coalesce({sql}, '1900-01-01T00:00:00Z')" if sorts else "")


def _choices(**words: str) -> Field:
    return Field(Kind.CHOICE, choices=MappingProxyType(words))


_STANDS = "t.state = 'approved' and t.undo not in ('done', 'owed', 'parked')"
_GIVEN_BACK = _STANDS + " and t.voiding <> 'done' and t.refunded_minor"
PAYMENT_STATE = _choices(
    approved=_GIVEN_BACK + " = 0",
    refunded=_GIVEN_BACK + " > 0 and t.refunded_minor >= t.approved_minor",
    part_refunded=_GIVEN_BACK + " > 0 and t.refunded_minor < t.approved_minor",
    voided=_STANDS + " and t.voiding = 'done'",
    reversed="t.state in ('approved', 'unknown') and t.undo = 'done'",
    reversing="t.state = 'approved' and t.undo in ('owed', 'parked')",
    declined="t.state = 'declined'",
    unknown="t.state = 'unknown' and t.undo <> 'done'",
    failed="t.state = 'failed'",
    refused="t.state = 'refused'",
    in_progress="t.state = 'sending'",
)
"""The words of reports/states.py as conditions."""

# Clocks of workers and of the database may differ: an id is looked for two days around.
_FROM, _TO = (
    "t.id >= id_at({}::timestamptz - interval '2 days')",
    "t.id <= id_at({}::timestamptz + interval '3 days')",
)

PAYMENTS = Listing(
    columns=PAYMENT_COLUMNS,
    source=PAYMENT_SOURCE,
    key=(("t.id", Kind.ID),),
    usual="-created",
    mid="t.mid",
    outlet="outlet_at(t.mid, t.tid, t.created_at)",
    born="t.id",
    born_kind=Kind.ID,
    lean="transactions t",
    fields={
        "id": Field(Kind.ID, "t.id", prefix="pay"),
        "created": Field(
            *(_MOMENT, "t.created_at"), order="t.id", order_kind=Kind.ID, floor=_FROM, ceiling=_TO
        ),
        # An expression, so that the blocks of the day are not mixed into an index that is exact.
        "business_date": Field(
            *(_DATE, "(t.business_date + 0)"), floor=_FROM, ceiling=_TO, alone="t.business_date"
        ),
        "mid": _text("t.mid"),
        "tid": _text("t.tid"),
        "outlet": Field(Kind.ID, "outlet_at(t.mid, t.tid, t.created_at)", prefix="out"),
        "kind": _text("t.kind"),
        "state": PAYMENT_STATE,
        "amount": Field(_COUNT, "t.amount_minor", order="t.amount_minor"),
        "method": _text("t.method"),
        "brand": _text("t.scheme"),
        "acquirer": _text("t.acquirer"),
        "rrn": _text("t.rrn", starts=True),
        "stan": _text("t.stan"),
        "batch": _text("t.batch"),
        "last4": _text("t.last4"),
        "approval_code": _text("t.auth_code"),
        "response_code": _text("t.response_code"),
        "original": Field(Kind.ID, "t.original", prefix="pay"),
    },
)

# Distinct: so few that they are looked up in a hash, not gone through for each terminal.
_PAID = "(t.mid, t.tid) in (select distinct x.mid, x.tid from transactions x where x.id >= %({})s)"
_IDLE = _PAID.format("online_id") + " or t.sign_ins[cardinality(t.sign_ins)] > %(online_at)s"
_SEEN = _PAID.format("idle_id") + " or t.sign_ins[cardinality(t.sign_ins)] > %(idle_at)s"
_EVER = "t.sign_ins <> '{}' or " + _PAID.format("day_id")
TERMINALS = Listing(
    columns=(
        "t.mid, m.name, t.tid, t.active, t.format, t.framing, t.mac_method, t.tmk_check_value,"
        " t.signed_in, t.batch, t.sign_ins[cardinality(t.sign_ins)], b.serial, b.outlet, o.name"
    ),
    source=(
        "(select mid, tid, active, format, framing, mac_method, tmk_check_value, signed_in, batch,"
        " sign_ins, made_at from terminals) t left join merchants m using (mid)"
        " left join terminal_bindings b on b.mid = t.mid and b.tid = t.tid and b.until is null"
        " left join outlets o on o.id = b.outlet"
    ),
    key=(("t.mid", _TEXT), ("t.tid", _TEXT)),
    usual="mid",
    mid="t.mid",
    outlet="b.outlet",
    born="t.made_at",
    fields={
        "created": Field(_MOMENT, "t.made_at"),
        "mid": _text("t.mid", sorts=True),
        "tid": _text("t.tid", starts=True, sorts=True),
        "serial": _text("b.serial", starts=True),
        "outlet": Field(Kind.ID, "b.outlet", prefix="out"),
        "batch": _text("t.batch"),
        "last_sign_in": _moment("t.sign_ins[cardinality(t.sign_ins)]"),
        "state": _choices(
            suspended="not t.active",
            online=f"t.active and ({_IDLE})",
            idle=f"t.active and ({_SEEN}) and not ({_IDLE})",
            offline=f"t.active and ({_EVER}) and not ({_SEEN})",
            inventory=f"t.active and not ({_EVER})",
        ),
    },
)
MERCHANTS = Listing(
    columns=(
        "m.mid, m.name, m.mcc, m.city, m.country, m.currency, m.active, m.tip_percent,"
        " (select count(*) from terminals t where t.mid = m.mid and t.active),"
        " (select coalesce(jsonb_agg(jsonb_build_object('acquirer', r.acquirer, 'priority',"
        " r.priority, 'schemes', r.schemes) order by r.priority), '[]') from routes r"
        " where r.mid = m.mid)"
    ),
    source="merchants m",
    key=(("m.mid", _TEXT),),
    usual="mid",
    mid="m.mid",
    of_neighbours=True,
    born="m.made_at",
    fields={
        "created": Field(_MOMENT, "m.made_at"),
        "mid": _text("m.mid", starts=True, sorts=True),
        "name": _text("m.name", starts=True, sorts=True),
        "mcc": _text("m.mcc"),
        "city": _text("m.city", sorts=True),
        "country": _text("m.country"),
        "state": _choices(active="m.active", suspended="not m.active"),
    },
)
OUTLETS = Listing(
    columns=(
        "o.id, o.mid, m.name, o.name, o.city, o.address, o.active,"
        " (select count(*) from terminal_bindings b where b.outlet = o.id and b.until is null)"
    ),
    source="outlets o join merchants m using (mid)",
    key=(("o.id", Kind.ID),),
    usual="created",
    visible="(o.mid = any(%(mids)s::text[]) or o.id = any(%(outlets)s::bytea[]))",
    born="o.made_at",
    fields={
        "created": Field(_MOMENT, "o.made_at", order="o.id", order_kind=Kind.ID),
        "mid": _text("o.mid"),
        "name": _text("o.name", starts=True, sorts=True),
        "city": _text("o.city", sorts=True),
        "state": _choices(active="o.active", closed="not o.active"),
    },
)
BATCHES = Listing(
    columns=(
        "b.mid, m.name, b.tid, b.batch, b.state, b.opened_at, b.closed_at, b.result, b.claimed,"
        " b.journal, b.business_date, m.currency, b.late_result,"
        " coalesce(b.journal, told_batch_totals(b.mid, b.tid, b.batch))"
    ),
    source="batches b left join merchants m using (mid)",
    key=(("b.mid", _TEXT), ("b.tid", _TEXT), ("b.batch", _TEXT)),
    usual="-opened",
    mid="b.mid",
    outlet="outlet_at(b.mid, b.tid, b.opened_at)",
    born="b.opened_at",
    fields={
        "mid": _text("b.mid", sorts=True),
        "tid": _text("b.tid"),
        "batch": _text("b.batch"),
        "state": _words("b.state", "open", "closing", "closed"),
        "result": _text("b.result"),
        "opened": Field(_MOMENT, "b.opened_at", order="b.opened_at"),
        "closed": _moment("b.closed_at"),
        "business_date": Field(_DATE, "b.business_date"),
    },
)
CYCLES = Listing(
    columns=(
        "d.business_date, d.state,"
        " coalesce((select f.postings from figured_days f where f.business_date = d.business_date),"
        " (select count(*) from postings p where p.business_date = d.business_date)),"
        " (select count(*) from day_open_items i where i.business_date = d.business_date),"
        " (select count(*) from day_files f where f.business_date = d.business_date)"
    ),
    source="business_days d",
    key=(("d.business_date", _DATE),),
    usual="-business_date",
    born="d.business_date",
    born_kind=_DATE,
    fields={
        "business_date": Field(_DATE, "d.business_date", order="d.business_date"),
        "state": _words("d.state", "open", "closing", "closed"),
    },
)
LISTINGS: Mapping[str, Listing] = {
    "payments": PAYMENTS,
    "terminals": TERMINALS,
    "merchants": MERCHANTS,
    "outlets": OUTLETS,
    "batches": BATCHES,
    "settlement_cycles": CYCLES,
}
"""The lists of what is sold, where and when; those of the office itself are in office_listings."""
