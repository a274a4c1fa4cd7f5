"""What the simulator commands share: lines for programs and people, errors as exit codes."""

import json

import pytest
import trio

from pointsman.cli import sim_output
from pointsman.cli.options import Exit
from pointsman.sim.ledger import LedgerError
from pointsman.sim.terminal_rows import Started


def test_one_object_is_a_json_line_or_its_parts(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    row = Started("now", "m", "t")
    sim_output.say(row, as_json=True)
    assert json.loads(capfdbinary.readouterr().out)["tid"] == "t"
    sim_output.say({"event": "stopped", "name": "alpha"}, as_json=False)
    assert capfdbinary.readouterr().out == b"name alpha\n"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(98, "Address already in use"), Exit.UNAVAILABLE, "no way: Address already in use"),
        (LedgerError("a.jsonl:3: broken"), Exit.FAILED, "a.jsonl:3: broken"),
    ],
)
def test_errors_of_tasks_become_one_line_and_a_code(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail() -> None:
        raise error

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail)

    assert sim_output.run(main, "no way") == code
    assert capsys.readouterr().err == f"pointsman: {said}\n"


def test_a_run_without_errors_is_ok() -> None:
    async def main() -> None:
        await sim_output.after(0.0, lambda: None)

    assert sim_output.run(main, "no way") == Exit.OK


def test_money_is_written_as_its_currency_is() -> None:
    assert sim_output.money(1250, "156") == "12.50 CNY"
    assert sim_output.money(5, "JPY") == "5 JPY"
    assert sim_output.money(5, "") == "5 minor units of ''"
