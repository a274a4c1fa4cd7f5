"""`pointsman hsm status|key`: what an operator asks of a running HSM.

A shell over the operator socket. Components and passphrases come from a descriptor or from the
terminal without echo, never from arguments. Serving and self-test are in ``hsm``, the making of an
LMK in ``hsm_ceremony``.
"""

import argparse
import getpass
import json
import os
import socket
import warnings
from pathlib import Path

from pointsman.cli.options import Exit, complain
from pointsman.hsm import commands as c
from pointsman.hsm.wire import FrameError, FrameReader, frame, read_answers

SECRET_LINE_MAX = 256
ANSWER_S = 10.0


def add_words(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add status and key."""
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
    export = acts.add_parser("export", help="a key under a ZMK or KBPK; two custodians ask")
    export.add_argument("block")
    export.add_argument("--under", required=True, metavar="BLOCK", help="the ZMK or KBPK")
    export.add_argument("--custodian", required=True)
    export.set_defaults(run=_export)
    for each in (new, imported, describe, state, enter, export):
        _socket_option(each)


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
    except FrameError:
        complain("what was given cannot be told to the HSM")
        raise SystemExit(Exit.USAGE) from None
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
    clear = secret_line(arguments.key_fd, "key (hex): ", SECRET_LINE_MAX).decode("latin-1")
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


def _export(arguments: argparse.Namespace) -> int:
    under, block = arguments.under.encode(), arguments.block.encode()
    match _told(arguments, c.ExportUnder(under, block, arguments.custodian)):
        case c.Exported(wrapped, kcv):
            told = wrapped.decode() if wrapped[:1] == b"D" else wrapped.hex().upper()
            print(json.dumps({"wrapped": told, "kcv": kcv}))
            return Exit.OK
        case c.ExportWaits(kcv, wait_s_max):
            print(json.dumps({"kcv": kcv, "missing": 1, "wait_s_max": wait_s_max}))
            return Exit.APPROVAL_OPENED
        case None:
            return Exit.UNAVAILABLE
        case _:
            return Exit.NOT_ALLOWED


def _component(arguments: argparse.Namespace) -> int:
    clear = secret_line(arguments.key_fd, "component (hex): ", SECRET_LINE_MAX).decode("latin-1")
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
