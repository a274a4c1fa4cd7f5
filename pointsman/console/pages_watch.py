"""The pages that one watches: overview, links, reconciliations; and the first two for the API.

What they show is put together in watching.py. The live stream is api_stream.py, its page is in
pages_reports.py.
"""

from dataclasses import replace

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import pages
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.payments import Document
from pointsman.console.reconciled import Reconciled
from pointsman.console.rights import Resource
from pointsman.console.watching import within

NEWEST = "8"
"""So many payments stand on the overview."""


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the pages and the API's routes."""
    routes = Routes(app, office)
    watching = office.watching
    reconciled = Reconciled(office.lists)
    office.exports.add_list("reconciliations", reconciled.reconciliations)

    async def overview(ask: Ask, request: Request) -> Response:
        found = await office.reading.overview(ask)
        found["attention"] = (await watching.attention(ask))["data"]
        wanted = replace(ask, parameters={"limit": NEWEST})
        found["newest"] = (await office.reading.payments(wanted))["data"]
        if (seen := within(ask, Resource.LINKS)) is not None:
            found["links"] = await watching.links(seen)
        if "acquirers" in found:
            for name in ("batches", "settlement_cycles"):
                unclosed = replace(ask, parameters={"state": "open,closing"})
                found[f"open_{name}"] = await office.lists.count(unclosed, name, {})
        found["charted"] = within(ask, Resource.REPORTS) is not None
        return await pages.show(office, request, "overview.html", found, ask)

    async def acquirers(ask: Ask, request: Request) -> Response:
        found = await office.reading.acquirers(ask)
        return await pages.show(office, request, "acquirers.html", found, ask)

    async def links(ask: Ask, request: Request) -> Response:
        found = await office.reading.links(ask)
        found["board"] = await watching.links(ask)
        return await pages.show(office, request, "links.html", found, ask)

    async def reconciliations(ask: Ask, request: Request) -> Response:
        found = await reconciled.reconciliations(ask)
        return await pages.show(office, request, "reconciliations.html", found, ask)

    async def list_lamps(ask: Ask, _: Request) -> Document:
        """List acquirers with the lamps of their links: connected, signed on, answering."""
        return await watching.links(ask)

    async def attention(ask: Ask, _: Request) -> Document:
        """Tell what waits for a person who has the caller's rights."""
        return await watching.attention(ask)

    routes.add("GET", "/", overview, shown=False)
    routes.add("GET", "/acquirers", acquirers, shown=False)
    routes.add("GET", "/links", links, shown=False)
    routes.add("GET", "/reconciliations", reconciliations, shown=False)
    routes.add("GET", "/v1/lamps", list_lamps)
    routes.add("GET", "/v1/attention", attention)
