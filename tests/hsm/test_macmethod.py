"""Every MAC method that a profile may name has its form."""

from pointsman.hsm.macform import FORMS
from pointsman.hsm.macmethod import MacMethod


def test_every_method_has_a_form_and_back_by_its_text() -> None:
    assert set(FORMS) == set(MacMethod)
    assert all(MacMethod(method.value) is method for method in MacMethod)
