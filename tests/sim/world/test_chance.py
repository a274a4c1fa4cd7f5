"""Streams, numbered decisions, the trace."""

from pointsman.sim.world.chance import Chance, Faults, Trace

RATES = {"reset": 0.5, "pieces": 0.5}


def test_a_draw_in_one_stream_does_not_shift_another() -> None:
    alone = Faults(Chance(1), RATES)
    wanted = [alone.strikes("reset") for _ in range(20)]
    mixed = Faults(Chance(1), RATES)
    got = []
    for _ in range(20):
        mixed.strikes("pieces")
        got.append(mixed.strikes("reset"))
    assert got == wanted


def test_only_the_decisions_that_are_kept_strike() -> None:
    whole = Faults(Chance(1), RATES)
    for _ in range(20):
        whole.strikes("reset")
    kept = whole.struck[1:3]
    less = Faults(Chance(1), RATES, only=frozenset(kept))
    for _ in range(20):
        less.strikes("reset")
    assert less.struck == kept


def test_a_healed_world_has_no_faults_and_a_trace_has_one_hash() -> None:
    faults = Faults(Chance(1), {"reset": 1.0}, healed=True)
    assert not faults.strikes("reset")
    one, other = Trace(), Trace(keep=True)
    for trace in (one, other):
        trace.note(1.0, "killed", "worker 0")
    assert one.hash == other.hash
    assert other.lines == ["1.000000 killed worker 0"]
