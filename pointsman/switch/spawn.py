"""Start a process that dies with us, and wait for its end without a thread.

A shell. It must be called from the main thread: the kernel sends the parent-death signal when the
*thread* that forked ends (prctl(2)), so Trio's own functions, which fork in a worker thread,
do not do. What is started, and when again, is child.py's business.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Sequence
from typing import BinaryIO

import trio

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def start(
    argv: Sequence[str],
    descriptors: Sequence[int],
    output: BinaryIO | None,
    death_signal: signal.Signals,
) -> subprocess.Popen[bytes]:
    """Start `argv`; it inherits `descriptors`, writes to `output` (None: where we write).

    It gets `death_signal` when we die, however that is. Raises OSError where it cannot start.
    """
    parent = os.getpid()

    def die_with_parent() -> None:
        # Between fork and exec. The parent may have died before the call: look once after it.
        if _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal.value, 0, 0, 0) or os.getppid() != parent:
            os._exit(1)

    return subprocess.Popen(  # noqa: S603 - our own argument list, no shell
        argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=descriptors,
        start_new_session=True,  # Ctrl-C of a terminal reaches the supervisor alone
        preexec_fn=die_with_parent,  # noqa: PLW1509 - nothing in it waits for another thread
    )


async def exited(process: subprocess.Popen[bytes]) -> None:
    """Wait until the process has ended; it is still to be reaped (`wait`)."""
    descriptor = os.pidfd_open(process.pid)
    try:
        await trio.lowlevel.wait_readable(descriptor)
    finally:
        os.close(descriptor)
