"""Working keys for a terminal's sign-in: PIK, MAK and perhaps TDK, as blocks and as field 62.

The layouts are those of the POS protocol, section 5. Other keys are made in ``keyservice``.
"""

from pointsman.hsm import commands as c
from pointsman.hsm.chamber import Chamber
from pointsman.hsm.keys import Kind, State, kcv
from pointsman.hsm.keyservice import check_kind, note, random_key
from pointsman.hsm.policy import NotAllowed

MAC_KIND: dict[c.MacMethod, Kind] = {
    c.MacMethod.CUP_ECB: Kind.TAK,
    c.MacMethod.X9_9: Kind.TAK_X9_9,
    c.MacMethod.X9_9_SHORT: Kind.TAK_X9_9,
    c.MacMethod.X9_19: Kind.TAK_X9_19,
    c.MacMethod.X9_19_SHORT: Kind.TAK_X9_19,
}


def new_terminal_keys(chamber: Chamber, request: c.NewTerminalKeys) -> c.TerminalKeys:
    """Make PIK, MAK and perhaps TDK, as blocks and as field 62 (POS protocol, section 5)."""
    _, wrap = chamber.keys.wrap.get(request.tmk, chamber.world.clock())
    tak_kind = MAC_KIND.get(request.method)
    if tak_kind is None:
        raise NotAllowed("no working key for this MAC under a TDES master key")
    match request.layout:
        case "003" | "004":
            tpk_kind, tdk_kind = Kind.TPK, Kind.TDK if request.layout == "004" else None
        case "001":
            tpk_kind, tdk_kind = Kind.TPK_SINGLE, None
        case "005":
            # The national algorithms' layout is not published: keys told by a guess would fit no
            # terminal, and SM4 keys under a TDES master key would be weaker than they look.
            raise NotAllowed("the layout of SM4 working keys (005) is not published")
        case _:
            raise ValueError("layout")
    if request.long_mak and tak_kind is Kind.TAK:
        tak_kind = Kind.TAK_DOUBLE
    if request.layout == "001" and tak_kind.row.sizes[0] != 8:  # noqa: PLR2004
        raise NotAllowed("the layout has room for a single-length MAK")
    field62 = b""
    blocks: list[bytes] = []
    values: list[str] = []
    kinds = [kind for kind in (tpk_kind, tak_kind, tdk_kind) if kind is not None]
    if len(request.again) > len(kinds):
        raise NotAllowed("not the keys of this layout")
    for number, kind in enumerate(kinds):
        if number < len(request.again):
            block = request.again[number]
            key, value = _known(chamber, block, kind, request.owner)
        else:
            key = random_key(chamber, kind)
            check_kind(chamber, kind, key)
            block, value = chamber.keys.seal(kind, key, request.owner, 0, chamber.world.random)
        blocks.append(block)
        values.append(value)
        room = 8 if request.layout == "001" else 16
        # A single-length MAK is followed by literal zeros, not by enciphered ones.
        field62 += wrap(key).ljust(room, b"\0") + kcv(key)[:4]
    tpk, tak, *rest = blocks
    note(chamber, request, Kind.TPK, values[0], request.owner)
    return c.TerminalKeys(tpk, tak, rest[0] if rest else None, field62, tuple(values))


def _known(chamber: Chamber, block: bytes, kind: Kind, owner: str) -> tuple[bytes, str]:
    """Return key and check value of a block that this owner was given before."""
    life, opened = chamber.keys.open(block)
    if life.kind is not kind or life.owner != owner or life.state is not State.ACTIVE:
        raise NotAllowed("not a working key of this terminal")
    return opened.key, life.kcv
