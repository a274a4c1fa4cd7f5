"""Runs: each is taken once, a file's link dies, nobody sees the runs of others."""

from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_runs import Runs, new_run
from pointsman.store.pool import Pool
from tests.store.house import EFFECTS, MID, import_site


async def test_a_run_is_taken_once_and_its_file_goes_with_the_link(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    runs = Runs(pool)
    run_id = EFFECTS.new_id()
    async with pool.act() as act:
        await new_run(
            act,
            run_id=run_id,
            report="R01",
            layout="csv",
            parameters={"period": "7d"},
            mids=[MID],
            made_by="me",
        )
    taken = await runs.take()
    assert taken is not None
    assert (taken.id, taken.parameters, taken.state) == (run_id, {"period": "7d"}, "running")
    assert await runs.take() is None
    await runs.again()  # the process died: once more
    assert await runs.take() is not None
    await runs.done(run_id, {"rows": 1}, "R01.csv", b"x")
    assert await runs.content(run_id) == b"x"
    assert await runs.by_id(run_id, ["another"]) is None
    assert await runs.by_id(run_id, [MID, "another"]) is not None
    owner = Pool(database)
    await owner.rows("update report_runs set expires_at = now() - interval '1 second'")
    owner.close()
    assert await runs.content(run_id) is None
    await runs.tidy()
    found = await runs.by_id(run_id, None)
    assert found is not None
    assert (found.open, found.manifest) == (False, {"rows": 1})
    pool.close()
