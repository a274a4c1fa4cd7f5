"""Merchants, terminals, batches, acquirers, people and audit rows as the API tells them.

Plain values: each function takes one row of store/console_reads.py or console_people.py. A
terminal's state comes from the age of its last payment or sign-in, never from a switch that
somebody set, but for suspension.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pointsman.console import ids
from pointsman.console.payments import Document, money, time_text
from pointsman.console.rights import Reach
from pointsman.money import currency
from pointsman.store.console_rows import UserRow

IDLE_AFTER = timedelta(minutes=5)
OFFLINE_AFTER = timedelta(minutes=15)


def merchant(row: Sequence[Any]) -> Document:
    """Return a merchant."""
    mid, name, mcc, city, country, code, active, tip_percent, terminals, routes = row
    return {
        "mid": mid,
        "name": name,
        "state": "active" if active else "suspended",
        "mcc": mcc,
        "city": city,
        "country": country,
        "currency": currency(code).code,
        "tip_percent": tip_percent,
        "active_terminals": terminals,
        "routes": routes,
    }


def terminal(row: Sequence[Any], paid: datetime | None, now: datetime) -> Document:
    """Return a terminal with its state at `now`; it paid last at `paid`."""
    mid, name, tid, active, layout, framing, mac, check_value, signed_in, batch, sign_in = row[:11]
    serial, outlet, outlet_name = row[11:]
    seen = max((at for at in (sign_in, paid) if at is not None), default=None)
    return {
        "mid": mid,
        "merchant_name": name or "",
        "tid": tid,
        "state": _terminal_state(active, seen, now),
        "format": layout,
        "framing": framing,
        "mac_method": mac,
        "key_check_value": check_value,
        "signed_in": signed_in,
        "batch": batch,
        "last_sign_in": None if sign_in is None else time_text(sign_in),
        "last_payment": None if paid is None else time_text(paid),
        "serial": serial or "",
        "outlet": None if outlet is None else ids.encode("out", outlet),
        "outlet_name": outlet_name or "",
    }


def _terminal_state(active: bool, seen: datetime | None, now: datetime) -> str:
    if not active:
        return "suspended"
    if seen is None:
        return "inventory"
    age = now - seen
    if age < IDLE_AFTER:
        return "online"
    return "idle" if age < OFFLINE_AFTER else "offline"


def batch(row: Sequence[Any]) -> Document:
    """Return a terminal batch with what its terminal claimed and what the journal says.

    Debits are sales and completions less what was voided, credits are refunds; of a batch that is
    open they are told as they stand.
    """
    mid, name, tid, number, state, opened, closed, result, claimed, journal, day, code = row[:12]
    late, now = row[12:]
    found: Document = {
        "mid": mid,
        "merchant_name": name or "",
        "terminal": tid,
        "batch": number,
        "state": state,
        "opened": time_text(opened),
        "closed": None if closed is None else time_text(closed),
        "result": result,
        "late_result": late,
        "terminal_totals": claimed,
        "journal_totals": journal,
        "currency": currency(code).code if code else None,
        "business_date": None if day is None else day.isoformat(),
        "debits": None,
        "credits": None,
        "net": None,
    }
    if code:
        sums = {
            name: sum(side[name] for side in now.values())
            for name in ("debit_count", "debit_minor", "credit_count", "credit_minor")
        }
        for kind in ("debit", "credit"):
            total = money(sums[f"{kind}_minor"], code)
            found[f"{kind}s"] = {"count": sums[f"{kind}_count"], "sum": total}
        found["net"] = money(sums["debit_minor"] - sums["credit_minor"], code)
    return found


def batches(page: Document) -> Document:
    """Return a page of batches with the sums of its rows; currencies are not added."""
    sums: dict[str, list[int]] = {}
    for one in page["data"]:
        if one["net"] is not None:
            mine = sums.setdefault(one["currency"], [0, 0, 0, 0])
            for place, kind in enumerate(("debits", "credits")):
                mine[2 * place] += one[kind]["count"]
                mine[2 * place + 1] += one[kind]["sum"]["amount"]
    totals = [
        {
            "currency": code,
            "debits": {"count": sales, "sum": money(gross, code)},
            "credits": {"count": refunds, "sum": money(back, code)},
            "net": money(gross - back, code),
        }
        for code, (sales, gross, refunds, back) in sorted(sums.items())
    ]
    return {**page, "totals": totals}


def acquirer(row: Sequence[Any]) -> Document:
    """Return an acquirer with what is owed to it."""
    name, institution, layout, framing, host, port, active, mac, zpk, zak, most, owed, since = row
    return {
        "name": name,
        "institution": institution,
        "state": "active" if active else "suspended",
        "format": layout,
        "framing": framing,
        "address": f"{host}:{port}",
        "mac_method": mac,
        "zpk_check_value": zpk,
        "zak_check_value": zak,
        "in_flight_max": most,
        "owed": owed,
        "owed_since": None if since is None else time_text(since),
    }


def link(row: Sequence[Any]) -> Document:
    """Return a link: a session with an acquirer, and the worker that holds it."""
    name, session, machine, worker, owed = row
    return {
        "id": f"{name}/{session}",
        "acquirer": name,
        "session": session,
        "state": "free" if machine is None else "held",
        "machine": machine,
        "worker": worker,
        "owed": owed,
    }


def user(row: UserRow, reach: Reach) -> Document:
    """Return a person with the grants that the reader may see."""
    return {
        "id": ids.encode("usr", row.id),
        "login": row.login,
        "name": row.name,
        "state": "locked" if row.locked else row.state,
        "last_sign_in": None if row.last_sign_in_at is None else time_text(row.last_sign_in_at),
        "grants": [
            {
                "role": grant.role,
                "scope": grant.scope,
                "mid": grant.mid,
                "outlet": ids.encode("out", grant.outlet) if grant.outlet else None,
            }
            for grant in row.grants
            if reach.includes(grant.mid)
        ],
    }


def api_key(row: Sequence[Any]) -> Document:
    """Return an API key as it may be shown."""
    key_id, hint, name, role, scope, mid, expires, is_open = row
    return {
        "id": ids.encode("key", key_id),
        "hint": hint,
        "name": name,
        "state": "active" if is_open else "closed",
        "grant": {"role": role, "scope": scope, "mid": mid},
        "expires": time_text(expires),
    }


def audit_event(row: Sequence[Any]) -> Document:
    """Return one row of the audit trail."""
    names = (
        *("sequence", "at", "actor", "role", "act", "object_kind", "object_id", "mid", "reason"),
        *("before", "after", "address", "request_id", "result"),
    )
    found = dict(zip(names, row, strict=True))
    return {**found, "at": time_text(found["at"])}


def letter(row: Sequence[Any]) -> Document:
    """Return a link that was made, without the link, and what became of its letter."""
    raw, kind, recipient, mid, made_by, made_at, is_open, mail, problem = row
    return {
        "id": ids.encode("let", raw),
        "kind": kind,
        "recipient": recipient,
        "mid": mid,
        "made_by": made_by,
        "made": time_text(made_at),
        "state": "open" if is_open else "closed",
        "mail": mail,
        "mail_problem": problem,
    }
