"""All chance of a run comes from its seed, and each stream is its own."""

from pointsman.sim.world.chance import Chance, Faults, Trace

RATES = {"crash": 0.5, "loss": 0.5, "never": 0.0}


def asked(faults: Faults, kind: str, times: int) -> list[bool]:
    return [faults.strikes(kind) for _ in range(times)]


def test_a_stream_is_the_same_for_the_same_seed_and_name() -> None:
    first = [Chance(7).stream("a").random() for _ in range(2)]
    assert first[0] == first[1]
    assert Chance(7).stream("b").random() != first[0]
    assert Chance(8).stream("a").random() != first[0]


def test_questions_about_one_kind_do_not_shift_those_about_another() -> None:
    alone, mixed = Faults(Chance(7), RATES), Faults(Chance(7), RATES)
    expected = asked(alone, "crash", 50)
    got = []
    for _ in range(50):
        mixed.strikes("loss")
        got.append(mixed.strikes("crash"))
    assert got == expected
    assert True in got
    assert False in got


def test_a_kind_without_a_rate_never_strikes_and_none_does_once_all_is_healed() -> None:
    faults = Faults(Chance(7), RATES)
    assert not any(asked(faults, "never", 50))
    assert not any(asked(faults, "unheard of", 50))
    faults.healed = True
    assert not any(asked(faults, "crash", 50))


def test_what_struck_is_noted_by_its_number_and_can_be_struck_alone() -> None:
    heard: list[str] = []
    faults = Faults(Chance(7), RATES, heard=heard.append)
    struck = [number for number, hit in enumerate(asked(faults, "crash", 50), 1) if hit]
    assert faults.struck == [("crash", number) for number in struck]
    assert faults.counts["crash"] == len(struck) == len(heard)
    one = faults.struck[1]
    again = Faults(Chance(7), RATES, only=frozenset({one}))
    asked(again, "crash", 50)
    assert again.struck == [one]


def test_a_trace_is_its_lines_and_keeps_them_only_when_told_to() -> None:
    kept, hashed, other = Trace(keep=True), Trace(), Trace()
    for trace in (kept, hashed):
        trace.note(1.5, "sent", "alpha", 3)
    other.note(1.5, "sent", "alpha", 4)
    assert kept.lines == ["1.500000 sent alpha 3"]
    assert hashed.lines == []
    assert kept.hash == hashed.hash != other.hash
