"""The vocabulary of the journal."""

from pointsman.store.records import Card


def test_a_card_shows_its_first_six_and_last_four_only() -> None:
    assert Card(b"", None, "622848", "0019").masked == "622848******0019"
    assert Card(b"", None, "", "4321").masked == "******4321"
