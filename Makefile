# `make demo` and `make test` set up everything they need in .venv; the only prerequisites are Python >= 3.11, git and make.
PYTHON ?= python3
BIN := .venv/bin
# Named by what is installed: a checkout makes files new whose content is not.
COMPLETE := .venv/.complete-$(firstword $(shell cat requirements.lock pyproject.toml | cksum))
# Without byte code, each process compiles ours and the tests anew, which is a third of what importing them costs.
unexport PYTHONDONTWRITEBYTECODE
# Half of all there is to compile, and next to nothing of it is ever imported.
UNUSED := /(transformers|sympy|mypyc?|pip|tests)/|/phonenumbers/(geodata|carrierdata|tzdata)/
SUITE := pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help setup demo test suite coverage unit long lint format docs lock clean

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

setup: $(COMPLETE) ## Install everything into .venv, pinned by hashes

$(COMPLETE):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	-$(BIN)/python -m compileall -qq -j 0 -x '$(UNUSED)' .venv/lib  # on all cores, as pip does not; a package may carry files that no Python compiles
	$(BIN)/python -m compileall -q -j 0 schemas processors sinks connectors streams ops
	rm -f .venv/.complete*
	touch $@

demo: setup ## Run the sample through the whole pipeline
	$(BIN)/looma demo

lint: setup ## Check style, imports and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

docs: setup ## Generate docs/reference and docs/schemas from the code
	$(BIN)/python -m ops.reference docs

format: setup ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

unit: setup ## Pass the quick tests, without those marked slow
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder --quiet -m "not slow and not long" --ignore tests/ops/training \
		tests/schemas tests/processors tests/sinks tests/streams tests/connectors tests/docs tests/ops

test: lint suite ## Pass the tests, on real servers

suite: setup
	$(BIN)/python -m $(SUITE)

coverage: setup ## Count the lines that `make test` runs, which takes half as long again
	$(BIN)/coverage erase
	$(BIN)/coverage run -m $(SUITE)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=90 --skip-covered

long: setup ## Pass the tests that `make test` leaves out
	$(BIN)/python -m pytest -m long

# Pins everything anew within pyproject.toml; needs uv. The second lock is the worker image's: of the extras only what a setting asks for; the others benchmarks', of
# what Looma is compared with, and of the browser that the console is tried in.
UV_LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-find-links --no-emit-index-url
lock:
	$(UV_LOCK) --all-extras pyproject.toml -o requirements.lock
	echo 'setuptools>=77' | $(UV_LOCK) --extra encryption --constraint requirements.lock pyproject.toml - -o compose/requirements.lock
	$(UV_LOCK) --constraint requirements.lock tests/browser.in -o tests/browser.lock
	$(UV_LOCK) ops/benchmarks/peers/quix.in -o ops/benchmarks/peers/quix.lock
	$(UV_LOCK) ops/benchmarks/peers/litellm.in -o ops/benchmarks/peers/litellm.lock

clean:
	rm -rf .venv .looma .coverage* .mypy_cache .pytest_cache .ruff_cache
