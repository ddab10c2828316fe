# `make demo` and `make test` set up everything they need in .venv; the only prerequisites are Python >= 3.11, git and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test lint docs lock clean

setup: .venv/.complete

.venv/.complete: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
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
	$(BIN)/coverage run -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=90 --skip-covered

# Pins everything anew within pyproject.toml; needs uv. The second lock is the worker image's: no extras, as in the first.
UV_LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-find-links --no-emit-index-url
lock:
	$(UV_LOCK) --all-extras pyproject.toml -o requirements.lock
	echo 'setuptools>=77' | $(UV_LOCK) --constraint requirements.lock pyproject.toml - -o compose/requirements.lock

clean:
	rm -rf .venv .looma .coverage* .mypy_cache .pytest_cache .ruff_cache
