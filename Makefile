# Every target sets up what it needs by itself: a virtual environment in .venv from the hash-pinned
# lock files. Needed: make and Python 3.11 or newer (PYTHON=... chooses one). Nothing is installed
# outside of this directory.

PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m
PIP := $(RUN) pip install --disable-pip-version-check --no-input --quiet
ARGS ?=
NAME ?= codec
SECONDS ?= 60
BLOCKS ?= 12
SEEDS ?= 7
MINUTES ?= 30

.DELETE_ON_ERROR:
.PHONY: help install demo smoke test test-browser check bench simulate reliability fuzz clean

help:
	@echo "make install      .venv/bin/pointsman"
	@echo "make demo         the switch with simulated terminals and acquirers, live; Ctrl-C ends it"
	@echo "make smoke        the demo without a screen: under 60 s, one JSON object, exit code"
	@echo "make test         all tests (ARGS='-k word' chooses)"
	@echo "make test-browser a real Chromium and every route of the API, where chromium is installed"
	@echo "make check        format, lint, types"
	@echo "make bench        NAME=codec|hsm|store ..."
	@echo "make fuzz         SECONDS=60"
	@echo "make simulate     SEEDS=7,9 MINUTES=30"
	@echo "make reliability  BLOCKS=12 SECONDS=60: real kills; adds to docs/reliability.md"
	@echo "make clean        remove .venv and caches; data in var/ stay"

install: .venv/.runtime

demo: .venv/.runtime
	@$(RUN) pointsman demo $(ARGS)

smoke: .venv/.runtime
	@$(RUN) pointsman demo --headless --json $(ARGS)

test: .venv/.development
	@$(RUN) pytest $(ARGS)

test-browser: .venv/.browser
	@$(RUN) pytest tests/browser -p no:schemathesis $(ARGS)

check: .venv/.development
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: .venv/.development
	@$(RUN) bench $(NAME) --json $(ARGS)

fuzz: .venv/.development
	@$(RUN) tests.fuzz.run --seconds $(SECONDS) $(ARGS)

simulate: .venv/.runtime
	@$(RUN) pointsman sim world --seeds "$(SEEDS)" --minutes "$(MINUTES)" --json $(ARGS)

reliability: .venv/.development
	@$(RUN) tests.faults.run --blocks "$(BLOCKS)" --seconds "$(SECONDS)" --record docs $(ARGS)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

# The stamps are younger than the lock file they were made from: a second make does nothing.
.venv/.runtime: requirements.lock pyproject.toml .venv/.created
	@echo "pointsman: installing what requirements.lock names" >&2
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.development: requirements-dev.lock pyproject.toml .venv/.created
	@echo "pointsman: installing what requirements-dev.lock names" >&2
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.browser: requirements-browser.lock pyproject.toml .venv/.development
	@echo "pointsman: installing what requirements-browser.lock names" >&2
	@$(PIP) --require-hashes -r requirements-browser.lock
	@touch $@

.venv/.created:
	@command -v "$(PYTHON)" >/dev/null || { \
	    echo "pointsman: no $(PYTHON) here: install Python 3.11 or newer (Debian: apt install python3)" >&2; \
	    exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "pointsman: $(PYTHON) is older than 3.11; choose one: make PYTHON=python3.12 ..." >&2; \
	    exit 1; }
	@$(RUN) pip --version >/dev/null 2>&1 || "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "pointsman: $(PYTHON) cannot make virtual environments; the Debian package" >&2; \
	    echo "pointsman: python3-venv is missing: apt install python3-venv" >&2; \
	    exit 1; }
	@$(RUN) pip --version >/dev/null 2>&1 || { \
	    echo "pointsman: making .venv" >&2; \
	    "$(PYTHON)" -m venv .venv; }
	@touch $@
