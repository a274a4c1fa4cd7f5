"""``python -m bench NAME [--json ...]``: find the measurement of that name and run it.

A measurement is a module here with ``main(argv) -> int``; it prints one JSON object with --json.
"""

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path


def names() -> list[str]:
    """Return the measurements there are."""
    found = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(module.name for module in found if not module.name.startswith("_"))


def main(argv: Sequence[str]) -> int:
    """Run the measurement named first; the rest are its own arguments."""
    if not argv or argv[0] not in names():
        print(f"usage: python -m bench NAME [--json]; there are {', '.join(names())}")
        return 2
    return int(importlib.import_module(f"bench.{argv[0]}").main(argv[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
