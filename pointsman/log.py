"""Events with fields, one JSON line each, on standard error.

A logger takes an event name and allow-listed fields; messages, exceptions with values and objects
do not pass. What must not be seen is not in the list: no PAN, track, PIN block, key or free text
from a peer. The names of the fields stand in `ALLOWED`; a field that is not there raises, so that
a test finds it. Counting is in metrics.py.
"""

import sys

import structlog

ALLOWED = frozenset(
    {
        "acquirer",
        "address",
        "age_s",
        "amount_minor",
        "attempt",
        "attempts",
        "batch",
        "bytes",
        "card",
        "code",
        "commit_s",
        "count",
        "currency",
        "database",
        "date",
        "deadline_s",
        "directory",
        "error",
        "event",
        "exit_code",
        "field",
        "fields",
        "file",
        "flow",
        "framing",
        "host_stan",
        "incarnation",
        "key_kind",
        "kind",
        "level",
        "limit",
        "line",
        "link",
        "listener",
        "method",
        "mid",
        "mode",
        "mti",
        "name",
        "offset",
        "operation",
        "owner",
        "peer",
        "pid",
        "port",
        "process",
        "reason",
        "records",
        "request",
        "result",
        "role",
        "route",
        "rrn",
        "seconds",
        "session",
        "signal",
        "socket",
        "stan",
        "state",
        "status",
        "step",
        "sub",
        "tid",
        "timestamp",
        "transaction",
        "type",
        "url",
        "user",
        "version",
        "worker",
        "workers",
    }
)


class ForbiddenFieldError(ValueError):
    """A log call named a field that is not in the allow-list."""


def _only_allowed(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for name in event:
        if name not in ALLOWED:
            raise ForbiddenFieldError(f"log field {name!r} is not in the allow-list of log.py")
    return event


def setup(process: str, *, quiet: bool = False) -> None:
    """Make every logger of this process write JSON lines that name `process`.

    `quiet` drops what is below a warning: for the command line, where a person reads the output.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(30 if quiet else 20),
        # Standard error as it is when a line is written, not as it was at setup.
        logger_factory=lambda *_: structlog.PrintLogger(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(process=process)


def get() -> structlog.typing.FilteringBoundLogger:
    """Return the logger of this process: ``log.get().info("link_up", link="alpha/0")``."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
