"""One import of a site: key blocks from the HSM, the stored site, the plan, and its commit.

A shell that asks and hands on. What the file says is parsed before (site/file.py), what changes is
decided in site/plan.py; which house is asked is in house.py. Clear keys go to the HSM's operator
socket and nowhere else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import trio

from pointsman.cli.house import House, HouseError
from pointsman.cli.options import complain
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import (
    Describe,
    Described,
    ImportKey,
    KeyMade,
    NewKey,
    Refused,
    Request,
)
from pointsman.hsm.devicepart import is_hardware
from pointsman.hsm.payshield import PayshieldClient
from pointsman.site import lines
from pointsman.site.keykinds import block_fits, clear_kind, device_kind
from pointsman.site.keys import BlockKey, ClearKey, DeviceKey
from pointsman.site.plan import (
    KeyNeed,
    Plan,
    TerminalName,
    key_needs,
    make_plan,
    with_generated,
)
from pointsman.site.values import SiteFault, SiteFile, SiteFileError
from pointsman.store.parties import KeySetState
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.records_sql import PostgresRecords
from pointsman.store.site_rows import FixedKeys, SiteChange, StoredKey, StoredSite
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.hsmbackend import hsm_client

HSM_S = 30.0
"""One key, at an HSM that may be starting: it opens its key store slowly, and on purpose."""

DATABASE_S_MAX = 120.0
"""How long a running house's database is waited for: after a kill it recovers first."""
AGAIN_S = 0.2

AT_ONCE_MAX = 64
"""Keys that are asked for together: what the HSM's client puts into one frame."""

_ODD = "the HSM gave an answer that does not fit"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it: the plan, and the version that was written (None: nothing was)."""

    plan: Plan
    version: int | None
    conflict: bool = False


async def import_site(
    found: House, site: SiteFile, digest: bytes, token: str | None, *, remove: bool = False
) -> Imported:
    """Plan the import, and write it where `token` is the plan's own.

    With `remove`, what the back office made and the file does not name is taken out of use.

    Raises SiteFileError for keys that the HSM refuses, HsmUnavailable, StoreUnavailableError.
    """
    pool = Pool(found.database_url)
    sites = SiteSql(pool)
    try:
        if found.running:
            await until_it_serves(pool, complain)
        async with trio.open_nursery() as nursery:
            hsm = hsm_client(found.hsm, found.operator_socket, role="operator", timeout_s=HSM_S)
            await nursery.start(hsm.run)
            made = await _make_blocks(hsm, site)
            stored = await _with_fixed_keys(await sites.stored_site(), site, hsm, pool)
            plan = make_plan(site, made, stored, digest, remove=remove)
            result = Imported(plan, None)
            if token is not None and token != plan.token:
                result = Imported(plan, None, conflict=True)
            elif token is not None and not plan.empty:
                version = await sites.apply_site(await _completed(hsm, plan), plan.version)
                result = Imported(plan, version, conflict=version is None)
            nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        raise _single(group) from None
    finally:
        pool.close()
    return result


async def until_it_serves(
    pool: Pool, tell: Callable[[str], None], within_s: float = DATABASE_S_MAX
) -> None:
    """Wait for the database, and say once that it is waited for.

    Raises StoreUnavailableError where it does not answer within `within_s`.
    """
    until, told = trio.current_time() + within_s, False
    while True:
        try:
            await pool.rows("select 1")
        except StoreUnavailableError:
            if trio.current_time() >= until:
                raise
            if not told:
                tell(
                    f"the database does not answer yet; it is waited for, {within_s:.0f} s at most"
                )
                told = True
            await trio.sleep(AGAIN_S)
        else:
            return


async def _ask(hsm: HsmClient, request: Request) -> object:
    return await hsm.ask(request, trio.current_time() + HSM_S)


async def _make_blocks(hsm: HsmClient, site: SiteFile) -> dict[lines.Path, StoredKey]:
    """Return a key block and check value for every key of the file; all refusals at once."""
    made: dict[lines.Path, StoredKey] = {}
    faults: list[SiteFault] = []

    async def make(need: KeyNeed) -> None:
        key = await _block(hsm, need)
        if isinstance(key, str):
            faults.append(site.fault(need.path, key))
        else:
            made[need.path] = key

    needs = key_needs(site)
    for first in range(0, len(needs), AT_ONCE_MAX):
        async with trio.open_nursery() as nursery:
            for need in needs[first : first + AT_ONCE_MAX]:
                nursery.start_soon(make, need)
    if faults:
        raise SiteFileError(tuple(sorted(faults)))
    return made


async def _block(hsm: HsmClient, need: KeyNeed) -> StoredKey | str:
    """Return the key as a block, or why the HSM does not take it."""
    if isinstance(need.source, ClearKey):
        kind = clear_kind(need)
        if kind is None:
            return f"MAC method {need.method} has no such key"
        match await _ask(hsm, ImportKey(kind, need.source.hex, need.owner)):
            case KeyMade(block, kcv):
                return StoredKey(block, kcv)
            case Refused(_, reason):
                return f"refused by the HSM: {reason}"
            case _:
                return _ODD
    if isinstance(need.source, BlockKey):
        match await _ask(hsm, Describe(need.source.block)):
            case Described(kind, _, _, kcv) if block_fits(need, kind):
                return StoredKey(need.source.block, kcv)
            case Described(kind):
                return f"a key block of kind {kind} does not fit here"
            case Refused(_, reason):
                return f"refused by the HSM: {reason}"
            case _:
                return _ODD
    if isinstance(need.source, DeviceKey):
        return await _device_key(hsm, need, need.source.reference)
    raise AssertionError("a generated key needs no block yet")


async def _device_key(hsm: HsmClient, need: KeyNeed, reference: bytes) -> StoredKey | str:
    """Return a hardware HSM's key with the check value that it tells, or why it cannot be."""
    if not isinstance(hsm, PayshieldClient):
        return 'a key of a hardware HSM, and there is none (hsm.backend = "payshield")'
    kind = device_kind(need)
    if kind is None:
        return f"a hardware HSM has no MAC method {need.method}: use a key block of ours"
    match await hsm.check_value(kind, reference, trio.current_time() + HSM_S):
        case Refused(_, reason):
            return f"refused by the hardware HSM: {reason}"
        case kcv:
            return StoredKey(reference, kcv)


async def _with_fixed_keys(
    stored: StoredSite, site: SiteFile, hsm: HsmClient, pool: Pool
) -> StoredSite:
    """Put in the working keys that terminals use now, where the file wants to fix them."""
    terminals = dict(stored.terminals)
    records = PostgresRecords(pool)
    for name, wanted in site.terminals.items():
        if wanted.pik is None or name not in terminals:
            continue
        terminal = await records.terminal(*name)
        sets = terminal.key_sets if terminal else ()
        current = next((found for found in sets if found.state is KeySetState.CURRENT), None)
        if current is not None:
            tpk = await _described(hsm, "TPK", current.tpk)
            tak = await _described(hsm, "TAK", current.tak)
            terminals[name] = replace(terminals[name], fixed=FixedKeys(tpk, tak))
    return replace(stored, terminals=terminals)


async def _described(hsm: HsmClient, kind: str, block: bytes) -> StoredKey:
    if isinstance(hsm, PayshieldClient) and is_hardware(block):
        kcv = await hsm.check_value(kind, block, trio.current_time() + HSM_S)
        return StoredKey(block, "" if isinstance(kcv, Refused) else kcv)
    match await _ask(hsm, Describe(block)):
        case Described(kcv=kcv):
            return StoredKey(block, kcv)
        case _:
            return StoredKey(block, "")  # not readable any more: any key differs from it


async def _completed(hsm: HsmClient, plan: Plan) -> SiteChange:
    """Return the plan's change with the terminal keys that the HSM makes now."""
    made: dict[TerminalName, StoredKey] = {}
    for mid, tid in plan.generate:
        match await _ask(hsm, NewKey("TMK", f"{mid}/{tid}")):
            case KeyMade(block, kcv):
                made[mid, tid] = StoredKey(block, kcv)
            case _:
                raise HouseError("the HSM does not make terminal keys")
    return with_generated(plan, made)


def _single(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return one error for a group of errors of one kind: many keys, one HSM that is away."""
    leaves = list(_leaves(group))
    return leaves[0] if len({type(leaf) for leaf in leaves}) == 1 else group


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for inner in group.exceptions:
        if isinstance(inner, BaseExceptionGroup):
            yield from _leaves(inner)
        else:
            yield inner
