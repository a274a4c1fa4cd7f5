"""A payment's ledger, and messages decoded as on the command line, masked."""

import json

import pytest

from pointsman.cli import main
from pointsman.console import ids
from pointsman.console.payments import PREFIX
from pointsman.console.rights import Role
from tests.codecs.golden import golden
from tests.console.browser import OTHER_MID, furnished, person
from tests.reports.day import close_day, open_day
from tests.store.house import transaction, worker

SALE = "cup-sale-chip-pin-req"


async def test_the_ledger_of_a_payment_is_its_postings(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1, amount=4200))
        day = await open_day(database)
        await close_day(database, day)
    admin = await person(office, Role.PLATFORM_ADMIN)
    name = ids.encode(PREFIX, sale.id)
    found = (await admin.get(f"/v1/payments/{name}/ledger")).json
    assert found["id"] == name
    amount = {"amount": 4200, "currency": "CNY", "text": "42.00"}
    assert found["data"] == [
        {"kind": "payment", "business_date": day.isoformat(), "amount": amount}
    ]
    assert found["open"] == []
    rows = (await admin.get(f"/payments/{name}")).text.partition("<dt>Ledger rows</dt>")[2]
    assert f'{day.isoformat()}</a> <span class="cur">CNY</span>42.00' in rows.partition("</dd>")[0]
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    assert (await stranger.get(f"/v1/payments/{name}/ledger")).status == 404
    staff = await person(office, Role.MERCHANT_STAFF)
    assert (await staff.get(f"/v1/payments/{name}/ledger")).status == 403
    assert "Ledger rows" not in (await staff.get(f"/payments/{name}")).text


async def test_messages_are_decoded_as_on_the_command_line_and_masked(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    viewer = await person(await furnished(database), Role.MERCHANT_VIEWER)
    wire = golden(SALE).wire
    assert main(["decode", wire.hex(), "--json"]) == 0
    wanted = json.loads(capsys.readouterr().out)
    answer = await viewer.send("POST", "/v1/tools/decode", {"hex": wire.hex()})
    assert answer.json["data"] == [wanted]
    for number in ("2", "35"):
        secret = golden(SALE).fields.get(int(number), "")
        assert not secret or secret not in answer.text
    named = {"hex": (wire * 2).hex(), "format": wanted["format"], "framing": wanted["framing"]}
    assert (await viewer.send("POST", "/v1/tools/decode", named)).json["data"] == [wanted] * 2
    broken = (await viewer.send("POST", "/v1/tools/decode", {"hex": wire[:-9].hex()})).json
    assert broken["data"][0]["error"]["reason"]
    for wrong in ({"hex": "zz"}, {"hex": "00", "format": "none"}, {"hex": "00", "framing": "x"}):
        assert (await viewer.send("POST", "/v1/tools/decode", wrong)).status == 422
