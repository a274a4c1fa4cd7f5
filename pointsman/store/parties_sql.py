"""The site on PostgreSQL: what an import reads and writes, and the directory that workers use.

Implements `site_rows.SiteStore`. What a site file may say is decided in pointsman/site; terminals
as the switch reads them, one by one, are in terminals_sql.py.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from pointsman.store.connection import TrioConnection
from pointsman.store.own_parties import mark_named, own_parties
from pointsman.store.parties import Acquirer, Directory, Downloads, Merchant, Route, read_rules
from pointsman.store.pool import Pool
from pointsman.store.site_rows import (
    AcquirerRow,
    FixedKeys,
    SiteChange,
    StoredKey,
    StoredSite,
    TerminalRow,
)
from pointsman.store.verbs import StoreUnavailableError

IMPORT_S_MAX = 60.0
"""A site of ten thousand terminals is written in a few seconds."""

_FIRST_BATCH = "000001"
_SITE = "select version, zone, cutoff, downloads::text from site"
_MERCHANTS = """
select mid, name, mcc, city, country, currency, active, tip_percent, strict_chip,
    rules::text
from merchants
"""
_ACQUIRERS = """
select name, institution, format, framing, host, port, active, zpk, zak, mac_method, pin_format,
    reversal_mti, accepts, host_timeout_s, echo_s, in_flight_max, request_life_s,
    completion_percent, hold_days, takes_scripts, order_s, zmk, reconciles,
    zpk_check_value, zak_check_value, zmk_check_value
from acquirers
"""
_ROUTES = "select mid, acquirer, priority, schemes from routes order by mid, priority, acquirer"
_TERMINALS = """
select mid, tid, active, format, framing, mac_method, key_layout, tmk, tmk_check_value,
    fixed_tpk_check_value, fixed_tak_check_value
from terminals
"""
_WRITE_MERCHANT = """
insert into merchants (mid, name, mcc, city, country, currency, active, tip_percent,
    strict_chip, rules)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
on conflict (mid) do update set name = excluded.name, mcc = excluded.mcc, city = excluded.city,
    country = excluded.country, currency = excluded.currency, active = excluded.active,
    tip_percent = excluded.tip_percent, strict_chip = excluded.strict_chip,
    rules = excluded.rules
"""
_WRITE_ACQUIRER = """
insert into acquirers (name, institution, format, framing, host, port, active, zpk, zak,
    mac_method, pin_format, reversal_mti, accepts, host_timeout_s, echo_s, in_flight_max,
    request_life_s, completion_percent, hold_days, takes_scripts, order_s,
    zmk, reconciles, zpk_check_value, zak_check_value, zmk_check_value)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
    %s, %s, %s, %s, %s, %s)
on conflict (name) do update set institution = excluded.institution, format = excluded.format,
    framing = excluded.framing, host = excluded.host, port = excluded.port,
    active = excluded.active, zpk = excluded.zpk, zak = excluded.zak,
    mac_method = excluded.mac_method, pin_format = excluded.pin_format,
    reversal_mti = excluded.reversal_mti, accepts = excluded.accepts,
    host_timeout_s = excluded.host_timeout_s, echo_s = excluded.echo_s,
    in_flight_max = excluded.in_flight_max, request_life_s = excluded.request_life_s,
    completion_percent = excluded.completion_percent, hold_days = excluded.hold_days,
    takes_scripts = excluded.takes_scripts, order_s = excluded.order_s, zmk = excluded.zmk,
    reconciles = excluded.reconciles, zmk_check_value = excluded.zmk_check_value,
    zpk_check_value = excluded.zpk_check_value, zak_check_value = excluded.zak_check_value
"""
_WRITE_TERMINAL = """
insert into terminals (mid, tid, active, format, framing, mac_method, key_layout, tmk,
    tmk_check_value, batch)
values (%(mid)s, %(tid)s, %(active)s, %(format)s, %(framing)s, %(mac_method)s, %(key_layout)s,
    coalesce(%(tmk)s, ''::bytea), coalesce(%(check_value)s, ''),
    coalesce(%(batch)s, %(first_batch)s))
on conflict (mid, tid) do update set active = excluded.active, format = excluded.format,
    framing = excluded.framing, mac_method = excluded.mac_method,
    key_layout = excluded.key_layout, tmk = coalesce(%(tmk)s, terminals.tmk),
    tmk_check_value = coalesce(%(check_value)s, terminals.tmk_check_value),
    batch = coalesce(%(batch)s, terminals.batch)
"""
_OPEN_BATCH = """
insert into batches (mid, tid, batch) select mid, tid, batch from terminals
where mid = %s and tid = %s on conflict do nothing
"""
_FIX_KEYS = """
with gone as (delete from key_sets where mid = %(mid)s and tid = %(tid)s),
    signed as (update terminals set signed_in = true,
        fixed_tpk_check_value = %(tpk_check_value)s, fixed_tak_check_value = %(tak_check_value)s
        where mid = %(mid)s and tid = %(tid)s)
insert into key_sets (mid, tid, number, tpk, tak, state)
select %(mid)s, %(tid)s, coalesce(max(number), 0) + 1, %(tpk)s, %(tak)s, 'current'
from key_sets where mid = %(mid)s and tid = %(tid)s
"""
_WRITE_ROUTE = "insert into routes (mid, acquirer, priority, schemes) values (%s, %s, %s, %s)"
_FIRST_DAY = """
select open_business_day(business_date_at(now(), zone, cutoff)) from site
where not exists (select from business_days)
"""


class SiteSql:
    """`site_rows.SiteStore` on PostgreSQL, and the directory."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def directory(self, known_version: int) -> Directory | None:
        """Return the site as it is now, or None when `known_version` is still the newest."""
        version = await self._pool.value("select version from site")
        if version == known_version:
            return None
        site = await self.stored_site()
        return Directory(
            version=site.version,
            merchants=site.merchants,
            acquirers={name: row.acquirer for name, row in site.acquirers.items()},
            routes=site.routes,
            cutoff=site.cutoff,
            zone=site.zone,
            downloads=site.downloads,
        )

    async def stored_site(self) -> StoredSite:
        """See site_rows.SiteStore. Of fixed keys only the check values are read back."""
        try:
            async with self._pool.session(timeout_s=IMPORT_S_MAX) as connection:
                await connection.execute("begin isolation level repeatable read read only")
                site = await _read(connection)
                await connection.execute("commit")
                return site
        except psycopg.Error as error:
            raise StoreUnavailableError(f"no result ({error.sqlstate})") from None

    async def apply_site(self, change: SiteChange, expected_version: int) -> int | None:
        """See site_rows.SiteStore. Opens the first business day where there is none."""
        try:
            async with self._pool.session(timeout_s=IMPORT_S_MAX) as connection:
                await connection.execute("begin")
                await connection.execute("set local statement_timeout = 0")
                version = await _write(connection, change, expected_version)
                await connection.execute("commit" if version is not None else "rollback")
                return version
        except psycopg.Error as error:
            raise StoreUnavailableError(f"refused by the database ({error.sqlstate})") from None


async def _read(connection: TrioConnection) -> StoredSite:
    ((version, zone, cutoff, downloads),) = await (await connection.execute(_SITE)).fetchall()
    merchants = await (await connection.execute(_MERCHANTS)).fetchall()
    acquirers = await (await connection.execute(_ACQUIRERS)).fetchall()
    routes: dict[str, tuple[Route, ...]] = {}
    for mid, acquirer, priority, schemes in await (await connection.execute(_ROUTES)).fetchall():
        route = Route(mid, acquirer, priority, frozenset(schemes))
        routes[mid] = (*routes.get(mid, ()), route)
    terminals = await (await connection.execute(_TERMINALS)).fetchall()
    return StoredSite(
        version=version,
        zone=zone,
        cutoff=cutoff,
        downloads=msgspec.json.decode(downloads, type=Downloads),
        merchants={row[0]: _merchant(row) for row in merchants},
        terminals={(row[0], row[1]): _terminal(row) for row in terminals},
        acquirers={row[0]: _acquirer(row) for row in acquirers},
        routes=routes,
        own=await own_parties(connection),
    )


async def _write(
    connection: TrioConnection, change: SiteChange, expected_version: int
) -> int | None:
    row = await (await connection.execute("select version from site for update")).fetchone()
    if row is None or row[0] != expected_version:
        return None
    for m in change.merchants:
        settings = (m.active, m.tip_percent, m.strict_chip, msgspec.json.encode(m.rules).decode())
        values = (m.mid, m.name, m.mcc, m.city, m.country, m.currency, *settings)
        await connection.execute(_WRITE_MERCHANT, values)
    for acquirer in change.acquirers:
        await connection.execute(_WRITE_ACQUIRER, _acquirer_values(acquirer))
    for terminal in change.terminals:
        await _write_terminal(connection, terminal)
    for mid, routes in change.routes.items():
        await connection.execute("delete from routes where mid = %s", (mid,))
        for route in routes:
            route_values = (mid, route.acquirer, route.priority, sorted(route.schemes))
            await connection.execute(_WRITE_ROUTE, route_values)
    await mark_named(connection, change)
    version = expected_version + 1
    await connection.execute(
        "update site set version = %s, zone = %s, cutoff = %s, downloads = %s::jsonb",
        (version, change.zone, change.cutoff, msgspec.json.encode(change.downloads).decode()),
    )
    await connection.execute(_FIRST_DAY)
    await connection.execute(
        "select append_event(0, 'site', null, jsonb_build_object('version', %s::bigint)::text)",
        (version,),
    )
    return version


async def _write_terminal(connection: TrioConnection, row: TerminalRow) -> None:
    await connection.execute(
        _WRITE_TERMINAL,
        {
            "mid": row.mid,
            "tid": row.tid,
            "active": row.active,
            "format": row.format,
            "framing": row.framing,
            "mac_method": row.mac_method,
            "key_layout": row.key_layout,
            "tmk": None if row.tmk is None else row.tmk.block,
            "check_value": None if row.tmk is None else row.tmk.check_value,
            "batch": row.batch,
            "first_batch": _FIRST_BATCH,
        },
    )
    await connection.execute(_OPEN_BATCH, (row.mid, row.tid))
    if row.fixed is not None:
        await connection.execute(_FIX_KEYS, _fixed_values(row, row.fixed))


def _fixed_values(row: TerminalRow, fixed: FixedKeys) -> dict[str, object]:
    return {
        "mid": row.mid,
        "tid": row.tid,
        "tpk": fixed.tpk.block,
        "tak": fixed.tak.block,
        "tpk_check_value": fixed.tpk.check_value,
        "tak_check_value": fixed.tak.check_value,
    }


def _acquirer_values(row: AcquirerRow) -> tuple[object, ...]:
    a = row.acquirer
    return (
        a.name, a.institution, a.format, a.framing, a.host, a.port, a.active, a.zpk, a.zak,
        a.mac_method, a.pin_format, a.reversal_mti, sorted(a.accepts), a.host_timeout_s, a.echo_s,
        a.in_flight_max, a.request_life_s, a.completion_percent, a.hold_days,
        a.takes_scripts, a.order_s, a.zmk, a.reconciles, row.zpk_check_value,
        row.zak_check_value, row.zmk_check_value,
    )  # fmt: skip


def _acquirer(row: Sequence[Any]) -> AcquirerRow:  # Any: a row of the database
    values = [*row[:12], frozenset(row[12]), *row[13:23]]
    return AcquirerRow(Acquirer(*values), *row[23:])


def _merchant(row: Sequence[Any]) -> Merchant:  # Any: a row of the database
    values = [*row[:-1], read_rules(row[-1])]
    return Merchant(*values)


def _terminal(row: Sequence[Any]) -> TerminalRow:  # Any: a row of the database
    mid, tid, active, message_format, framing, mac_method, key_layout, tmk, check_value = row[:9]
    tpk_check_value, tak_check_value = row[9:]
    return TerminalRow(
        mid=mid,
        tid=tid,
        active=active,
        format=message_format,
        framing=framing,
        mac_method=mac_method,
        key_layout=key_layout,
        tmk=StoredKey(tmk, check_value),
        fixed=None
        if tpk_check_value is None
        else FixedKeys(StoredKey(b"", tpk_check_value), StoredKey(b"", tak_check_value)),
    )
