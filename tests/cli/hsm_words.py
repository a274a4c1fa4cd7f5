"""Runs `pointsman hsm ...` in this process, for its tests; nothing here is a test."""

import io
import os
from contextlib import redirect_stderr, redirect_stdout

from pointsman.cli import main
from tests.hsm.processes import PASSPHRASE


def pointsman(*words: str, secrets: dict[str, bytes] | None = None) -> tuple[int, str, str]:
    """Run a command in this process; secrets go in by descriptors, which it reads and closes."""
    argv = ["hsm", *words]
    for option, secret in (secrets or {}).items():
        read_end, write_end = os.pipe()
        os.write(write_end, secret + b"\n")
        os.close(write_end)
        argv += [option, str(read_end)]
    told, complained = io.StringIO(), io.StringIO()
    with redirect_stdout(told), redirect_stderr(complained):
        code = main(argv)
    return code, told.getvalue(), complained.getvalue()


SECRET = {"--passphrase-fd": PASSPHRASE}
