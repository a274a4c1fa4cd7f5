"""`pointsman hsm status|key|ceremony`: what an operator asks of a running HSM.

A shell over the operator socket. Components and passphrases come from a descriptor or from the
terminal without echo, never from arguments. Serving and self-test are in ``hsm``.
"""

import argparse
import getpass
import json
import os
import secrets
import socket
import sys
import warnings
from pathlib import Path

from pointsman.cli.options import Exit, complain
from pointsman.hsm import commands as c
from pointsman.hsm import storage
from pointsman.hsm.keys import check_value, combine_components
from pointsman.hsm.primitives import Algorithm
from pointsman.hsm.vault import LMK_SIZE, PASSPHRASE_SIZE_MAX, VaultError
from pointsman.hsm.wire import FrameReader, frame, read_answers

SECRET_LINE_MAX = 256
ANSWER_S = 10.0


def add_words(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add status, key and ceremony."""
    status = words.add_parser("status", help="counters and health of a running HSM")
    _socket_option(status)
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=_status)

    key = words.add_parser("key", help="make, import, describe and change keys")
    acts = key.add_subparsers(dest="act", metavar="ACT", required=True)
    new = acts.add_parser("new", help="a random key")
    new.add_argument("usage")
    new.add_argument("--owner", default="")
    new.add_argument("--expires-s", type=int, default=0)
    new.set_defaults(run=_new)
    imported = acts.add_parser("import", help="a clear test key (laboratory mode)")
    imported.add_argument("usage")
    imported.add_argument("--owner", default="")
    imported.add_argument("--key-fd", type=int, default=None)
    imported.set_defaults(run=_import)
    describe = acts.add_parser("describe", help="what a key block says")
    describe.add_argument("block")
    describe.set_defaults(run=_describe)
    state = acts.add_parser("state", help="give a key another state")
    state.add_argument("block")
    state.add_argument("state", choices=["pending", "active", "retired", "destroyed"])
    state.set_defaults(run=_state)
    enter = acts.add_parser("component", help="enter one custodian's component")
    enter.add_argument("usage")
    enter.add_argument("--entry", required=True, help="name of this entry")
    enter.add_argument("--custodian", required=True)
    enter.add_argument("--number", type=int, required=True)
    enter.add_argument("--of", type=int, default=2)
    enter.add_argument("--owner", default="")
    enter.add_argument("--key-fd", type=int, default=None)
    enter.set_defaults(run=_component)
    for each in (new, imported, describe, state, enter):
        _socket_option(each)

    ceremony = words.add_parser("ceremony", help="make an LMK of three components")
    ceremony.add_argument("--store", type=Path, required=True)
    ceremony.add_argument("--passphrase-fd", type=int, default=None)
    ceremony.add_argument("--components-fd", type=int, default=None)
    ceremony.add_argument("--change", action="store_true", help="replace the LMK of a store")
    ceremony.set_defaults(run=_ceremony)


def _socket_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--socket-dir", type=Path, required=True, metavar="DIR")


def secret_line(descriptor: int | None, prompt: str, size_max: int) -> bytes:
    """Read one secret from a descriptor (to its end) or from the terminal without echo.

    Where there is neither, the program ends with `Exit.USAGE`: what is typed must not be shown.
    """
    if descriptor is None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", getpass.GetPassWarning)
                return getpass.getpass(prompt).encode()
        except (EOFError, getpass.GetPassWarning):
            complain("no terminal to ask on: give the secret by a descriptor (see --help)")
            raise SystemExit(Exit.USAGE) from None
    try:
        with os.fdopen(descriptor, "rb") as file:
            return file.read(size_max + 1).rstrip(b"\r\n")
    except OSError as fault:
        complain(f"cannot read the secret: {fault.strerror}")
        raise SystemExit(Exit.USAGE) from None


def ask(socket_dir: Path, request: c.Request) -> c.Answer:
    """Ask the HSM's operator socket one thing; raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(ANSWER_S)
        link.connect(str(socket_dir / "operator.sock"))
        link.sendall(frame([(1, request)]))
        reader = FrameReader()
        while data := link.recv(65_536):
            for payload in reader.feed(data):
                for _, answer in read_answers(payload):
                    if answer is not None:
                        return answer
    raise ConnectionError("the HSM hung up")


def _told(arguments: argparse.Namespace, request: c.Request) -> c.Answer | None:
    try:
        answer = ask(arguments.socket_dir, request)
    except OSError as fault:
        complain(f"the HSM does not answer: {fault.strerror or fault}")
        return None
    if isinstance(answer, c.Refused):
        complain(f"{answer.code}: {answer.reason}")
    return answer


def _print_key(answer: c.Answer | None) -> int:
    match answer:
        case c.KeyMade(block, kcv):
            print(json.dumps({"block": block.decode(), "kcv": kcv}))
            return Exit.OK
        case None:
            return Exit.UNAVAILABLE
        case _:
            return Exit.NOT_ALLOWED


def _status(arguments: argparse.Namespace) -> int:
    match _told(arguments, c.AskCounters()):
        case c.Counters() as found:
            calls = {f"{name} {result}": count for name, result, count in sorted(found.calls)}
            if arguments.json:
                print(json.dumps({"mode": found.mode, "lmk_kcv": found.lmk_kcv,
                                  "keys_cached": found.keys_cached, "calls": calls}))  # fmt: skip
            else:
                print(f"mode {found.mode}, LMK {found.lmk_kcv}, {found.keys_cached} keys ready")
                for name, count in calls.items():
                    print(f"  {name:40} {count:10}")
            return Exit.OK
        case None:
            return Exit.UNAVAILABLE
        case _:
            return Exit.NOT_ALLOWED


def _new(arguments: argparse.Namespace) -> int:
    request = c.NewKey(arguments.usage, arguments.owner, arguments.expires_s)
    return _print_key(_told(arguments, request))


def _import(arguments: argparse.Namespace) -> int:
    clear = secret_line(arguments.key_fd, "key (hex): ", SECRET_LINE_MAX).decode()
    return _print_key(_told(arguments, c.ImportKey(arguments.usage, clear, arguments.owner)))


def _describe(arguments: argparse.Namespace) -> int:
    match _told(arguments, c.Describe(arguments.block.encode())):
        case c.Described() as found:
            names = ("usage", "algorithm", "owner", "kcv", "state", "created_s", "expires_s")
            print(json.dumps({name: getattr(found, name) for name in names}))
            return Exit.OK
        case None:
            return Exit.UNAVAILABLE
        case _:
            return Exit.NOT_ALLOWED


def _state(arguments: argparse.Namespace) -> int:
    return _print_key(_told(arguments, c.SetState(arguments.block.encode(), arguments.state)))


def _component(arguments: argparse.Namespace) -> int:
    clear = secret_line(arguments.key_fd, "component (hex): ", SECRET_LINE_MAX).decode()
    request = c.Component(
        arguments.entry,
        arguments.usage,
        arguments.custodian,
        arguments.number,
        arguments.of,
        clear,
        arguments.owner,
    )
    match _told(arguments, request):
        case c.ComponentTaken(component_kcv, missing, made):
            told = {"component_kcv": component_kcv, "missing": missing}
            if made is not None:
                told |= {"block": made.block.decode(), "kcv": made.kcv}
            print(json.dumps(told))
            return Exit.OK
        case None:
            return Exit.UNAVAILABLE
        case _:
            return Exit.NOT_ALLOWED


def _ceremony(arguments: argparse.Namespace) -> int:
    """Take three components (or deal them, on a terminal) and make the LMK of them."""
    parts: list[bytes] = []
    lines: list[bytes] = []
    if arguments.components_fd is not None:
        lines = secret_line(arguments.components_fd, "", 4 * SECRET_LINE_MAX).split()
    for number in (1, 2, 3):
        if arguments.components_fd is not None:
            text = lines[number - 1] if number <= len(lines) else b""
        else:
            print(f"Custodian of component {number} only. Enter 64 hex digits,", file=sys.stderr)
            print("or nothing to have one made and shown once.", file=sys.stderr)
            text = getpass.getpass(f"component {number}: ").encode()
            if not text:
                text = secrets.token_hex(LMK_SIZE).encode()
                print(f"component {number}: {text.decode()}", file=sys.stderr)
        try:
            part = bytes.fromhex(text.decode())
        except ValueError:
            part = b""
        if len(part) != LMK_SIZE or part in parts:
            complain(f"component {number}: 64 hex digits, unlike the others")
            return Exit.USAGE
        parts.append(part)
        print(f"component {number}: check value {check_value(Algorithm.AES, part)}")
    lmk = combine_components(Algorithm.AES, parts)
    secret = secret_line(arguments.passphrase_fd, "HSM passphrase: ", PASSPHRASE_SIZE_MAX)
    try:
        make = storage.change_lmk if arguments.change else storage.init_store
        kcv = make(arguments.store, secret, lmk)
    except VaultError as fault:
        complain(str(fault))
        return Exit.FAILED
    print(f"LMK: check value {kcv}")
    return Exit.OK
