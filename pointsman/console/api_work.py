"""The API's routes about reconciliations with acquirers and about long work (jobs).

The functions are in reconciled.py, rights and parameters in routes_reports.py.
"""

from starlette.requests import Request

from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.payments import Document
from pointsman.console.reconciled import Reconciled


def add_routes(routes: Routes, office: Office) -> None:
    """Add the routes."""
    reconciled = Reconciled(office.lists)

    async def reconciliations(ask: Ask, _: Request) -> Document:
        """List what acquirers and we counted of their settlement dates."""
        return await reconciled.reconciliations(ask)

    async def reconciliation(ask: Ask, request: Request) -> Document:
        """Tell what an acquirer and we counted of one settlement date in one currency."""
        return await reconciled.reconciliation(ask, *request.path_params.values())

    async def jobs(ask: Ask, _: Request) -> Document:
        """List work that takes long: what was answered with 202."""
        return await reconciled.jobs(ask)

    async def job(ask: Ask, request: Request) -> Document:
        """Tell how one piece of work stands, and where its result is."""
        return await reconciled.job(ask, request.path_params["job_id"])

    routes.add("GET", "/v1/reconciliations", reconciliations)
    one = "/v1/reconciliations/{acquirer}/{settlement_date}/{currency}"
    routes.add("GET", one, reconciliation)
    routes.add("GET", "/v1/jobs", jobs)
    routes.add("GET", "/v1/jobs/{job_id}", job)
