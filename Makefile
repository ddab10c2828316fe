# `make demo` and `make test` set up everything they need in .venv; the only prerequisites are Python >= 3.11, git and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test lint types docs clean

setup: .venv/.complete

.venv/.complete: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/looma demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

docs: setup
	$(BIN)/python -m schemas.export docs/schemas

test: lint
	$(BIN)/python -m schemas.export --check docs/schemas
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=90 --skip-covered

clean:
	rm -rf .venv .looma .coverage* .mypy_cache .pytest_cache .ruff_cache
