"""`pointsman sim terminal`: one simulated terminal, or many, until they are done.

Options come from sim.py; what terminals do is in pointsman/sim (flows.py, terminal.py, fleet.py),
bad input in hostile.py.
"""

import argparse

import msgspec
import trio

from pointsman.cli import sim_output, strict_json
from pointsman.cli.options import Exit, complain
from pointsman.sim.commands import obey_terminals
from pointsman.sim.fleet import Fleet
from pointsman.sim.flows import CNY, NII, WEIGHTS, parse_flows
from pointsman.sim.hostile import WAIT_S, attack
from pointsman.sim.tally import Done, Summary
from pointsman.sim.terminal_keys import MacMethod, unwrapped
from pointsman.sim.terminal_options import (
    LANES_MAX,
    TEST_TMK,
    Connect,
    Control,
    Dialect,
    Identity,
    TerminalOptions,
)

SECONDS_USUAL = 10.0


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One terminal of a --terminals file."""

    mid: str
    tid: str
    tmk: str = TEST_TMK.hex()
    mac: MacMethod = MacMethod.CUP_ECB
    pik: str = ""  # of the international dialect: its terminals never sign in


def run(arguments: argparse.Namespace) -> int:
    """Run the terminals; exit code 1 where something is still owed at the end."""
    try:
        identities = _identities(arguments)
        usual = NII if arguments.dialect == Dialect.NII else WEIGHTS
        weights = parse_flows(arguments.flows) if arguments.flows else dict(usual)
    except (ValueError, OSError, msgspec.MsgspecError) as error:
        complain(sim_output.one_line(error))
        return Exit.USAGE
    if not 1 <= arguments.pipeline <= LANES_MAX:
        complain(f"--pipeline is 1 to {LANES_MAX}")
        return Exit.USAGE
    options = TerminalOptions(
        host=arguments.host,
        port=arguments.port,
        timeout_s=arguments.timeout,
        lanes=arguments.pipeline,
        connect=Connect(arguments.connect),
        count=arguments.count,
        settle_at_end=arguments.settle,
        dialect=Dialect(arguments.dialect),
    )
    if arguments.hostile:
        return _hostile(arguments, identities[0], options)
    control = Control(weights=weights, rate=arguments.rate)

    def show(done: Done) -> None:
        _show(arguments, done)

    def trouble(who: Identity, why: str) -> None:
        if not arguments.json:
            complain(f"{who.tid}: {why}; it is tried again until Ctrl-C")

    fleet = Fleet(identities, options, control, arguments.ledger, arguments.seed, show, trouble)
    return _fleet(arguments, fleet)


def _fleet(arguments: argparse.Namespace, fleet: Fleet) -> int:
    seconds = arguments.seconds
    if seconds is None and arguments.count is None and not arguments.control:
        seconds = SECONDS_USUAL

    def stop() -> None:
        fleet.control.stopping = True

    def say(value: object) -> None:
        if isinstance(value, Summary) and not arguments.json:
            print(summary_text(value), flush=True)
        else:
            sim_output.say(value, as_json=arguments.json)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sim_output.on_signal, stop)
            if seconds is not None:
                nursery.start_soon(sim_output.after, seconds, stop)
            if arguments.control:
                obey = sim_output.obey
                nursery.start_soon(obey, lambda line: obey_terminals(line, fleet, say), stop)
            say(await fleet.run())
            nursery.cancel_scope.cancel()

    code = sim_output.run(main, "the terminals cannot work")
    waiting = fleet.summary().owed
    if code == Exit.OK and waiting:
        complain(f"{waiting} reversals or refunds are still open; the ledger keeps them")
        return Exit.FAILED
    return code


def summary_text(summary: Summary) -> str:
    """Return all counts in words, a line for each subject."""
    of = summary
    lines = [
        f"{of.transactions} transactions: {of.approved} approved, {of.declined} declined",
        f"{of.unanswered} without an answer, {of.in_flight} under way",
        f"answered after {of.answer_p50_ms} ms (median), {of.answer_p99_ms} ms (99th percentile)",
        f"{of.reversals} reversals done, {of.owed} reversals or refunds still open",
        f"{of.settlements} batches closed ({of.settlements_unequal} unequal), {of.unsettled} to go",
    ]
    if of.repeats:
        lines.append(f"{of.repeats} repeats, {of.repeats_wrong} answered differently")
    if of.by_flow:
        lines.append("by flow:")
    for flow, words in of.by_flow.items():
        counted = ", ".join(f"{count} {word}" for word, count in words.items())
        lines.append(f"  {flow:16} {counted}")
    if of.by_code:
        codes = (f"{code} x {count}" for code, count in of.by_code.items())
        lines.append("answers: " + ", ".join(codes))
    return "\n".join(lines)


def _amount(done: Done) -> str:
    """Return the amount of a transaction; a message without one shows nothing."""
    return sim_output.money(done.amount_minor, CNY) if done.stan else ""


def _hostile(arguments: argparse.Namespace, identity: Identity, options: TerminalOptions) -> int:
    wrong = 0

    async def main() -> None:
        nonlocal wrong
        for result in await attack(identity, options, min(WAIT_S, options.timeout_s)):
            wrong += not result.right
            if arguments.json:
                sim_output.say(result, as_json=True)
            else:
                mark = "right" if result.right else "WRONG"
                print(f"{mark:6} {result.name:32} {result.got:10} wanted {result.wanted}")

    code = sim_output.run(main, "the switch cannot be reached")
    return Exit.CHECK_FAILED if code == Exit.OK and wrong else code


def _identities(arguments: argparse.Namespace) -> list[Identity]:
    if arguments.terminals:
        rows = msgspec.convert(strict_json.load(arguments.terminals.read_bytes()), list[_Row])
    else:
        tmk = arguments.tmk
        if arguments.wrapped_tmk:
            tmk = unwrapped(bytes.fromhex(arguments.wrapped_tmk)).hex()
        rows = [_Row(arguments.mid, arguments.tid, tmk, MacMethod(arguments.mac))]
    if not rows:
        raise ValueError("the file of --terminals names none")
    return [
        Identity(row.mid, row.tid, bytes.fromhex(row.tmk), row.mac, bytes.fromhex(row.pik))
        for row in rows
    ]


def _show(arguments: argparse.Namespace, done: Done) -> None:
    if arguments.quiet:
        return
    if arguments.json:
        sim_output.say(done, as_json=True)
        return
    print(
        f"{done.tid} {done.stan:6} {done.flow:16} {_amount(done):>14} {done.card:20} "
        f"{done.code or 'none':4} {done.elapsed_ms:>6} ms",
        flush=True,
    )
