"""The API's routes beside the office's things: a payment's ledger rows, and messages decoded.

Rights are in routes_tools.py. What a message says is codecs/explain.py, as ``pointsman decode``
tells it: what is secret is masked.
"""

from typing import Annotated

import trio
from fastapi import FastAPI
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from pointsman.codecs.codec import codec_names, get_spec
from pointsman.codecs.dump import read_dump
from pointsman.codecs.explain import as_json, explain
from pointsman.codecs.framing import FRAMINGS
from pointsman.codecs.messages import BARE, verdicts
from pointsman.console import ids
from pointsman.console.acting import answered, body_of
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.payments import PREFIX, Document, money
from pointsman.console.query import invalid
from pointsman.store import console_ledger

MESSAGES_MAX = 20
"""Of one request; `pointsman decode` reads more."""


class Decode(Struct, frozen=True, forbid_unknown_fields=True):
    """The bytes of messages as hex or a hex dump; dialect and framing are guessed if not named."""

    hex: Annotated[
        str,
        Meta(
            min_length=2,
            max_length=20_000,
            examples=["600003000060220000000008002038000000c0000500000199999999"],
        ),
    ]
    format: Annotated[str, Meta(max_length=40)] = ""
    framing: Annotated[str, Meta(max_length=40)] = ""


async def ledger_of(office: Office, payment: str) -> Document:
    """Return a payment's ledger by its id; who asks was checked."""
    raw = ids.decode(PREFIX, payment)
    assert raw is not None, "our own id"
    rows = await console_ledger.postings(office.pool, raw)
    open_items = await console_ledger.open_items(office.pool, raw)
    return {
        "id": payment,
        "data": [
            {"kind": kind, "business_date": day.isoformat(), "amount": money(minor, currency)}
            for kind, day, currency, minor in rows
        ],
        "open": [{"business_date": day.isoformat(), "reason": why} for day, why in open_items],
    }


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the routes."""
    routes = Routes(app, office)

    async def ledger(ask: Ask, request: Request) -> Document:
        """Tell a payment's rows in closed days' sums; empty until its day is closed."""
        found = await office.reading.payment_line(ask, request.path_params["payment_id"])
        return await ledger_of(office, found["id"])

    async def decode(_: Ask, request: Request) -> Response:
        """Explain the bytes of messages; what is secret in them is masked."""
        want = await body_of(request, Decode)
        try:
            data = read_dump(want.hex)
        except ValueError:
            raise invalid("hex", "whole bytes of hex expected") from None
        if want.format and want.format not in codec_names():
            raise invalid("format", f"one of {', '.join(sorted(codec_names()))} expected")
        if want.framing and want.framing not in {*FRAMINGS, BARE}:
            raise invalid("framing", f"one of {', '.join(sorted({*FRAMINGS, BARE}))} expected")
        names = [want.format] if want.format else codec_names()

        def told() -> list[dict[str, object]]:
            specs = [get_spec(name) for name in names]
            read = verdicts(data, specs, want.framing or None, messages_max=MESSAGES_MAX)
            return [
                as_json(explain(wire, verdict.best.opening, verdict.best.spec))
                for wire, verdict in read
            ]

        return answered({"data": await trio.to_thread.run_sync(told)})

    routes.add("GET", "/v1/payments/{payment_id}/ledger", ledger)
    routes.add("POST", "/v1/tools/decode", decode, body=Decode)
