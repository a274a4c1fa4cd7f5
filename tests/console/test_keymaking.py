"""Keys of new terminals: asked of the HSM's operator socket, or a plain problem."""

from pathlib import Path

import pytest
import trio

from pointsman.console.keymaking import HsmKeys
from pointsman.console.problems import Code, Problem
from pointsman.hsm.client import HsmClient


async def test_an_hsm_that_is_away_is_a_problem_and_nothing_else(tmp_path: Path) -> None:
    client = HsmClient(str(tmp_path / "nobody.sock"), role="operator", timeout_s=0.05)
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        with pytest.raises(Problem) as raised:
            await HsmKeys(client).terminal_key("m/t", "")
        nursery.cancel_scope.cancel()
    assert (raised.value.code, raised.value.kind.status) == (Code.HSM_UNAVAILABLE, 503)
