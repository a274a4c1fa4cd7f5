"""Entering a key by components: different people, full length, a quarter of an hour.

Each part is seen once and shown back as a check value only; the whole key is made by
``keyservice``, which also asks what it may be.
"""

from pointsman.hsm import commands as c
from pointsman.hsm.audit import AuditEvent
from pointsman.hsm.chamber import Chamber, Entry
from pointsman.hsm.keys import check_value, combine_components
from pointsman.hsm.keyservice import kind_of, make_block
from pointsman.hsm.policy import NotAllowed

ENTRIES_MAX = 8  # component entries open at a time
ENTRY_LIFE_S = 900


def component(chamber: Chamber, request: c.Component) -> c.ComponentTaken:
    """Take one custodian's part; different people, full length, a quarter of an hour."""
    now_s = chamber.world.clock()
    for name, entry in list(chamber.entries.items()):
        if now_s >= entry.opened_s + ENTRY_LIFE_S:
            del chamber.entries[name]
    kind = kind_of(request.usage)
    part = bytes.fromhex(request.clear_hex)
    found = chamber.entries.get(request.entry)
    if found is None:
        if len(chamber.entries) >= ENTRIES_MAX or not 2 <= request.of <= 9:  # noqa: PLR2004
            raise NotAllowed("component entry")
        found = Entry(request.usage, request.of, request.owner, now_s)
    if (request.usage, request.of, request.owner) != (found.usage, found.of, found.owner):
        raise NotAllowed("component of another entry")
    if not request.custodian or request.custodian in found.people:
        raise NotAllowed("one person, two components")
    if len(part) not in kind.row.sizes or request.number in found.parts:
        raise NotAllowed("component length or number")
    if found.parts and len(part) != len(next(iter(found.parts.values()))):
        raise NotAllowed("component length or number")
    if not 1 <= request.number <= found.of:
        raise NotAllowed("component length or number")
    chamber.entries[request.entry] = found
    found.parts[request.number] = part
    found.people.add(request.custodian)
    algorithm = kind.row.algorithm
    part_kcv = check_value(algorithm, part)
    chamber.world.record(
        AuditEvent("Component", "ok", f"{request.number} of {found.of}", kind.name, part_kcv,
                   found.owner, request.custodian)
    )  # fmt: skip
    missing = found.of - len(found.parts)
    if missing:
        return c.ComponentTaken(part_kcv, missing)
    del chamber.entries[request.entry]
    key = combine_components(algorithm, [found.parts[at] for at in sorted(found.parts)])
    return c.ComponentTaken(part_kcv, 0, make_block(chamber, request, kind, key))
