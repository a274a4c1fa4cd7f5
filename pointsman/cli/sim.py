"""`pointsman sim`: simulated terminals, simulated acquirers, and their ledgers added up.

Only the options stand here and the sums of ledgers; running is sim_acquirer.py and sim_terminal.py.
With --json every line on standard output is one object, all else goes to standard error.
"""

import argparse
import sys
from pathlib import Path

import msgspec

from pointsman.cli import sim_acquirer, sim_terminal, sim_world
from pointsman.cli.options import Exit, complain
from pointsman.sim import ledger_sums
from pointsman.sim.host_rows import HOST_ROWS
from pointsman.sim.ledger import LedgerError, read_rows
from pointsman.sim.terminal_keys import MacMethod
from pointsman.sim.terminal_options import TEST_TMK, Connect, Dialect
from pointsman.sim.terminal_rows import TERMINAL_ROWS

# Published test keys, the same as in the demo's site file: never anything else.
TEST_ZPK = "3B6E10E5E95DB68F08137A38671FC1BC"
TEST_ZAK = "92CBAE529E439D623885CDE64A8CA1CE"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `sim` with its three commands."""
    parser = subparsers.add_parser("sim", help="simulated terminals and acquirers")
    commands = parser.add_subparsers(dest="sim", metavar="WHAT", required=True)
    _add_acquirer(commands.add_parser("acquirer", help="a host that answers as you want it to"))
    _add_terminal(commands.add_parser("terminal", help="terminals that sign in, sell and settle"))
    sim_world.add_options(commands.add_parser("world", help="the whole house, simulated by seeds"))
    ledger = commands.add_parser("ledger", help="add up ledgers of either")
    ledger.add_argument("files", nargs="+", type=Path, metavar="FILE")
    ledger.add_argument("--json", action="store_true")
    ledger.set_defaults(run=_ledger)


def _add_acquirer(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--name", default="alpha")
    add("--listen", default="127.0.0.1:9101", metavar="HOST:PORT", help="port 0 takes a free one")
    add("--format", default="ascii87-hexbitmap", help="a dialect of `pointsman spec`")
    add("--framing", default="ascii4")
    add("--zpk", default=TEST_ZPK, metavar="HEX", help="zone PIN key; the published test key")
    add("--zak", default=TEST_ZAK, metavar="HEX", help="zone MAC key; the published test key")
    add("--ledger", type=Path, default=Path("acquirer.jsonl"), metavar="FILE")
    add("--mood", default="", metavar="NAME:CHANCE,...", help="such as silent:0.01,delay:0.05")
    add("--delay", type=float, default=3.0, metavar="SECONDS", help="how long `delay` waits")
    add("--seed", type=int, default=0)
    add("--control", action="store_true", help="obey lines on standard input: mood ..., stop")
    add("--quiet", action="store_true", help="do not print each message")
    add("--json", action="store_true")
    parser.set_defaults(run=sim_acquirer.run)


def _add_terminal(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=8583)
    add("--mid", default="898100053310001")
    add("--tid", default="12345678")
    add("--tmk", default=TEST_TMK.hex().upper(), metavar="HEX", help="the published test key")
    add("--mac", choices=[m.value for m in MacMethod], default=MacMethod.CUP_ECB.value)
    add(
        "--wrapped-tmk",
        metavar="HEX",
        help="the key under the test transport key, from the console",
    )
    add("--terminals", type=Path, metavar="FILE", help="many: a JSON list of mid, tid, tmk, mac")
    add("--ledger", type=Path, default=Path("terminal.jsonl"), metavar="FILE")
    add("--count", type=int, metavar="N", help="transactions per terminal")
    add("--seconds", type=float, metavar="S", help="how long; the default without --count: 10")
    add("--rate", type=float, default=0.0, help="transactions a second of all; 0: no limit")
    add("--seed", type=int, default=0)
    add(
        "--dialect",
        choices=[one.value for one in Dialect],
        default=Dialect.POS.value,
        help="what they speak; nii-bcd at the port of nii_port",
    )
    add("--flows", metavar="NAME[:WEIGHT],...", help="which flows; the default is a mixture")
    add("--timeout", type=float, default=60.0, metavar="SECONDS")
    add("--pipeline", type=int, default=1, metavar="N", help="requests at a time per terminal")
    add("--connect", choices=[c.value for c in Connect], default=Connect.STAY.value)
    add("--settle", action="store_true", help="close the batch at the end")
    add("--hostile", action="store_true", help="send bad input instead and judge the answers")
    add("--control", action="store_true", help="obey lines on standard input")
    add("--quiet", action="store_true", help="do not print each transaction")
    add("--json", action="store_true")
    parser.set_defaults(run=sim_terminal.run)


def _ledger(arguments: argparse.Namespace) -> int:
    try:
        sums = [_sums_of(path) for path in arguments.files]
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}")
        return Exit.NOT_FOUND
    except LedgerError as error:
        complain(str(error))
        return Exit.FAILED
    if arguments.json:
        sys.stdout.buffer.write(msgspec.json.encode(ledger_sums.together(sums)) + b"\n")
        return Exit.OK
    for one in sums:
        print(f"{one.file} ({one.kind})")
        for name, value in one.figures().items():
            print(f"  {name:40} {value:>14}")
    return Exit.OK


def _sums_of(path: Path) -> ledger_sums.FileSums:
    """Add up one file of either kind; raises LedgerError, or OSError where there is none."""
    try:
        return ledger_sums.of_acquirer(str(path), read_rows(path, HOST_ROWS))
    except LedgerError as first:
        try:
            return ledger_sums.of_terminals(str(path), read_rows(path, TERMINAL_ROWS))
        except LedgerError:
            raise first from None
