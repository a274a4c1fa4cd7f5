"""What failed, as the problem that is told and as the one line of the log.

A shell: it writes the line. Problems and their kinds are problems.py; what surrounds a request,
and ends one that takes too long, is frame.py. Nothing that was typed or stored stands in either.
"""

import traceback

import trio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from pointsman import log
from pointsman.console.frame import TooLargeError, route_of
from pointsman.console.once import HEADER
from pointsman.console.problems import Code, Problem, lost
from pointsman.store.console_pool import AlreadyThereError, OutcomeUnknownError
from pointsman.store.verbs import StoreUnavailableError

OURS = 500
"""From this status on it is we who failed, and the log says so."""
_HTTP = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED}


def problem_of(error: Exception, request: Request) -> Problem:
    """Return what is told of an error; nothing of what failed stands in it."""
    match error:
        case Problem():
            return error
        case HTTPException(status_code=status):
            return Problem(_HTTP.get(status, Code.VALIDATION_FAILED))
        case OutcomeUnknownError():
            return lost(keyed=HEADER in request.headers)
        case StoreUnavailableError() | trio.TooSlowError():
            return Problem(Code.JOURNAL_UNAVAILABLE, "Nothing was changed. Try again.", retry_s=2)
        case AlreadyThereError():
            return Problem(Code.DUPLICATE)
        case TooLargeError():
            return Problem(Code.TOO_LARGE, "At most 65,536 bytes are taken.")
        case _:
            return Problem(Code.INTERNAL)


def allowed(request: Request) -> str:
    """Return the methods that the address knows, for `Allow` (RFC 9110, 15.5.6)."""
    routes = [one for one in request.app.routes if isinstance(one, Route)]
    fitting = [one for one in routes if one.path_regex.match(request.url.path)]
    return ", ".join(sorted({method for one in fitting for method in one.methods or ()}))


def tell_log(problem: Problem, error: Exception, request: Request) -> None:
    """Write one line about an answer that is our fault: which request, which route, why."""
    made, route = request.state.request_id, route_of(request.scope)
    match error:
        case Problem():
            reason = problem.code.value
        case StoreUnavailableError():
            reason = str(error)
        case trio.TooSlowError():
            reason = "no answer in time"
        case _:
            # Only the kind and the place: a text might hold a value.
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.get().error(
                "request_failed",
                request=made,
                route=route,
                error=type(error).__name__,
                file=place.filename,
                line=place.lineno,
            )
            return
    log.get().warning("request_not_served", request=made, route=route, reason=reason)
