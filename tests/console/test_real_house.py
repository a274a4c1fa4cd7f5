"""A real house: a terminal added at run time signs in and pays; refunds go to the acquirer once."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio

from pointsman.console.app import make_office
from pointsman.console.keymaking import HsmKeys
from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.console.workers import Workers
from pointsman.directory import DataDirectory
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import ImportKey, KeyMade
from pointsman.hsm.primitives import Algorithm, decryptor
from pointsman.store.pool import Pool
from pointsman.store.server import embedded_url
from pointsman.switch.status import decode
from tests.cli.test_serve import environment, pointsman, serving
from tests.console.browser import EFFECTS, KEY, OPEN, Browser, person
from tests.hsm.laboratory import ZMK

MID = "898100053310001"
TID = "12345678"
NEW_MID = "898100053317777"
BOUND_S = 60.0
REFUSED_S = 3.0
SITE = """
laboratory = true
zone = "Asia/Shanghai"
cutoff = "23:00"
[acquirers.alpha]
institution = "48021000"
format = "ascii87-hexbitmap"
framing = "ascii4"
address = "127.0.0.1:{port}"
zpk = "3B6E10E5E95DB68F08137A38671FC1BC"
zak = "92CBAE529E439D623885CDE64A8CA1CE"
reversal = "0420"
[merchants.898100053310001]
name = "Harbour Tea House"
mcc = "5812"
city = "Shanghai"
country = "CN"
currency = "CNY"
routes = [{{ acquirer = "alpha" }}]
[merchants.898100053310001.terminals.12345678]
tmk = "0123456789ABCDEFFEDCBA9876543210"
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@dataclass
class House:
    root: Path
    port: int
    url: str

    @property
    def directory(self) -> DataDirectory:
        return DataDirectory(self.root, os.getuid())

    def sell(self, mid: str, tid: str, count: int = 1, tmk: str = "") -> list[dict[str, Any]]:
        """Let a simulated terminal sell; return the rows of its ledger."""
        ledger = self.root.parent / f"{mid}-{tid}.jsonl"
        row = {"mid": mid, "tid": tid} | ({"tmk": tmk} if tmk else {})
        names = self.root.parent / f"{tid}.json"
        names.write_text(json.dumps([row]))
        words = ["terminal", "--port", str(self.port), "--terminals", str(names)]
        words += ["--count", str(count or 1), "--flows", "sale-swipe", "--ledger", str(ledger)]
        with contextlib.suppress(subprocess.TimeoutExpired):  # one that is refused tries for ever
            subprocess.run(
                [sys.executable, "-m", "pointsman", "sim", *words],
                env=environment(),
                capture_output=True,
                check=False,
                timeout=BOUND_S if count else REFUSED_S,
            )
        return [json.loads(line) for line in ledger.read_text().splitlines()]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    root = tmp_path_factory.mktemp("house") / "data"
    host_port = free_port()
    site = root.parent / "site.toml"
    site.write_text(SITE.format(port=host_port))
    plan = pointsman(root, "import", str(site), "--json")
    token = json.loads(plan.stdout)["token"]
    done = pointsman(root, "import", str(site), "--commit", token)
    assert done.returncode == 0, done.stderr
    with acquirer(root.parent, host_port), serving(root):
        directory = DataDirectory(root, os.getuid())
        port = decode(directory.status.read_bytes()).listeners[0].port
        yield House(root, port, embedded_url(directory.postgres))


@contextmanager
def acquirer(place: Path, port: int) -> Iterator[None]:
    words = ["acquirer", "--name", "alpha", "--listen", f"127.0.0.1:{port}"]
    words += ["--format", "ascii87-hexbitmap", "--framing", "ascii4"]
    words += ["--ledger", str(place / "alpha.jsonl")]
    command = [sys.executable, "-m", "pointsman", "sim", *words]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@asynccontextmanager
async def office_of(house: House) -> AsyncIterator[tuple[Office, HsmClient]]:
    """Return the back office over the real house: its HSM's operator socket, its workers."""
    directory = house.directory
    client = HsmClient(str(directory.hsm_sockets / "operator.sock"), role="operator")
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        office = make_office(
            house.url,
            KEY,
            EFFECTS,
            mode="test",
            keys=HsmKeys(client),
            orders=Workers([directory.worker_socket(number) for number in range(2)]),
        )
        OPEN.append(office)
        yield office, client
        nursery.cancel_scope.cancel()


async def sold(house: House, admin: Browser, mid: str = MID, tid: str = TID) -> Mapping[str, Any]:
    """Sell something; return the newest approved payment of the terminal."""
    await trio.to_thread.run_sync(house.sell, mid, tid, 3)
    found = (await admin.get(f"/v1/payments?mid={mid}&tid={tid}&state=approved&kind=sale")).json
    fresh = [one for one in found["data"] if one["state"] == "approved"]
    assert fresh
    return dict(fresh[0])


async def test_a_terminal_added_at_run_time_pays_and_is_refused_when_suspended(
    house: House,
) -> None:
    async with office_of(house) as (office, client):
        admin = await person(office, Role.PLATFORM_ADMIN)
        made = await client.ask(ImportKey("ZMK", ZMK.hex()), trio.current_time() + 5)
        assert isinstance(made, KeyMade)
        merchant = {
            "mid": NEW_MID,
            "name": "New",
            "mcc": "5812",
            "city": "Shanghai",
            "routes": [{"acquirer": "alpha"}],
        }
        assert (await admin.send("POST", "/v1/merchants", merchant, key="m")).status == 201
        body = {"mid": NEW_MID, "tid": "00000042", "transport_key": made.block.decode()}
        added = await admin.send("POST", "/v1/terminals", body, key="t")
        assert added.status == 201, added.text
        wrapped = bytes.fromhex(added.json["wrapped_key"])
        clear = decryptor(Algorithm.TDES, ZMK)(wrapped).hex()
        await trio.sleep(1.0)  # what is promised: within a second
        rows = await trio.to_thread.run_sync(house.sell, NEW_MID, "00000042", 2, clear)
        paid = (await admin.get(f"/v1/payments?mid={NEW_MID}&state=approved")).json["data"]
        assert paid, rows
        target = f"/v1/terminals/{NEW_MID}/00000042:suspend"
        assert (await admin.send("POST", target, {})).status == 200
        await trio.sleep(1.0)
        before = len((await admin.get(f"/v1/payments?mid={NEW_MID}")).json["data"])
        await trio.to_thread.run_sync(house.sell, NEW_MID, "00000042", 0, clear)
        assert len((await admin.get(f"/v1/payments?mid={NEW_MID}")).json["data"]) == before


async def test_a_refund_goes_to_the_acquirer_once_however_often_it_is_sent(house: House) -> None:
    async with office_of(house) as (office, _):
        admin = await person(office, Role.PLATFORM_ADMIN)
        clerk = await person(office, Role.MERCHANT_OWNER, MID)
        payment = await sold(house, admin)
        body = {"payment": payment["id"], "amount": 100, "reason": "returned"}
        first = await clerk.send("POST", "/v1/refunds", body, key="r-1")
        assert (first.status, first.json["state"]) == (201, "approved"), first.text
        again = await clerk.send("POST", "/v1/refunds", body, key="r-1")
        assert again.headers["idempotency-replayed"] == "true"
        assert again.json == first.json
        other = await clerk.send("POST", "/v1/refunds", body | {"amount": 200}, key="r-1")
        assert other.json["code"] == "idempotency_body_differs"
        shown = (await admin.get(f"/v1/payments/{payment['id']}")).json
        assert shown["refunded"]["amount"] == 100
        assert [one["kind"] for one in shown["followers"]] == ["refund"]
        refund = (await admin.get(f"/v1/payments/{first.json['transaction']}")).json
        assert refund["terminal"] == "CONSOLE0"
        assert refund["state"] == "approved"
        assert {"intent", "outcome"} <= {event["kind"] for event in refund["timeline"]}
        ledger = (house.root.parent / "alpha.jsonl").read_text()
        assert ledger.count("CONSOLE0") >= 1


async def test_of_many_refunds_of_the_rest_at_once_one_wins(house: House) -> None:
    async with office_of(house) as (office, _):
        admin = await person(office, Role.PLATFORM_ADMIN)
        clerk = await person(office, Role.OPERATOR)
        payment = await sold(house, admin)
        states: list[str] = []

        async def refund(number: int) -> None:
            body = {"payment": payment["id"], "reason": "all of it"}
            answer = await clerk.send("POST", "/v1/refunds", body, key=f"race-{number}")
            states.append(answer.json.get("state") or answer.json["code"])

        async with trio.open_nursery() as nursery:
            for number in range(5):
                nursery.start_soon(refund, number)
        assert states.count("approved") == 1
        assert set(states) <= {"approved", "declined", "refund_exceeds_rest"}
        shown = (await admin.get(f"/v1/payments/{payment['id']}")).json
        assert shown["refunded"] == shown["approved"]
        assert shown["state"] == "refunded"


async def test_limits_that_are_put_in_force_hold_within_a_second(house: House) -> None:
    async with office_of(house) as (office, _):
        async with office.pool.act() as act:  # administrators of the tests before
            await act.rows("update users set state = 'closed'")
        admin = await person(office, Role.PLATFORM_ADMIN)
        target = f"/v1/merchants/{MID}/limits"
        for rules, refused in (({"amount_max_minor": 1}, True), ({}, False)):
            tag = (await admin.get(target)).headers["etag"]
            body = {"rules": rules, "reason": "tried"}
            done = await admin.send("PUT", target, body, if_match=tag)
            assert (done.status, done.json["rules"]) == (200, rules), done.text
            await trio.sleep(1.0)  # what is promised: within a second
            await trio.to_thread.run_sync(house.sell, MID, TID, 1)
            newest = (await admin.get(f"/v1/payments?mid={MID}&tid={TID}&limit=1")).json["data"][0]
            assert (newest["response_code"] == "61") is refused, newest


async def test_a_day_that_closes_closes_the_virtual_batch_balanced(house: House) -> None:
    async with office_of(house) as (office, _):
        admin = await person(office, Role.PLATFORM_ADMIN)
        pool = Pool(house.url)
        day = await pool.value("select business_date from business_days where state = 'open'")
        await pool.rows("select begin_day_close(%s, %s + 1)", (day, day))
        batches = (await admin.get(f"/v1/batches?mid={MID}")).json["data"]
        closed = [one for one in batches if one["terminal"] == "CONSOLE0"]
        assert [(one["state"], one["result"]) for one in closed] == [("closed", "balanced")]
        clerk = await person(office, Role.OPERATOR)
        payment = await sold(house, admin)
        body = {"payment": payment["id"], "amount": 50, "reason": "next day"}
        done = await clerk.send("POST", "/v1/refunds", body, key="day-2")
        assert done.json["state"] == "approved", done.text
        found = await pool.value(
            "select batch from refunds where payment = (select payment from refunds"
            " order by id desc limit 1) order by id desc limit 1"
        )
        assert found == "000002"
        pool.close()


async def test_the_commands_line_of_the_page_pays_with_the_key_it_was_told(house: House) -> None:
    async with office_of(house) as (office, _):
        admin = await person(office, Role.PLATFORM_ADMIN)
        body = {"mid": MID, "tid": "00000055", "transport_key": "laboratory"}
        added = await admin.send("POST", "/v1/terminals", body, key="lab")
        assert added.status == 201, added.text
        words = ["sim", "terminal", "--port", str(house.port), "--mid", MID, "--tid", "00000055"]
        words += ["--wrapped-tmk", added.json["wrapped_key"], "--count", "2"]
        ledger = house.root.parent / "told-key.jsonl"
        words += ["--flows", "sale-swipe", "--ledger", str(ledger)]
        await trio.sleep(1.0)
        await trio.run_process(
            [sys.executable, "-m", "pointsman", *words],
            env=environment(),
            capture_stdout=True,
            check=False,
        )
        paid = (await admin.get(f"/v1/payments?mid={MID}&tid=00000055&state=approved")).json
        assert len(paid["data"]) >= 1
