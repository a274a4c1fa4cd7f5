"""The fuzz targets driven by code coverage, for long campaigns: needs the package atheris.

``python -m tests.fuzz.coverage CORPUS -runs=10000000``; the first byte picks the target. It is not
part of the locked tools: install it beside them. run.py in this folder needs nothing.
"""

import importlib
import sys
from pathlib import Path


def main(argv: list[str]) -> None:
    """Fill the corpus folder with the seeds and hand over to the fuzzer, which does not return."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["pointsman.codecs"]):
        targets = importlib.import_module("tests.fuzz.targets")
    corpus = Path(argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(targets.seeds()):
        (corpus / f"seed-{i:03}").write_bytes(bytes((i % len(targets.TARGETS),)) + seed)

    def one(data: bytes) -> None:
        if data:
            targets.TARGETS[data[0] % len(targets.TARGETS)](data[1:])

    atheris.Setup(argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
