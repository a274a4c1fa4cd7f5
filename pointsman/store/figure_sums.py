"""What figures are grouped by and added up to, as SQL over rows of `day_figures`.

A core: constants. Where the rows come from, and who may see which, is console_figures.py; what the
sums mean is in reports/.
"""

from collections.abc import Mapping
from typing import LiteralString

DIMENSIONS: Mapping[str, LiteralString] = {
    "day": "f.business_date::text",
    "week": "to_char(f.business_date, 'IYYY-\"W\"IW')",
    "month": "to_char(f.business_date, 'YYYY-MM')",
    "weekday": "extract(isodow from f.business_date)::text",
    "hour": "lpad(f.hour::text, 2, '0')",
    "brand": "f.scheme",
    "method": "f.method",
    "merchant": "f.mid",
    "outlet": "f.mid || '/' || coalesce(encode(f.outlet, 'hex'), '')",
    "terminal": "f.mid || '/' || f.tid",
    "acquirer": "f.acquirer",
    "response_code": "f.response_code",
}
"""What figures can be grouped by."""

SUMS = (
    *("gross_minor", "sales", "voids_minor", "voids", "refunds_minor", "refunds"),
    *("approved", "declined", "unknown", "failed", "refused", "in_progress"),
    *("intents", "first_intents", "won_intents", "declined_minor", "net_minor"),
)
"""The columns of sums as `figures` gives them; the time of the last approved one follows."""

_STATES = ("approved", "declined", "unknown", "failed", "refused", "sending")
_ATTEMPTS: LiteralString = ", ".join(
    f"coalesce(sum(f.attempts) filter (where f.money = 'debit' and f.state = '{one}'), 0)::bigint"
    for one in _STATES
)
SUMS_SQL: LiteralString = f"""
coalesce(sum(f.counted_minor) filter (where f.money in ('debit', 'replaces')), 0)::bigint,
coalesce(sum(f.counted) filter (where f.money = 'debit'), 0)::bigint,
coalesce(-sum(f.counted_minor) filter (where f.money = 'debit minus'), 0)::bigint,
coalesce(sum(f.counted) filter (where f.money = 'debit minus'), 0)::bigint,
coalesce(-sum(f.counted_minor) filter (where f.money = 'credit'), 0)::bigint,
coalesce(sum(f.counted) filter (where f.money = 'credit'), 0)::bigint,
{_ATTEMPTS},
coalesce(sum(f.intents), 0)::bigint, coalesce(sum(f.first_intents), 0)::bigint,
coalesce(sum(f.won_intents), 0)::bigint,
coalesce(sum(f.asked_minor) filter (where f.money = 'debit' and f.state = 'declined'), 0)::bigint,
coalesce(sum(f.counted_minor), 0)::bigint, max(f.last_at) filter (where f.money = 'debit')
"""
