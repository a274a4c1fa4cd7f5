"""Limits of merchants and the list of refused cards, as the back office reads and changes them.

Each function runs inside the Act it is given; what they may do is in schema/0121. No token of a
card comes here: an entry is named by a hash of it. Who may ask for what is console/policies.py.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import msgspec

from pointsman.store.console_pool import Act
from pointsman.store.parties import Rules

CODES: Final = ("41", "43", "04")  # lost, stolen, pick up
_LIMITS: Final = """
select m.mid, m.currency, m.rules::text, p.refund_limit_minor, (
    select a.id from approvals a where a.kind = 'limits' and a.object_id = m.mid
    and a.state = 'open' order by a.id desc limit 1)
from merchants m left join merchant_policies p using (mid) where m.mid = %s
"""
_USED: Final = """
select d.business_date, m.money,
    coalesce(sum(u.n) filter (where u.business_date = d.business_date), 0)::bigint,
    coalesce(sum(u.minor) filter (where u.business_date = d.business_date), 0)::bigint,
    coalesce(sum(u.n), 0)::bigint, coalesce(sum(u.minor), 0)::bigint
from business_days d cross join (values ('debit'), ('credit')) m (money)
left join lateral limit_used(%(mid)s, m.money, '', '',
    date_trunc('month', d.business_date)::date, d.business_date) u on true
where d.state = 'open' group by d.business_date, m.money order by m.money desc
"""
_CARD: Final = """
select c.id, c.masked, c.code, c.noted_at from listed_cards c where c.id = %s
"""
_WAITING: Final = """
select 1 from approvals a where a.kind = %s and a.object_id = %s and a.state = 'open'
"""


@dataclass(frozen=True, slots=True)
class LimitsRow:
    """What limits a merchant; `raw` is the rules' text as it stands in its row."""

    mid: str
    currency: str
    rules: Rules
    raw: str
    refund_limit_minor: int | None
    waiting: bytes | None  # the open decision about other ones


@dataclass(frozen=True, slots=True)
class UsedRow:
    """How much was used of the open day, and of its month; `money` is debit or credit."""

    business_date: date
    money: str
    day_count: int
    day_minor: int
    month_count: int
    month_minor: int


@dataclass(frozen=True, slots=True)
class CardRow:
    """A refused card: first six and last four, the code that a terminal is told."""

    id: bytes
    masked: str
    code: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ListedNow:
    """What listing a payment's card gave; `wrong` is missing, card, listed or None."""

    wrong: str | None
    id: bytes | None
    masked: str


async def limits(act: Act, mid: str) -> LimitsRow | None:
    """Return a merchant's limits."""
    for found, currency, raw, refund_limit_minor, waiting in await act.rows(_LIMITS, (mid,)):
        rules = msgspec.json.decode(raw, type=Rules)
        return LimitsRow(found, currency, rules, raw, refund_limit_minor, waiting)
    return None


async def used(act: Act, mid: str) -> list[UsedRow]:
    """Return what counts for a merchant's limits so far, of sales and of refunds."""
    return [UsedRow(*row) for row in await act.rows(_USED, {"mid": mid})]


async def change_rules(act: Act, mid: str, before: str, rules: Rules) -> str | None:
    """Write rules where `before` still stands; None, or what is wrong: missing, changed."""
    given = (mid, before, msgspec.json.encode(rules).decode())
    rows = await act.rows("select change_rules(%s, %s::jsonb, %s::jsonb)", given)
    found: str | None = rows[0][0]
    return found


async def list_card(act: Act, payment: bytes, code: str) -> ListedNow:
    """Refuse a payment's card from now on."""
    rows = await act.rows("select o_wrong, o_id, o_masked from list_card(%s, %s)", (payment, code))
    return ListedNow(*rows[0])


async def list_token(act: Act, token: bytes, code: str, masked: str) -> bytes | None:
    """Refuse a card from now on; return its entry, None where it has this code already."""
    rows = await act.rows("select list_token(%s, %s, %s)", (token, code, masked))
    found: bytes | None = rows[0][0]
    return found


async def unlist_token(act: Act, token: bytes) -> bytes | None:
    """Accept a card again; return what its entry was, None where it is not on the list."""
    rows = await act.rows("select listed_id(%(t)s), unlist_card(listed_id(%(t)s))", {"t": token})
    return bytes(rows[0][0]) if rows[0][1] else None


async def card(act: Act, entry: bytes) -> CardRow | None:
    """Return one refused card."""
    rows = await act.rows(_CARD, (entry,))
    return CardRow(*rows[0]) if rows else None


async def unlist_card(act: Act, entry: bytes) -> bool:
    """Accept a card again; False where it is not on the list."""
    return bool((await act.rows("select unlist_card(%s)", (entry,)))[0][0])


async def waits(act: Act, kind: str, object_id: str) -> bool:
    """Say whether a decision of this kind about this object is open."""
    return bool(await act.rows(_WAITING, (kind, object_id)))
