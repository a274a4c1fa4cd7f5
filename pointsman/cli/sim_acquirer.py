"""`pointsman sim acquirer`: one simulated acquirer until it is told to stop.

Options come from sim.py; what the host answers is in pointsman/sim (issuer.py, moods.py, book.py).
"""

import argparse
from collections.abc import Mapping

import trio

from pointsman.cli import sim_output
from pointsman.cli.options import Exit, complain
from pointsman.sim.acquirer import AcquirerOptions, AcquirerSim
from pointsman.sim.commands import obey_acquirer
from pointsman.sim.host_messages import ZoneKeys
from pointsman.sim.host_rows import HostNetwork, HostRequest, HostReversal, HostRow, HostTotals
from pointsman.sim.moods import parse_moods


def run(arguments: argparse.Namespace) -> int:
    """Listen and answer until a signal, the end of --control's input, or its `stop`."""
    try:
        sim = AcquirerSim(_options(arguments), lambda row: _show(arguments, row))
    except (ValueError, KeyError) as error:
        complain(sim_output.one_line(error))
        return Exit.USAGE
    name = arguments.name

    async def main() -> None:
        stopped = trio.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sim_output.on_signal, stopped.set)
            port = await nursery.start(sim.run)
            listening = {"event": "listening", "name": name, "port": port}
            sim_output.say(listening, as_json=arguments.json)
            if arguments.control:
                obey = sim_output.obey
                nursery.start_soon(obey, lambda line: obey_acquirer(line, sim), stopped.set)
            await stopped.wait()
            nursery.cancel_scope.cancel()
        _say_settled(arguments, sim.settled())

    return sim_output.run(main, f"cannot listen on {arguments.listen}")


def _say_settled(arguments: argparse.Namespace, settled: Mapping[tuple[str, str], int]) -> None:
    if arguments.json:
        sums = {f"{mid}/{currency}": minor for (mid, currency), minor in settled.items()}
        stopped = {"event": "stopped", "name": arguments.name, "settled_minor": sums}
        sim_output.say(stopped, as_json=True)
        return
    print(f"{arguments.name} stopped; what counts for each merchant:")
    for (mid, currency), minor in settled.items():
        print(f"  {mid} {sim_output.money(minor, currency):>16}")


def _options(arguments: argparse.Namespace) -> AcquirerOptions:
    host, _, port = arguments.listen.rpartition(":")
    return AcquirerOptions(
        name=arguments.name,
        host=host or "127.0.0.1",
        port=int(port),
        format=arguments.format,
        framing=arguments.framing,
        keys=ZoneKeys(bytes.fromhex(arguments.zpk), bytes.fromhex(arguments.zak)),
        ledger=arguments.ledger,
        moods=parse_moods(arguments.mood),
        seed=arguments.seed,
        delay_s=arguments.delay,
    )


def _show(arguments: argparse.Namespace, row: HostRow) -> None:
    if arguments.quiet:
        return
    if arguments.json:
        sim_output.say(row, as_json=True)
    elif isinstance(row, HostRequest):
        print(
            f"{row.mti} {row.work:8} {sim_output.money(row.amount_minor, row.currency):>14} "
            f"{row.card:20} "
            f"{row.outcome} {row.code} {row.behaviour}",
            flush=True,
        )
    elif isinstance(row, HostReversal):
        print(
            f"{row.mti} reversal of {row.amount_minor} minor units {row.effect} {row.code}",
            flush=True,
        )
    elif isinstance(row, HostNetwork):
        print(f"link {row.link}: {row.what} {row.code}", flush=True)
    elif isinstance(row, HostTotals):
        print(f"{row.mti} totals of {row.date}: {row.code} {row.result}", flush=True)
