"""A process passes seams while it lives, dies at the ones set, and loses its lease when cut off."""

import trio

from pointsman.sim.world.process import Process, SeamCount, spared


def mortal(seams: SeamCount) -> tuple[Process, list[str]]:
    why: list[str] = []

    def kill(process: Process, what: str) -> None:
        process.alive = False
        why.append(what)

    return Process("worker 0", kill, seams), why


def test_seams_are_counted_by_name_while_it_lives() -> None:
    process, _ = mortal(SeamCount(counting=True))
    assert [process.enters("commit"), process.enters("hsm")] == [1, 2]
    assert process.seams.passed == ["commit", "hsm"]
    process.alive = False
    assert process.enters("commit") == 0
    assert len(process.seams.passed) == 2


def test_it_dies_before_or_after_the_seam_that_was_set() -> None:
    process, why = mortal(SeamCount(crash_before=frozenset({2}), counting=True))
    process.left(process.enters("commit"), "commit")
    assert process.alive
    assert process.enters("hsm") == 0, "nothing is asked of the HSM"
    assert why == ["before hsm"]
    process, why = mortal(SeamCount(crash_after=frozenset({1}), counting=True))
    number = process.enters("commit")
    assert (number, process.alive) == (1, True)
    process.left(number, "commit")
    assert why == ["after commit"]


def test_without_counting_no_seam_kills() -> None:
    process, why = mortal(SeamCount(crash_before=frozenset({1})))
    assert process.enters("commit") == 1
    assert why == []


async def test_who_is_cut_off_past_its_lease_does_not_live_on(autojump_clock: object) -> None:
    process = Process("worker 0", spared)
    process.cut_off(60.0)
    lives = [process.lives_on]  # nobody has found it yet
    await trio.sleep(30)
    lives.append(process.lives_on)
    await process.reaches_database()
    assert trio.current_time() >= process.cut_off_until
    await trio.sleep(10)
    assert [*lives, process.lives_on] == [True, False, True]
