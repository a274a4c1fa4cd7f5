"""Room for payments: what waits for an acquirer takes none of the house's own."""

from pointsman.switch.room import OWN_MAX, Room


def test_what_waits_for_the_house_is_bounded_and_what_waits_for_acquirers_is_not_counted() -> None:
    room = Room(under_way_max=2_000)
    for _ in range(OWN_MAX):
        assert not room.is_full()
        room.enter()
    assert room.is_full()
    room.to_host()
    assert not room.is_full()
    room.enter()
    room.from_host()
    assert room.is_full()
    room.leave()
    room.leave()
    assert not room.is_full()


def test_all_under_way_have_a_limit_too() -> None:
    room = Room(under_way_max=2)
    for _ in range(2):
        assert not room.is_full()
        room.enter()
        room.to_host()
    assert room.is_full()
    assert room.under_way == 2
