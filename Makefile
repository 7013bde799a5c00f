# Everything is built from requirements.lock (hashes, no URLs); `make run` and `make test` need git, make and Python >= 3.11.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: run test check lint types faults bench model lock serve clean

run: $(STAMP)
	$(BIN)/sidelines run

test: $(STAMP)
	$(BIN)/python -m pytest -m "not faults"

check: lint types

lint: $(STAMP)
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

faults: $(STAMP)
	$(BIN)/python -m pytest -m faults

bench: $(STAMP)
	$(BIN)/python -m bench.accuracy
	$(BIN)/python -m bench.speed

model: $(STAMP)
	$(BIN)/python -m training.train

serve: $(STAMP)
	$(BIN)/sidelines serve

# Needs uv (on PyPI). No index URL is written, so the lock names no host.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev \
	  --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.lock

# The lock is complete, so dependencies are not resolved again: quick, and the same on every machine.
$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
