"""Rows of routes: what is open names no right, what is not names one or a session."""

import pytest

from pointsman.console.rights import Resource, Verb
from pointsman.console.row import open_row, row


def test_a_row_is_closed_unless_it_is_made_open() -> None:
    closed = row("GET", "/v1/x", Resource.REPORTS, Verb.VIEW, "q")
    assert not closed.public
    assert closed.parameters == frozenset({"q"})
    assert open_row("GET", "/health/live").public


@pytest.mark.parametrize(
    ("method", "path", "headed"),
    [
        ("GET", "/payments", True),
        ("GET", "/v1/payments/{payment_id}", True),
        ("POST", "/v1/payments", False),
        ("GET", "/v1/stream", False),
        ("GET", "/export/payments", False),
        ("GET", "/reports/{report}/file", False),
        ("GET", "/v1/report_runs/{run_id}/file", False),
    ],
)
def test_head_is_for_what_a_get_only_reads(method: str, path: str, headed: bool) -> None:
    assert row(method, path, Resource.REPORTS, Verb.VIEW).is_headed is headed
