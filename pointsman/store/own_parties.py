"""Which parties the back office made: read, and marked when a site file begins to name them.

Part of the transaction of parties_sql.py that reads or writes the site. What an import does with
them is decided in pointsman/site/plan.py.
"""

from pointsman.store.connection import TrioConnection
from pointsman.store.site_rows import OwnParties, SiteChange

_MERCHANTS = "select mid from merchants where not in_file"
_TERMINALS = "select mid, tid from terminals where not in_file"
_NAME_MERCHANTS = "update merchants set in_file = true where mid = any(%s) and not in_file"
_NAME_TERMINALS = """
update terminals t set in_file = true from unnest(%s::text[], %s::text[]) n (mid, tid)
where t.mid = n.mid and t.tid = n.tid and not t.in_file
"""


async def own_parties(connection: TrioConnection) -> OwnParties:
    """Return the parties that no site file named so far."""
    merchants = await (await connection.execute(_MERCHANTS)).fetchall()
    terminals = await (await connection.execute(_TERMINALS)).fetchall()
    return OwnParties(
        frozenset(mid for (mid,) in merchants), frozenset((mid, tid) for mid, tid in terminals)
    )


async def mark_named(connection: TrioConnection, change: SiteChange) -> None:
    """Mark what the file names from now on: all that it writes, and what it took over."""
    mids = sorted({one.mid for one in change.merchants} | change.named.merchants)
    names = sorted({(one.mid, one.tid) for one in change.terminals} | change.named.terminals)
    await connection.execute(_NAME_MERCHANTS, (mids,))
    columns = ([mid for mid, _ in names], [tid for _, tid in names])
    await connection.execute(_NAME_TERMINALS, columns)
