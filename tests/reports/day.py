"""A business day of one merchant as reports are tested with: the worked example, and chance."""

import random
from datetime import date

from pointsman.effects import Effects
from pointsman.reports.making import Making
from pointsman.store.console_figures import Figures
from pointsman.store.console_pool import ConsolePool
from pointsman.store.pool import Pool
from pointsman.store.records import Guard, Transaction
from tests.store.house import TIDS, House, declined, transaction, unknown

OLDER = 3000
PATIENCE_S = 30.0  # a machine may be busy with other tests


def making(url: str) -> tuple[Making, ConsolePool]:
    """Return what makes reports over a database, as the console's role reads it."""
    pool = ConsolePool(url)
    return Making(Figures(pool), lambda raw: "pay_" + raw.hex(), Effects().now), pool


async def close_day(url: str, day: date) -> None:
    pool = Pool(url, timeout_s=PATIENCE_S)
    following = date.fromordinal(day.toordinal() + 1)
    await pool.rows("select begin_day_close(%s, %s)", (day, following))
    assert (await pool.rows("select close_day(%s)", (day,)))[0][0] == "closed"
    # What is written next goes into the same batch, as if its terminal had ended it in time.
    query = "update batches set state = 'open', overdue_since = null where state = 'closing'"
    await pool.rows(query + " returning 1")
    pool.close()


async def open_day(url: str) -> date:
    pool = Pool(url, timeout_s=PATIENCE_S)
    found = await pool.value("select business_date from business_days where state = 'open'")
    pool.close()
    assert isinstance(found, date)
    return found


async def declined_sale(house: House, t: Transaction) -> None:
    await house.intend(t)
    await house.conclude(declined(t))


async def lost_sale(house: House, t: Transaction) -> None:
    """Write a sale without an answer, and the acquirer's acknowledgement of its reversal."""
    await house.intend(t)
    await house.conclude(unknown(t))
    await undone(house, t)


async def undone(house: House, t: Transaction) -> None:
    await house.pool.rows("select owed_done(0, %s, '00')", (t.id,))


async def void(house: House, sale: Transaction, stan: int) -> None:
    t = transaction(stan, kind="void", amount=sale.amount_minor, original=sale.id, tid=sale.key.tid)
    await house.approve(t, Guard.VOID)


async def refund(house: House, sale: Transaction, stan: int, amount: int) -> Transaction:
    t = transaction(
        stan, kind="refund", amount=amount, original=sale.id, reversible=False, tid=sale.key.tid
    )
    return await house.approve(t, Guard.REFUND)


async def reverse(house: House, sale: Transaction) -> None:
    """Take an approved sale back as a terminal's reversal does, acknowledged by the acquirer."""
    await house.pool.rows(
        "select reversal_arrived(0, %s, %s, %s, %s, %s, 'terminal')",
        (*_key(sale), sale.amount_minor),
    )
    await undone(house, sale)


def _key(t: Transaction) -> tuple[str, str, str, str]:
    return t.key.mid, t.key.tid, t.key.batch, t.key.stan


async def worked_example(house: House, older: Transaction) -> None:
    """Write the day of the worked example; `older` is a sale of the day before."""
    for stan, amount in ((1, 12_000), (2, 600_000), (3, 3850), (4, 1999)):
        await house.approve(transaction(stan, amount=amount))
    voided = await house.approve(transaction(5, amount=5000))
    await void(house, voided, 6)
    await declined_sale(house, transaction(7, amount=20_000))
    await house.approve(transaction(8, amount=20_000))
    await lost_sale(house, transaction(9, amount=7500))
    await refund(house, older, 10, OLDER)


async def random_day(house: House, chance: random.Random, first_stan: int, size: int) -> None:
    """Write a day of sales of every fate, voids, refunds and reversals."""
    sales: list[Transaction] = []
    for n in range(size):
        stan, tid = first_stan + n, chance.choice(TIDS[:5])
        match chance.randrange(9):
            case 0:
                await declined_sale(
                    house, transaction(stan, tid=tid, amount=chance.randrange(9999))
                )
            case 1:
                await lost_sale(house, transaction(stan, tid=tid, amount=chance.randrange(9999)))
            case 2 if sales:
                await void(house, sales.pop(chance.randrange(len(sales))), stan)
            case 3 if sales:
                sale = sales.pop(chance.randrange(len(sales)))
                await refund(house, sale, stan, chance.randrange(1, sale.amount_minor + 1))
            case 4 if sales:
                await reverse(house, sales.pop(chance.randrange(len(sales))))
            case _:
                t = transaction(stan, tid=tid, amount=1 + chance.randrange(99_999))
                sales.append(await house.approve(t))
