"""The lists of the office's own things as tables: people, keys, decisions, refunds, its trail.

A core: texts and values alone, like console_listings.py, which has payments and parties.
"""

from collections.abc import Mapping
from typing import LiteralString

from pointsman.store.listing import Field, Kind, Listing

USER_COLUMNS: LiteralString = (
    "u.id, u.login, u.name, u.password_hash, u.totp_sealed, u.totp_step, u.state, u.failures,"
    " coalesce(u.locked_until > now(), false), u.last_sign_in_at"
)
RUN_COLUMNS: LiteralString = (
    "r.id, r.report, r.format, r.parameters, r.mids, r.made_by, r.made_at, r.state, r.manifest,"
    " r.file_name, r.content is not null and r.expires_at > now(), r.expires_at"
)
SHOWN_COLUMNS: LiteralString = (
    "r.id, r.payment, r.mid, r.amount_minor, r.currency, r.reason, r.asked_name, r.state,"
    " r.approval, r.batch, r.stan, t.id, t.state, t.undo, t.response_code, t.rrn, r.made_at,"
    " w.state"
)
SHOWN_SOURCE: LiteralString = """refunds r
left join request_keys k on k.mid = r.mid and k.tid = 'CONSOLE0' and k.batch = r.batch
    and k.stan = r.stan
left join transactions t on t.id = coalesce(r.transaction, k.transaction)
left join owed w on w.id = t.id
"""

_TEXT, _COUNT, _MOMENT, _ID = Kind.TEXT, Kind.COUNT, Kind.MOMENT, Kind.ID


def _text(sql: str, *, starts: bool = False, sorts: bool = False) -> Field:
    return Field(_TEXT, sql, starts=starts, order=sql if sorts else "")


def _created(sql: str, key: str) -> Field:
    return Field(_MOMENT, sql, order=key, order_kind=_ID)


def _words(sql: str, *words: str) -> Field:
    return Field(Kind.CHOICE, choices={word: f"{sql} = '{word}'" for word in words})


_JOURNAL = "r.state = 'ordered' and "
REFUNDS = Listing(
    columns=SHOWN_COLUMNS,
    source=SHOWN_SOURCE,
    key=(("r.id", _ID),),
    usual="-created",
    mid="r.mid",
    outlet=(
        "(select outlet_at(o.mid, o.tid, o.created_at) from transactions o where o.id = r.payment)"
    ),
    born="r.made_at",
    fields={
        "id": Field(_ID, "r.id", prefix="ref"),
        "created": _created("r.made_at", "r.id"),
        "payment": Field(_ID, "r.payment", prefix="pay"),
        "mid": _text("r.mid"),
        "amount": Field(_COUNT, "r.amount_minor", order="r.amount_minor"),
        "asked_by": _text("r.asked_name"),
        "state": Field(
            Kind.CHOICE,
            choices={
                "waiting_approval": "r.state = 'waiting'",
                "rejected": "r.state = 'rejected'",
                "pending": _JOURNAL + "(t.state is null or t.state in ('sending', 'unknown'))",
                "approved": _JOURNAL + "t.state = 'approved'",
                "declined": _JOURNAL + "t.state not in ('sending', 'unknown', 'approved')",
            },
        ),
    },
)
APPROVALS = Listing(
    columns=(
        "a.id, a.kind, a.object_id, a.mid, a.summary, a.asked_by, a.asked_name, a.asked_at,"
        " a.state, a.decided_name, a.decided_at, a.reason,"
        " coalesce((select m.name from merchants m where m.mid = a.mid), '')"
    ),
    source="approvals a",
    key=(("a.id", _ID),),
    usual="-asked",
    mid="a.mid",
    born="a.asked_at",
    fields={
        "id": Field(_ID, "a.id", prefix="apr"),
        "asked": _created("a.asked_at", "a.id"),
        "kind": _words("a.kind", "refund", "grant", "limits", "unlist_card"),
        "mid": _text("a.mid"),
        "asked_by": _text("a.asked_name"),
        "state": _words("a.state", "open", "approved", "rejected"),
    },
)
APPLICATIONS = Listing(
    columns=(
        "p.id, p.name, p.mcc, p.city, p.country, p.currency, p.login, p.contact, p.address,"
        " p.made_at, p.state, p.mid, p.decided_by, p.decided_at, p.reason"
    ),
    source="applications p",
    key=(("p.id", _ID),),
    usual="-made",
    visible="false",
    born="p.made_at",
    fields={
        "id": Field(_ID, "p.id", prefix="app"),
        "made": _created("p.made_at", "p.id"),
        "name": _text("p.name", starts=True),
        "city": _text("p.city"),
        "state": _words("p.state", "submitted", "approved", "rejected"),
    },
)
USERS = Listing(
    columns=USER_COLUMNS,
    source="users u",
    key=(("lower(u.login)", _TEXT),),
    usual="login",
    visible=("u.id in (select g.user_id from grants g where g.mid = any(%(mids)s::text[]))"),
    born="u.created_at",
    fields={
        "id": Field(_ID, "u.id", prefix="usr"),
        "login": Field(_TEXT, "u.login", starts=True, order="lower(u.login)"),
        "created": Field(_MOMENT, "u.created_at", order="u.created_at"),
        "last_sign_in": Field(
            _MOMENT,
            "u.last_sign_in_at",
            order="coalesce(u.last_sign_in_at, '1900-01-01T00:00:00Z')",
        ),
        "role": Field(
            Kind.CHOICE,
            choices={
                role: f"u.id in (select g.user_id from grants g where g.role = '{role}')"  # noqa: S608  # of these words
                for role in (
                    *("platform_admin", "operator", "risk"),
                    *("merchant_owner", "merchant_staff", "merchant_viewer"),
                )
            },
        ),
        "state": Field(
            Kind.CHOICE,
            choices={
                "locked": "u.locked_until > now()",
                "active": "u.state = 'active' and coalesce(u.locked_until <= now(), true)",
                "closed": "u.state = 'closed' and coalesce(u.locked_until <= now(), true)",
            },
        ),
    },
)
API_KEYS = Listing(
    columns=(
        "k.id, k.hint, k.name, k.role, k.scope, k.mid, k.expires_at,"
        " k.revoked_at is null and k.expires_at > now()"
    ),
    source="api_keys k",
    key=(("k.id", _ID),),
    usual="-created",
    mid="k.mid",
    born="k.created_at",
    fields={
        "id": Field(_ID, "k.id", prefix="key"),
        "created": _created("k.created_at", "k.id"),
        "name": _text("k.name", starts=True),
        "mid": _text("k.mid"),
        "expires": Field(_MOMENT, "k.expires_at", order="k.expires_at"),
        "state": Field(
            Kind.CHOICE,
            choices={
                "active": "k.revoked_at is null and k.expires_at > now()",
                "closed": "not (k.revoked_at is null and k.expires_at > now())",
            },
        ),
    },
)
AUDIT = Listing(
    columns=(
        "e.sequence, e.at, e.actor, e.role, e.act, e.object_kind, e.object_id, e.mid, e.reason,"
        " e.before, e.after, e.address, e.request_id, e.result"
    ),
    source="audit_events e",
    key=(("e.sequence", _COUNT),),
    usual="-sequence",
    mid="e.mid",
    born="e.sequence",
    born_kind=_COUNT,
    fields={
        "sequence": Field(_COUNT, "e.sequence", order="e.sequence"),
        "at": Field(_MOMENT, "e.at"),
        "actor": _text("e.actor"),
        "act": _text("e.act", starts=True),
        "object_kind": _text("e.object_kind"),
        "object_id": _text("e.object_id"),
        "mid": _text("e.mid"),
        "request_id": _text("e.request_id"),
        "result": _words("e.result", "done", "refused"),
    },
)
RUNS = Listing(
    columns=RUN_COLUMNS,
    source="report_runs r",
    key=(("r.id", _ID),),
    usual="-made",
    visible="r.mids <@ %(mids)s::text[]",
    born="r.made_at",
    fields={
        "id": Field(_ID, "r.id", prefix="run"),
        "made": _created("r.made_at", "r.id"),
        "format": _words("r.format", "csv", "xlsx", "pdf"),
        "made_by": _text("r.made_by"),
    },
)
OFFICE_LISTINGS: Mapping[str, Listing] = {
    "refunds": REFUNDS,
    "approvals": APPROVALS,
    "applications": APPLICATIONS,
    "users": USERS,
    "api_keys": API_KEYS,
    "audit_events": AUDIT,
    "report_runs": RUNS,
}
"""The lists of the office."""
