"""The data directory: where each thing of one house lies, as paths.

A core: it names paths and touches none. The directories are made by the supervisor, the cluster by
store/server.py, the key store by hsm/vault.py, the settlement files by settlement/. Sockets lie in
`run`, which moves to a short place where a socket path would be too long for the kernel.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

SOCKET_PATH_SIZE_MAX = 107  # unix(7): sun_path holds 108 bytes with its closing zero
_LONGEST_SOCKET_NAME = "hsm/simulator-7.4194304"  # the name it has while it is being made


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Paths below `root` (absolute) for user `uid`."""

    root: Path
    uid: int

    @property
    def postgres(self) -> Path:
        """The embedded cluster."""
        return self.root / "postgres"

    @property
    def run(self) -> Path:
        """Sockets and supervisor.json; in /tmp where `root` is too deep for a socket path."""
        usual = self.root / "run"
        if len(str(usual / _LONGEST_SOCKET_NAME).encode()) <= SOCKET_PATH_SIZE_MAX:
            return usual
        mark = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return Path("/tmp") / f"pointsman-{self.uid}-{mark}"  # noqa: S108 - made 0700, owner checked

    def worker_socket(self, number: int) -> Path:
        """Where this worker takes orders of the back office."""
        return self.run / f"worker-{number}.sock"

    @property
    def hsm_sockets(self) -> Path:
        """switch.sock, operator.sock and simulator.sock of HSM 0."""
        return self.run / "hsm"

    @property
    def hsm(self) -> Path:
        """The key store: LMK file, the laboratory's passphrase file, audit log."""
        return self.root / "hsm"

    @property
    def passphrase_file(self) -> Path:
        """The passphrase of the laboratory mode, mode 0600."""
        return self.hsm / "laboratory-passphrase"

    @property
    def files(self) -> Path:
        """Settlement files, one directory a business date."""
        return self.root / "files"

    @property
    def logs(self) -> Path:
        """One log a process, in JSON lines."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """Locked (flock) by whoever runs this house; holds its process id."""
        return self.root / "lock"

    @property
    def status(self) -> Path:
        """What the supervisor says of itself, written anew each second."""
        return self.run / "supervisor.json"
