"""The application: parts put together, routes added, every failure answered.

Which routes there are stands in routes.py, what surrounds them in frame.py, which problem a failure
is in failing.py. The process that serves it is service.py.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import trio
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from pointsman import __version__
from pointsman.console import (
    api,
    api_acts,
    api_money,
    api_people,
    api_policies,
    api_reports,
    api_tools,
    background,
    ids,
    pages,
    pages_acts,
    pages_bulk,
    pages_joining,
    pages_money,
    pages_own,
    pages_parking,
    pages_people,
    pages_policies,
    pages_reports,
    pages_scope,
    pages_watch,
)
from pointsman.console.api_stream import add_routes as add_stream
from pointsman.console.applying import Applying
from pointsman.console.approving import Approving, Kind
from pointsman.console.blacklisting import Blacklisting
from pointsman.console.changing import Changing
from pointsman.console.counters import ConsoleMetrics
from pointsman.console.exports import Exports
from pointsman.console.failing import OURS, allowed, problem_of, tell_log
from pointsman.console.frame import Frame, TooLargeError
from pointsman.console.gate import Gate
from pointsman.console.keymaking import KeyMaker
from pointsman.console.keyring import Keyring
from pointsman.console.lamps import Lamps
from pointsman.console.lists import ListReading
from pointsman.console.office import Office
from pointsman.console.onboarding import OUTLET, Onboarding
from pointsman.console.once import Once
from pointsman.console.own import Own
from pointsman.console.parking import Parking
from pointsman.console.payments import PREFIX
from pointsman.console.places import PlaceReading
from pointsman.console.policies import Policies
from pointsman.console.problems import Code, Problem
from pointsman.console.reading import Reading
from pointsman.console.refunding import Refunding
from pointsman.console.reporting import Reporting
from pointsman.console.rights import Resource
from pointsman.console.seal import Seal
from pointsman.console.signing import Signing
from pointsman.console.staffing import Staffing
from pointsman.console.watching import Watching
from pointsman.console.wire import Wire
from pointsman.console.workers import Orders
from pointsman.effects import Effects
from pointsman.reports.making import Making
from pointsman.store.console_figures import Figures
from pointsman.store.console_lists import Lists
from pointsman.store.console_own import OwnThings
from pointsman.store.console_people import People
from pointsman.store.console_places import Places
from pointsman.store.console_pool import AlreadyThereError, ConsolePool
from pointsman.store.console_reads import Reads
from pointsman.store.console_refunds import Refunds
from pointsman.store.console_tail import Tail
from pointsman.store.verbs import StoreUnavailableError

_TOLD = (
    *(Problem, HTTPException, StoreUnavailableError, AlreadyThereError, TooLargeError),
    trio.TooSlowError,
)


def make_office(
    url: str,
    key: bytes,
    effects: Effects,
    *,
    mode: str,
    keys: KeyMaker | None = None,
    orders: Orders | None = None,
    lamps: Lamps | None = None,
) -> Office:
    """Put the parts together; nothing is opened before it is used.

    Without `keys` no terminal can be added, without `orders` a refund waits, without `lamps` the
    links are told as unseen.
    """
    pool = ConsolePool(url)
    people = People(pool)
    reads = Reads(pool)
    metrics = ConsoleMetrics(CollectorRegistry())
    refunds = Refunds(pool)
    lists = ListReading(Lists(pool), effects)
    reading = Reading(reads, lists, people, effects)
    signing = Signing(pool, people, Seal(key), effects)
    staffing = Staffing(pool, people, lists, signing, effects)
    onboarding = Onboarding(pool, keys, effects)
    repeats = Once(pool)
    refunding = Refunding(pool, refunds, lists, orders, effects, once=repeats)
    figures = Figures(pool)
    making = Making(
        figures,
        lambda raw: ids.encode(PREFIX, raw),
        effects.now,
        lambda raw: ids.encode(OUTLET, raw),
    )
    reporting = Reporting(figures, making)
    policies, blacklisting = Policies(pool, effects), Blacklisting(lists, effects)
    kinds = _kinds(refunding, staffing, policies, blacklisting)
    approving = Approving(pool, lists, kinds, effects)
    parking = Parking(pool, lists, effects)
    applying = Applying(pool, lists, onboarding, signing, effects)
    return Office(
        pool=pool,
        people=people,
        reads=reads,
        reading=reading,
        lists=lists,
        reporting=reporting,
        exports=Exports(pool, reporting, reading, effects, mode),
        wire=Wire(Tail(pool), effects.random_bytes(6).hex(), metrics),
        changing=Changing(pool),
        once=repeats,
        onboarding=onboarding,
        places=PlaceReading(Places(pool), lists),
        refunds=refunds,
        refunding=refunding,
        approving=approving,
        watching=Watching(reading, parking, approving, applying, lamps),
        signing=signing,
        own=Own(pool, people, OwnThings(pool), signing),
        staffing=staffing,
        parking=parking,
        policies=policies,
        blacklisting=blacklisting,
        keyring=Keyring(pool, effects, live=mode == "live"),
        applying=applying,
        gate=Gate(people, pool, metrics, live=mode == "live"),
        metrics=metrics,
        effects=effects,
        mode=mode,
    )


def _kinds(
    refunding: Refunding, staffing: Staffing, policies: Policies, blacklisting: Blacklisting
) -> Mapping[str, Kind]:
    """Return what a second person may decide."""
    settings = Resource.SETTINGS
    return {
        "limits": Kind(settings, policies.approve, policies.reject),
        "unlist_card": Kind(settings, blacklisting.approve, blacklisting.reject),
        "grant": Kind(Resource.USERS, staffing.approve, staffing.reject),
        "refund": Kind(
            Resource.REFUNDS, refunding.approve, refunding.reject, refunding.after_approval
        ),
    }


def make_app(office: Office) -> ASGIApp:
    """Return the application, framed."""
    app = FastAPI(
        title="Pointsman",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan(office),
    )
    api.add_routes(app, office)
    api_acts.add_routes(app, office)
    api_money.add_routes(app, office)
    api_people.add_routes(app, office)
    api_policies.add_routes(app, office)
    api.add_service_routes(app, office)
    api_reports.add_routes(app, office)
    api_tools.add_routes(app, office)
    pages_reports.add_routes(app, office)
    add_stream(app, office)
    pages_money.add_routes(app, office)
    pages_people.add_routes(app, office)
    pages_joining.add_routes(app, office)
    pages_parking.add_routes(app, office)
    pages_watch.add_routes(app, office)
    pages_own.add_routes(app, office)
    pages_scope.add_routes(app, office)
    pages_policies.add_routes(app, office)
    pages_bulk.add_routes(app, office)
    pages_acts.add_routes(app, office)  # first: /merchants/new is no MID
    pages.add_routes(app, office)

    async def answer(request: Request, error: Exception) -> Response:
        problem = problem_of(error, request)
        if problem.kind.status >= OURS:
            tell_log(problem, error, request)
        if request.url.path.startswith(("/v1/", "/health/", "/metrics", "/openapi.json")):
            told = api.told(problem, request)
        else:
            told = await pages.told(problem, request, office)
        if problem.code is Code.METHOD_NOT_ALLOWED:
            told.headers["allow"] = allowed(request)
        return told

    for kind in (*_TOLD, Exception):
        app.add_exception_handler(kind, answer)
    return Frame(app, office.metrics, office.effects)


def _lifespan(
    office: Office,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        """Hold what lives as long as the application: its connections, its tasks."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(background.run, office)
            try:
                yield
            finally:
                nursery.cancel_scope.cancel()
                office.pool.close()

    return live
