"""Both trips of a terminal prefer one process; what has no key goes in turn."""

from pointsman.hsm import commands as c
from pointsman.hsm.affinity import home
from pointsman.hsm.commands import MacMethod

X = MacMethod.X9_19


def test_both_trips_of_a_terminal_go_to_one_process() -> None:
    homes = set()
    for number in range(50):
        tak = b"D0176 terminal %d" % number
        out = c.Outbound(c.MacCheck(tak, X, b"", b""))
        back = c.Inbound(c.MacCheck(b"D0176 host", X, b"", b""), c.MacMake(tak, X, b""))
        assert {home(out, turn, 4) for turn in range(5)} == {home(back, 0, 4)}
        homes.add(home(out, 0, 4))
    assert homes == {0, 1, 2, 3}


def test_without_a_key_the_turn_decides() -> None:
    assert [home(c.TokenOf("1"), turn, 3) for turn in range(4)] == [0, 1, 2, 0]
    assert home(c.Outbound(), 2, 3) == 2
    assert home(c.Inbound(), 2, 3) == 2
    assert home(c.Outbound(c.MacCheck(b"key", X, b"", b"")), 5, 1) == 0


def test_other_keys_stand_in_where_the_first_is_absent() -> None:
    pin = c.PinTranslate(b"tpk", b"zpk", b"", "")
    assert home(c.Outbound(pin=pin), 0, 1 << 30) == home(c.Outbound(pin=pin), 1, 1 << 30)
    check = c.Inbound(c.MacCheck(b"host", X, b"", b""))
    assert home(check, 0, 1 << 30) == home(check, 1, 1 << 30)
