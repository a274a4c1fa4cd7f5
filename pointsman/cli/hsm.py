"""`pointsman hsm ...`: serve, init, status, key, ceremony, selftest, verify-log, heads, jobs.

A shell: it reads passphrases and components, asks the HSM over its operator socket, prints. What
the HSM does is in the room hsm; the passphrase is never an argument and never in the environment.
"""

import argparse
import importlib
import os
import re
import sys
from pathlib import Path

from pointsman import log
from pointsman.cli import hsm_ceremony, hsm_jobs, hsm_keys
from pointsman.cli.options import Exit, add_options, complain
from pointsman.hsm import selftest, storage
from pointsman.hsm.hostcommands import COMMANDS, SWITCH_COMMANDS
from pointsman.hsm.listener import ServerOptions
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.server import NOT_HARDENED, SERVES, run_server
from pointsman.hsm.vault import PASSPHRASE_SIZE_MAX, VaultError

_HEAD = re.compile(
    r"(?P<log>[A-Za-z0-9_-]{1,40}):(?P<sequence>[0-9]{1,18}):(?P<digest>[0-9A-Fa-f]{64})"
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its words."""
    parser = subparsers.add_parser("hsm", help="the software security module")
    words = parser.add_subparsers(dest="word", metavar="WORD", required=True)

    serve = words.add_parser("serve", help="run one HSM process")
    serve.add_argument("--socket-dir", type=Path, required=True)
    _store_options(serve)
    serve.add_argument("--mode", choices=[mode.value for mode in Mode], default="laboratory")
    serve.add_argument("--instance", type=int, default=0, help="number of this process")
    serve.add_argument("--peer-uid", type=int, action="append", default=[], metavar="UID")
    serve.add_argument(
        "--roles", default="", help="which sockets; the simulators' not in live mode"
    )
    serve.add_argument("--host-port", type=int, default=0, help="payShield-style front, 127.0.0.1")
    serve.add_argument("--host-commands", default=",".join(sorted(SWITCH_COMMANDS)))
    serve.set_defaults(run=_serve)

    init = words.add_parser("init", help="make a store with a random LMK")
    _store_options(init)
    init.set_defaults(run=_init)

    check = words.add_parser("selftest", help="run files of known answers")
    check.add_argument("--vectors", type=Path, required=True, metavar="DIR")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_selftest)

    verify = words.add_parser("verify-log", help="walk the audit logs of a store")
    _store_options(verify)
    verify.add_argument(
        "--head", metavar="LOG:N:HEX", action="append", default=[], help="a head that was kept"
    )
    verify.set_defaults(run=_verify_log)
    hsm_keys.add_words(words)
    heads = words.add_parser("heads", help="the newest heads of the audit logs that were kept")
    add_options(heads)
    heads.add_argument("--json", action="store_true")
    heads.set_defaults(run=_heads)
    hsm_ceremony.add_words(words)
    hsm_jobs.add_words(words)


def _store_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--passphrase-fd",
        type=int,
        default=None,
        metavar="N",
        help="descriptor to read the passphrase from (default: asked on the terminal)",
    )


def passphrase(arguments: argparse.Namespace) -> bytes:
    """Read the passphrase once, from the descriptor or the terminal."""
    return hsm_keys.secret_line(arguments.passphrase_fd, "HSM passphrase: ", PASSPHRASE_SIZE_MAX)


def _serve(arguments: argparse.Namespace) -> int:
    log.setup("hsm")
    roles = _roles(arguments.roles, Mode(arguments.mode))
    host_commands = frozenset(arguments.host_commands.split(",")) - {""}
    if roles is None or not host_commands <= set(COMMANDS):
        words = ",".join(role.value for role in Role) if roles is None else ",".join(COMMANDS)
        complain(f"--{'roles' if roles is None else 'host-commands'} takes some of {words}")
        return Exit.USAGE
    options = ServerOptions(
        arguments.socket_dir,
        arguments.store,
        Mode(arguments.mode),
        arguments.instance,
        frozenset(arguments.peer_uid) | {os.getuid()},
        roles,
        host_port=arguments.host_port,
        host_commands=host_commands,
    )
    return run_server(options, lambda: passphrase(arguments), _tell)


def _tell(event: str, **fields: object) -> None:
    """Write an event; all that an HSM tells is trouble, but that it serves."""
    logger = log.get()
    tell = {SERVES: logger.info, NOT_HARDENED: logger.warning}.get(event, logger.error)
    tell(event, **fields)


def _roles(text: str, mode: Mode) -> frozenset[Role] | None:
    """Return the roles that are served; None for a word that is no role."""
    if text:
        words = set(text.split(","))
        known = {role.value: role for role in Role}
        return frozenset(known[word] for word in words) if words <= set(known) else None
    return frozenset(Role) if mode is Mode.LABORATORY else frozenset(Role) - {Role.SIMULATOR}


def _init(arguments: argparse.Namespace) -> int:
    try:
        kcv = storage.init_store(arguments.store, passphrase(arguments))
    except VaultError as fault:
        complain(str(fault))
        return Exit.CONFLICT if storage.exists(arguments.store) else Exit.FAILED
    print(f"LMK made, check value {kcv}")
    return Exit.OK


def _selftest(arguments: argparse.Namespace) -> int:
    if not arguments.vectors.is_dir():
        complain(f"{arguments.vectors}: no such directory of vector files")
        return Exit.NOT_FOUND
    report = selftest.run_directory(arguments.vectors)
    if not report.passed + report.failed:
        complain(f"{arguments.vectors}: no vector file with a case in it")
    if arguments.json:
        print(report.as_json())
    else:
        for family, (passed, failed) in report.families.items():
            print(f"{family:24} {passed:4} passed {failed:4} failed")
        print(f"{'all':24} {report.passed:4} passed {report.failed:4} failed")
        for name in report.failures:
            print(f"failed: {name}", file=sys.stderr)
    return Exit.OK if report.passed and not report.failed else Exit.CHECK_FAILED


def _heads(arguments: argparse.Namespace) -> int:
    """Ask the database, whose driver an HSM process has no business with."""
    return int(importlib.import_module("pointsman.cli.hsm_heads").run(arguments))


def _verify_log(arguments: argparse.Namespace) -> int:
    heads = {}
    for text in arguments.head:
        found = _HEAD.fullmatch(text)
        if found is None:
            complain(f"--head {text}: a head is LOG:N:HEX, as `pointsman hsm heads` prints it")
            return Exit.USAGE
        heads[found["log"]] = int(found["sequence"]), bytes.fromhex(found["digest"])
    if not storage.exists(arguments.store):
        complain(f"{arguments.store}: no key store is there")
        return Exit.NOT_FOUND
    try:
        opened = storage.open_store(arguments.store, passphrase(arguments))
    except VaultError as fault:
        complain(str(fault))
        return Exit.FAILED
    wrong = 0
    for path in sorted(arguments.store.glob("audit-*.log")):
        walked = storage.verify_file(path, opened.own.audit, heads.pop(path.stem, None))
        print(f"{path.stem}: {walked.records} records, {walked.fault or 'whole'}")
        wrong += bool(walked.fault)
    for name in heads:
        print(f"{name}: the log is missing")
    return Exit.CHECK_FAILED if wrong or heads else Exit.OK
