"""What the HSM asks of the kernel for its own process: no core, no ptrace, locked memory, a parent.

Called once at start, before any key is opened. What it serves is in ``server``.
"""

import ctypes
import os
import resource
import signal
from dataclasses import dataclass

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_GET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 3, 38
_MCL_CURRENT, _MCL_FUTURE = 1, 2


@dataclass(frozen=True, slots=True)
class Hardened:
    """What the kernel granted."""

    not_dumpable: bool
    no_core: bool
    memory_locked: bool

    @property
    def missing(self) -> list[str]:
        """What was asked for and not granted, in words."""
        told = (
            (self.not_dumpable, "not dumpable"),
            (self.no_core, "no core files"),
            (self.memory_locked, "memory locked"),
        )
        return [words for granted, words in told if not granted]


def harden(*, lock_memory: bool = True) -> Hardened:
    """Ask for everything; the caller decides what it cannot do without."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    locked = lock_memory and libc.mlockall(_MCL_CURRENT | _MCL_FUTURE) == 0
    return Hardened(
        not_dumpable=libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) == 0,
        no_core=resource.getrlimit(resource.RLIMIT_CORE) == (0, 0),
        memory_locked=locked,
    )


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends; exit now if it already did."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the parent is gone")
