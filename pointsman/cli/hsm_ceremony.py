"""`pointsman hsm ceremony`: an LMK of three components, each custodian alone at the keyboard.

A shell: components come from the terminal without echo or from a descriptor, check values are
printed. What an LMK opens is in hsm/vault.py; what is asked of a running HSM in hsm_keys.py.
"""

import argparse
import getpass
import secrets
import sys
from pathlib import Path

from pointsman.cli.hsm_keys import SECRET_LINE_MAX, secret_line
from pointsman.cli.options import Exit, complain
from pointsman.hsm import storage
from pointsman.hsm.keys import check_value, combine_components
from pointsman.hsm.primitives import Algorithm
from pointsman.hsm.vault import LMK_SIZE, PASSPHRASE_SIZE_MAX, VaultError


def add_words(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ceremony."""
    ceremony = words.add_parser("ceremony", help="make an LMK of three components")
    ceremony.add_argument("--store", type=Path, required=True)
    ceremony.add_argument("--passphrase-fd", type=int, default=None)
    ceremony.add_argument("--components-fd", type=int, default=None)
    ceremony.add_argument("--change", action="store_true", help="replace the LMK of a store")
    ceremony.set_defaults(run=_ceremony)


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
