"""The routes of work: each is described, and needs its right."""

from pointsman.console.rights import Resource, Verb
from pointsman.console.routes import ROUTES


def test_jobs_have_the_right_of_reports_and_reconciliations_their_own() -> None:
    for path, resource in (
        ("/v1/jobs", Resource.REPORTS),
        ("/v1/jobs/{job_id}", Resource.REPORTS),
        ("/v1/reconciliations", Resource.RECONCILIATION),
    ):
        row = ROUTES["GET", path]
        assert (row.resource, row.verb) == (resource, Verb.VIEW)
