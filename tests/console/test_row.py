"""Rows of routes: what is open names no right, what is not names one or a session."""

from pointsman.console.rights import Resource, Verb
from pointsman.console.row import open_row, row


def test_a_row_is_closed_unless_it_is_made_open() -> None:
    closed = row("GET", "/v1/x", Resource.REPORTS, Verb.VIEW, "q")
    assert not closed.public
    assert closed.parameters == frozenset({"q"})
    assert open_row("GET", "/health/live").public
