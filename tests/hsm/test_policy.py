"""The tables of the HSM, exhaustively: operation x kind, PIN formats, role x request."""

from typing import get_args

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.engine import REFUSED
from pointsman.hsm.keys import KeyLife, Kind, State
from pointsman.hsm.pinblock import PinFormat
from pointsman.hsm.policy import (
    ALLOWED,
    READS,
    RULES,
    NotAllowed,
    Operation,
    PinRules,
    Role,
    check_use,
)
from pointsman.hsm.primitives import Algorithm
from tests.hsm.laboratory import ZMK, Laboratory

# Written out by hand, apart from the product's table: what each kind may do, and nothing else.
MAY: dict[Kind, set[Operation]] = {
    Kind.ZMK: {Operation.WRAP, Operation.UNWRAP},
    Kind.TMK: {Operation.WRAP},
    Kind.KBPK: {Operation.WRAP_BLOCK, Operation.UNWRAP_BLOCK},
    Kind.TPK: {Operation.PIN_IN},
    Kind.TPK_SINGLE: {Operation.PIN_IN},
    Kind.ZPK: {Operation.PIN_OUT},
    Kind.ZPK_IN: {Operation.PIN_IN},
    Kind.TPK_AES: {Operation.PIN_IN},
    Kind.ZPK_AES: {Operation.PIN_OUT},
    Kind.TPK_SM4: {Operation.PIN_IN},
    Kind.ZPK_SM4: {Operation.PIN_OUT},
    Kind.TAK: {Operation.MAC_CUP},
    Kind.TAK_DOUBLE: {Operation.MAC_CUP},
    Kind.TAK_SM4: {Operation.MAC_CUP},
    Kind.TAK_X9_9: {Operation.MAC_CBC},
    Kind.TAK_X9_19: {Operation.MAC_RETAIL},
    Kind.TAK_CMAC: {Operation.MAC_CMAC},
    Kind.ZAK: {Operation.MAC_RETAIL},
    Kind.ZAK_X9_9: {Operation.MAC_CBC},
    Kind.ZAK_CMAC: {Operation.MAC_CMAC},
    Kind.ZAK_CMAC_TDES: {Operation.MAC_CMAC},
    Kind.ZAK_SM4: {Operation.MAC_CBC},
    Kind.TDK: {Operation.TRACK_OPEN},
    Kind.BDK: {Operation.DERIVE},
    Kind.BDK_AES: {Operation.DERIVE},
    Kind.CVK: {Operation.CARD_VALUE},
    Kind.PVK: {Operation.PIN_VALUE},
    Kind.PVK_IBM: {Operation.PIN_OFFSET},
    Kind.MK_AC: {Operation.CRYPTOGRAM},
    Kind.TOKEN: {Operation.TOKEN},
    Kind.PAN_DATA: {Operation.PAN_SEAL, Operation.PAN_OPEN},
}


def life(kind: Kind, state: State = State.ACTIVE, expires_s: int = 0) -> KeyLife:
    return KeyLife(kind, "", "", 0, expires_s, state)


def allowed(operation: Operation, of: KeyLife, now_s: int = 1) -> bool:
    try:
        check_use(operation, of, of.kind.row.algorithm, now_s)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_does_what_its_row_says_and_nothing_else(kind: Kind) -> None:
    assert {operation for operation in Operation if allowed(operation, life(kind))} == MAY[kind]


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_has_a_rule_of_one_usage(operation: Operation) -> None:
    usages = {kind.row.usage for kind in Kind if allowed(operation, life(kind))}
    assert usages == {RULES[operation].usage}


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_key_of_another_algorithm_than_its_kind_is_refused(
    operation: Operation, algorithm: Algorithm
) -> None:
    for kind in Kind:
        if algorithm is not kind.row.algorithm:
            with pytest.raises(NotAllowed):
                check_use(operation, life(kind), algorithm, 1)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", State)
def test_states_narrow_what_a_key_may_do(kind: Kind, state: State) -> None:
    for operation in MAY[kind]:
        expected = {
            State.PENDING: True,
            State.ACTIVE: True,
            State.RETIRED: operation in READS,
            State.DESTROYED: False,
        }[state]
        assert allowed(operation, life(kind, state)) is expected


@pytest.mark.parametrize(("now_s", "expected"), [(9, True), (10, False), (11, False)])
def test_a_key_ends_at_its_second(now_s: int, expected: bool) -> None:
    assert allowed(Operation.PIN_IN, life(Kind.TPK, expires_s=10), now_s) is expected


def test_retired_keys_write_nothing() -> None:
    writing = {Operation.PIN_OUT, Operation.WRAP, Operation.WRAP_BLOCK, Operation.PAN_SEAL}
    assert not writing & READS


BOUND = {PinFormat.ISO_0, PinFormat.ISO_3, PinFormat.ISO_4}


@pytest.mark.parametrize("source", PinFormat)
@pytest.mark.parametrize("target", PinFormat)
@pytest.mark.parametrize("laboratory", [False, True])
@pytest.mark.parametrize("format_1_in", [False, True])
def test_pin_formats_move_as_pci_pin_says(
    source: PinFormat, target: PinFormat, laboratory: bool, format_1_in: bool
) -> None:
    expected = (
        (source in BOUND and target in BOUND)
        or (source is target is PinFormat.SM4)
        or (source is PinFormat.ISO_1 and target in BOUND and format_1_in)
        or (source is target is PinFormat.ISO_0_NO_ACCOUNT and laboratory)
    )
    rules = PinRules(laboratory, format_1_in)
    assert rules.allows(source, target) is expected
    if not expected:
        with pytest.raises(NotAllowed, match="not allowed"):
            rules.check(source, target)


def test_nothing_ever_becomes_format_1_or_2() -> None:
    rules = PinRules(laboratory=True, format_1_in=True)
    for source in PinFormat:
        assert not rules.allows(source, PinFormat.ISO_1)
        assert not rules.allows(source, PinFormat.ISO_2)


# What a role may not ask: each row is a promise.
NEVER: dict[Role, set[type]] = {
    Role.SWITCH: {
        c.VerifyPin,
        c.VerifyCryptogram,
        c.VerifyCardValue,
        c.ImportKey,
        c.ImportBlock,
        c.ExportUnder,
        c.Component,
        c.Rewrap,
        c.Reseal,
    },
    Role.OPERATOR: {
        c.Outbound,
        c.Inbound,
        c.OpenPan,
        c.OpenTrack,
        c.NewTerminalKeys,
        c.VerifyPin,
        c.VerifyCryptogram,
        c.VerifyCardValue,
    },
    Role.SIMULATOR: {
        c.NewTerminalKeys,
        c.ImportBlock,
        c.ExportUnder,
        c.SetState,
        c.Component,
        c.Rewrap,
        c.Reseal,
    },
}


@pytest.mark.parametrize("role", Role)
def test_every_request_is_allowed_or_refused_by_role(role: Role) -> None:
    assert ALLOWED[role] | NEVER[role] == set(get_args(c.Request))
    assert not ALLOWED[role] & NEVER[role]


def test_a_request_of_another_role_is_refused_before_anything_is_read() -> None:
    lab = Laboratory()
    junk = c.VerifyPin(b"", b"", b"", "", "1", "")
    assert lab.ask(junk, Role.SWITCH) == REFUSED
    assert lab.reasons == ["role"]


@pytest.mark.parametrize("role", [Role.SWITCH, Role.SIMULATOR])
def test_only_an_operator_is_told_a_master_key_under_a_zmk(role: Role) -> None:
    lab = Laboratory()
    zmk = lab.key("ZMK", ZMK)
    assert isinstance(lab.ask(c.NewKey("TMK", "m/t"), role), c.KeyMade)
    assert lab.ask(c.NewKey("TMK", "m/t", under=zmk), role) == REFUSED
    assert isinstance(lab.ask(c.NewKey("TMK", "m/t", under=zmk), Role.OPERATOR), c.KeyMade)
