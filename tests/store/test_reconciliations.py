"""Values of reconciliations."""

from pointsman.store.reconciliations import AcquirerTotals, Reconciled


def test_net_is_what_the_acquirer_owes_and_may_be_negative() -> None:
    assert AcquirerTotals(2, 3500, 1, 1000, 1, 500).net_minor == 2000
    assert AcquirerTotals(credit_count=1, credit_minor=7).net_minor == -7


def test_states_are_the_words_of_the_schema() -> None:
    assert [one.value for one in Reconciled] == ["due", "sent", "balanced", "differs", "refused"]
