"""Faults of a site file as a person reads them."""

from pointsman.site.file import parse
from pointsman.site.values import SiteFault, SiteFileError, written


def test_fault_tells_line_path_and_reason() -> None:
    fault = SiteFault(3, "merchants.X.mcc", "4 digits expected")
    assert str(fault) == "line 3: merchants.X.mcc: 4 digits expected"
    assert str(SiteFileError((fault, fault))) == f"{fault}; {fault}"


def test_path_is_written_as_a_person_writes_it() -> None:
    path = ("merchants", "X", "routes", 0, "acquirer")
    assert written(path) == "merchants.X.routes[0].acquirer"


def test_fault_found_later_has_the_line_of_its_key() -> None:
    site = parse('\ncutoff = "22:00"\n')
    assert site.fault(("cutoff",), "x") == SiteFault(2, "cutoff", "x")
