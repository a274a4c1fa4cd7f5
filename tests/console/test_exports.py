"""Exports: a file has the rows of its list, all of them; long ones are runs; each is audited."""

import csv
import io

import openpyxl

from pointsman.console.rights import Role
from pointsman.store.pool import Pool
from tests.console.browser import OTHER_MID, Browser, furnished, person
from tests.reports.day import declined_sale, refund
from tests.store.house import MID, TIDS, transaction, worker


def rows_of(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


async def listed_ids(browser: Browser, query: str) -> list[str]:
    found: list[str] = []
    after = ""
    while True:
        page = (await browser.get(f"/v1/payments?limit=3&{query}&after={after}")).json
        found += [one["id"] for one in page["data"]]
        after = page["page"]["next"]
        if not after:
            return found


async def test_an_export_has_exactly_the_rows_of_its_list(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        for stan in range(1, 8):
            await house.approve(transaction(stan, amount=100 + stan))
        await declined_sale(house, transaction(20))
    admin = await person(office, Role.PLATFORM_ADMIN)
    for query in ("", "state=declined", "q=000003"):
        answer = await admin.get(f"/export/payments?{query}")
        assert answer.status == 200
        head, *lines = rows_of(answer.body)
        assert [line[head.index("Id")] for line in lines] == await listed_ids(admin, query)
    book = openpyxl.load_workbook(
        io.BytesIO((await admin.get("/export/payments?state=approved&format=xlsx")).body)
    )
    sheet = book["payments"]
    place = [cell.value for cell in sheet[1]].index("Amount")
    amounts = [line[place] for line in sheet.iter_rows(min_row=2, values_only=True)]
    assert sum(round(float(str(amount)) * 100) for amount in amounts) == sum(range(101, 108))
    told = {line[0]: line[1] for line in book["Manifest"].iter_rows(values_only=True)}
    assert told["rows"] == "7"
    assert "728" in str(told["control_totals"]).replace(".", "")


async def test_a_name_that_is_a_formula_is_text_and_no_card_is_whole(database: str) -> None:
    office = await furnished(database)
    pool = Pool(database)
    await pool.rows("update merchants set name = %s", ("=HYPERLINK(1)",))
    pool.close()
    async with worker(database) as house:
        await house.approve(transaction(1))
    admin = await person(office, Role.PLATFORM_ADMIN)
    for path in ("/export/payments", "/export/merchants", "/reports/R02/file?period=7d"):
        text = (await admin.get(path)).body.decode("utf-8-sig")
        assert "'=HYPERLINK(1)" in text
        assert ",=HYPERLINK" not in text
    assert "622848****0019" in (await admin.get("/export/payments")).text


async def test_every_list_is_exported_within_the_scope_of_who_asks(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1))
    admin = await person(office, Role.PLATFORM_ADMIN)
    other = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    for name in ("payments", "merchants", "terminals", "batches", "settlement", "links", "audit"):
        for layout in ("csv", "xlsx"):
            answer = await admin.get(f"/export/{name}?format={layout}")
            assert answer.status == 200, (name, layout)
            assert len(answer.body) > 40
            assert "attachment" in answer.headers["content-disposition"]
        theirs = await other.get(f"/export/{name}")
        assert theirs.status == 403 if name == "links" else MID not in theirs.text
    assert (await admin.get("/export/payments?format=pdf")).status == 422
    assert (await admin.get("/export/payments?format=exe")).status == 422
    trail = (await admin.get("/v1/audit_events?limit=500")).json["data"]
    assert sum(one["act"] == "export" for one in trail) >= 14


async def test_a_long_export_is_a_run_and_loses_no_row(database: str) -> None:
    office = await furnished(database)
    office.exports.at_once_max = 5
    async with worker(database) as house:
        for stan in range(1, 10):
            await house.approve(transaction(stan))
    admin = await person(office, Role.PLATFORM_ADMIN)
    led = await admin.get("/export/payments?format=csv")
    assert led.status == 303
    page = led.headers["location"]
    assert "Waiting" in (await admin.get(page)).text
    assert await office.exports.make_next()
    assert not await office.exports.make_next()
    assert "Download" in (await admin.get(page)).text
    file = await admin.get(f"/v1{page}/file")
    assert len(rows_of(file.body)) == 10


async def test_a_report_run_is_asked_made_and_fetched(database: str) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1, amount=5000))
        await refund(house, sale, 2, 1200)
    admin = await person(office, Role.PLATFORM_ADMIN)
    headers = {"content-type": "application/json", "x-csrf-token": "proof of every form here"}
    body = b'{"report": "R01", "format": "csv", "parameters": {"period": "today"}}'
    asked = await admin.ask("POST", "/v1/report_runs", body, {**headers, "idempotency-key": "a1"})
    assert asked.status == 202, asked.text
    again = await admin.ask("POST", "/v1/report_runs", body, {**headers, "idempotency-key": "a1"})
    assert again.json["id"] == asked.json["id"]
    run = f"/v1/report_runs/{asked.json['id']}"
    assert (await admin.get(f"{run}/file")).status == 409
    assert await office.exports.make_next()
    assert not await office.exports.make_next()
    told = (await admin.get(run)).json
    assert told["state"] == "done"
    assert told["manifest"]["control_totals"]["CNY"]["net"] == "38.00"
    head, line = rows_of((await admin.get(told["file"])).body)
    assert line[head.index("Net")] == "38.00"
    assert [one["id"] for one in (await admin.get("/v1/report_runs")).json["data"]] == [told["id"]]
    owner = await person(office, Role.MERCHANT_OWNER)
    assert (await owner.get(run)).status == 404, "a run over all merchants is not theirs"
    for wrong in (
        b'{"report": "R99"}',
        b'{"report": "R01", "parameters": {"sort": "x"}}',
        b'{"report": "R01", "parameters": {"from": "x"}}',
        b'{"report": "R02", "format": "exe"}',
        b'{"report": "R01", "report": "R02"}',
    ):
        answer = await admin.ask(
            "POST", "/v1/report_runs", wrong, {**headers, "idempotency-key": "b" + wrong.hex()[:60]}
        )
        assert answer.status in {400, 404, 422}, wrong


async def test_what_is_too_long_for_an_outlet_is_refused_and_never_cut(database: str) -> None:
    office = await furnished(database)
    owner = Pool(database)
    outlet = bytes(15) + b"1"
    await owner.rows(
        "insert into outlets (id, mid, name, city, address) values (%s, %s, 'Bund', '', '')",
        (outlet, MID),
    )
    place = "select place_terminal(%s, %s, %s, '', now() - interval '1 day')"
    await owner.rows(place, (MID, TIDS[0], outlet))
    owner.close()
    async with worker(database) as house:
        for stan in range(1, 5):
            await house.approve(transaction(stan, amount=100, tid=TIDS[stan % 2]))
    staff = await person(office, Role.MERCHANT_STAFF, MID, outlet)
    for path in ("/export/payments", "/reports/R02/file?period=today&format=csv"):
        answer = await staff.get(path)
        assert answer.status == 200, path
        assert len(rows_of(answer.body)) == 1 + 2, path
    office.exports.at_once_max = 1
    for path in ("/export/payments", "/reports/R02/file?period=today&format=csv"):
        assert (await staff.get(path)).status == 413, path
