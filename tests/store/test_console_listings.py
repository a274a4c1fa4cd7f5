"""Lists of payments and parties: the words of states are conditions that leave nothing out."""

from pointsman.reports.states import STATES
from pointsman.store.console_listings import LISTINGS, PAYMENT_STATE
from pointsman.store.listing import Kind


def test_every_word_of_a_payments_state_has_its_condition() -> None:
    assert set(PAYMENT_STATE.choices) == set(STATES)


def test_every_list_has_its_usual_order_and_a_key() -> None:
    for which in LISTINGS.values():
        assert which.fields[which.usual.removeprefix("-")].order
        assert which.key
        for field in which.fields.values():
            assert field.sql or field.kind is Kind.CHOICE
            assert not field.choices or field.kind is Kind.CHOICE
