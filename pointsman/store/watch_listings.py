"""The lists of what a person watches as tables: exceptions, acquirers, links, the outbox.

A core: texts and values alone, like console_listings.py and office_listings.py. What is owed to an
acquirer and what was noted for a person are one list; deciding on it is console_exceptions.py.
"""

from collections.abc import Mapping
from typing import Final, LiteralString

from pointsman.store.listing import Field, Kind, Listing

_TEXT, _COUNT, _MOMENT, _ID = Kind.TEXT, Kind.COUNT, Kind.MOMENT, Kind.ID


def _words(sql: str, *words: str) -> Field:
    return Field(Kind.CHOICE, choices={word: f"{sql} = '{word}'" for word in words})


OWED_KINDS: Final = ("unknown_outcome", "reversal", "advice")
NOTED_KINDS: Final = (
    *("reversal_amount_differs", "late_approval", "charged_though_declined", "unknown_item"),
    *("terminal_thinks_paid", "amount_differs", "terminal_lost_it", "owed_message_refused"),
)
# What was refused is parked: it stands in the list once, as what is owed.
_EXCEPTIONS: LiteralString = """(
    select 'owe_' || encode(o.id, 'hex') as id, o.id as payment,
        case when t.state = 'unknown' then 'unknown_outcome' else o.kind end as kind, o.state,
        o.acquirer, o.created_at as since, t.mid, t.tid, t.batch, t.stan, t.created_at as stood_at,
        t.amount_minor, null::bigint as expected_minor, null::bigint as found_minor, t.currency,
        o.reason as cause, o.code, o.attempts, o.due_at, d.action, d.asked_by, m.name
    from owed o join transactions t on t.id = o.id left join merchants m on m.mid = t.mid
    left join parked_decisions d on d.transaction = o.id and d.confirmed_by is null
    where o.state in ('waiting', 'due', 'sent', 'parked')
    union all
    select 'exc_' || e.id, e.transaction, replace(e.kind, ' ', '_'), e.state,
        coalesce(t.acquirer, ''), e.at, e.mid, e.tid, e.batch, e.stan, e.at, t.amount_minor,
        e.expected_minor, e.found_minor, coalesce(t.currency, m.currency), e.note, '', 0, null,
        null, null, m.name
    from exceptions e left join transactions t on t.id = e.transaction
    left join merchants m on m.mid = e.mid
    where e.state = 'open' and not (e.kind = 'owed message refused'
        and exists (select from owed o where o.id = e.transaction and o.state = 'parked'))) x"""
EXCEPTIONS: Final = Listing(
    columns=(
        "x.id, x.payment, x.kind, x.state, x.acquirer, x.since, x.mid, x.tid, x.batch, x.stan,"
        " x.amount_minor, x.expected_minor, x.found_minor, x.currency, x.cause, x.code,"
        " x.attempts, x.due_at, x.action, x.asked_by, x.name"
    ),
    source=_EXCEPTIONS,
    key=(("x.id", _TEXT),),
    usual="since",
    mid="x.mid",
    outlet="outlet_at(x.mid, x.tid, x.stood_at)",
    born="x.since",
    fields={
        "id": Field(_TEXT, "x.id"),
        "since": Field(_MOMENT, "x.since", order="x.since"),
        "kind": _words("x.kind", *OWED_KINDS, *NOTED_KINDS),
        "state": _words("x.state", "waiting", "due", "sent", "parked", "open"),
        "acquirer": Field(_TEXT, "x.acquirer"),
        "mid": Field(_TEXT, "x.mid", order="x.mid"),
        "tid": Field(_TEXT, "x.tid"),
        "stan": Field(_TEXT, "x.stan"),
        "attempts": Field(_COUNT, "x.attempts", order="x.attempts"),
    },
)
_OWED: LiteralString = "o.state in ('waiting', 'due', 'sent', 'parked')"
# Of a merchant's acquirers are seen: those that its payments may go to.
_ROUTED: LiteralString = (
    "a.name in (select r.acquirer from routes r where r.mid = any(%(mids)s::text[])"
    " or r.mid = any(%(neighbours)s::text[]))"
)
ACQUIRERS: Final = Listing(
    columns=(
        "a.name, a.institution, a.format, a.framing, a.host, a.port, a.active, a.mac_method,"
        " a.zpk_check_value, a.zak_check_value, a.in_flight_max, a.owed, a.owed_since"
    ),
    source=f"""(select c.name, c.institution, c.format, c.framing, c.host, c.port, c.active,
            c.mac_method, c.zpk_check_value, c.zak_check_value, c.in_flight_max, w.owed,
            w.owed_since
        from acquirers c cross join lateral (select count(*) as owed,
            min(o.created_at) as owed_since from owed o
            where o.acquirer = c.name and {_OWED}) w) a""",  # noqa: S608  # of these texts
    key=(("a.name", _TEXT),),
    usual="name",
    visible=_ROUTED,
    fields={
        "name": Field(_TEXT, "a.name", starts=True, order="a.name"),
        "institution": Field(_TEXT, "a.institution"),
        "state": Field(Kind.CHOICE, choices={"active": "a.active", "suspended": "not a.active"}),
        "format": Field(_TEXT, "a.format"),
        "owed": Field(_COUNT, "a.owed", order="a.owed"),
        "owed_since": Field(_MOMENT, "a.owed_since"),
    },
)
LINKS: Final = Listing(
    columns="a.name, a.session, a.machine, a.worker, a.owed",
    source=f"""(select c.name, s.session, i.machine, i.worker, (select count(*) from owed o
            where o.acquirer = c.name and o.session = s.session and {_OWED}) as owed
        from acquirers c cross join (select substr(l.name, 9)::bigint as session, l.holder
            from lease l where starts_with(l.name, 'session ')) s
        left join incarnations i on i.incarnation = s.holder and i.state = 'alive'
        where c.active) a""",  # noqa: S608  # of these texts
    key=(("a.name", _TEXT), ("a.session", _COUNT)),
    usual="acquirer",
    visible=_ROUTED,
    fields={
        "acquirer": Field(_TEXT, "a.name", order="a.name"),
        "session": Field(_COUNT, "a.session", order="a.session"),
        "state": Field(
            Kind.CHOICE,
            choices={"held": "a.machine is not null", "free": "a.machine is null"},
        ),
        "worker": Field(_COUNT, "a.worker"),
        "owed": Field(_COUNT, "a.owed", order="a.owed"),
    },
)
OUTBOX: Final = Listing(
    columns=(
        "o.id, o.kind, o.recipient, o.mid, o.made_by, o.made_at,"
        " l.used_at is null and l.expires_at > now(), o.mail_state, o.mail_problem"
    ),
    source="outbox o join one_time_links l on l.hash = o.link_hash",
    key=(("o.id", _ID),),
    usual="-made",
    mid="o.mid",
    born="o.made_at",
    fields={
        "id": Field(_ID, "o.id", prefix="let"),
        "made": Field(_MOMENT, "o.made_at", order="o.id", order_kind=_ID),
        "kind": _words("o.kind", "invitation", "reset"),
        "recipient": Field(_TEXT, "o.recipient", starts=True),
        "mid": Field(_TEXT, "o.mid"),
        "made_by": Field(_TEXT, "o.made_by"),
        "mail": _words("o.mail_state", "kept", "due", "sent", "failed"),
        "state": Field(
            Kind.CHOICE,
            choices={
                "open": "l.used_at is null and l.expires_at > now()",
                "closed": "not (l.used_at is null and l.expires_at > now())",
            },
        ),
    },
)
WATCH_LISTINGS: Mapping[str, Listing] = {
    "exceptions": EXCEPTIONS,
    "acquirers": ACQUIRERS,
    "links": LINKS,
    "outbox": OUTBOX,
}
"""The lists of what is watched."""
