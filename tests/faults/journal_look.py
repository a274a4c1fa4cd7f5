"""What the journal of a house says of itself after a block: recovery, chains, numbers, days.

A shell; read only. What the figures mean is checks.py.
"""

from typing import Final

from tests.faults.checks import JournalFigures
from tests.faults.scene import Scene

# An in-doubt event that another writer than the row's own incarnation wrote is recovery's.
_LIVING: Final = """
select count(*) from events e
join transactions t on t.id = e.transaction
join incarnations i on i.incarnation = t.incarnation
where e.kind = 'in-doubt' and e.writer <> -t.incarnation
    and not (i.state = 'recovered' and i.ended_at <= e.at)
"""
# A life without a sale may never have been lived: its worker asked again when no answer came.
_ENDED: Final = """
select worker, count(*) from incarnations
where state = 'recovered' and incarnation in (select incarnation from transactions)
group by worker
"""
_BROKEN: Final = """
with writers as materialized (select distinct writer from events) -- else once for each event
select count(*) from writers where broken_at(writer) is not null
"""
_REUSED: Final = """
select (select count(*) - count(distinct (acquirer, rrn)) from transactions where rrn <> '')
"""
_LATE: Final = """
select count(*), count(*) filter (where t.state = 'approved' and t.undo = 'none'
    -- what has happened at the terminal, or is asked for again until it is known
    and t.kind not in ('refund', 'offline', 'adjust', 'tip', 'ecash', 'completion-advice',
        'script-result', 'wallet-order', 'wallet-refund'))
from events e left join transactions t on t.id = e.transaction
where e.kind = 'late-answer' and e.body::jsonb ->> 'reason' = 'late'
"""
_KEYS: Final = """
select acquirer, (details ->> 'host_time') || '-' || (details ->> 'host_stan') from transactions
where details ->> 'host_stan' <> ''
"""
_DAYS: Final = "select count(*) from business_days"


async def look(scene: Scene) -> JournalFigures:
    """Ask the database."""
    ((living,),) = await scene.ask(_LIVING)
    ended = dict(await scene.ask(_ENDED))
    ((broken,),) = await scene.ask(_BROKEN)
    ((reused,),) = await scene.ask(_REUSED)
    ((late, told),) = await scene.ask(_LATE)
    ((days,),) = await scene.ask(_DAYS)
    keys = frozenset((row[0], row[1]) for row in await scene.ask(_KEYS))
    return JournalFigures(living, ended, broken, reused, late, told, days, keys)
