"""Bad input is sent and its answers judged, against a scripted switch."""

from pointsman.sim.hostile import attack
from pointsman.sim.terminal_options import TerminalOptions
from tests.sim.scripted import IDENTITY, switch


async def test_a_switch_that_approves_everything_is_found_wrong() -> None:
    async with switch() as made:
        options = TerminalOptions(port=made.port, timeout_s=1)
        results = {one.name: one for one in await attack(IDENTITY, options, wait_s=0.05)}
    assert results["wrong MAC"].got == "00"
    wrong = {name for name, one in results.items() if not one.right}
    assert {"wrong MAC", "wrong batch", "amount zero", "unknown terminal"} <= wrong
    assert all(one.others_served for one in results.values())
