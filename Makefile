# One command for each thing a developer or a visitor does; `make` lists them. All but setup, lock and clean hand
# ARGS="..." on to the program they run, for instance: make test ARGS="tests/wbxml -x"

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-real check bench fuzz docs lock clean

PY := .venv/bin/python
CODE := src tests benchmarks examples tools scripts fuzz hatch_build.py
export PYTHON

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready .venv/.app  ## build .venv/ and the web app (the others do this by themselves)
	@:

# What enters the environment: the locked packages, and the package with its compiled modules.
.venv/.ready: requirements/dev.txt pyproject.toml hatch_build.py scripts/setup $(wildcard src/carrierpost/*/_[a-z]*.p*)
	@scripts/setup

# Without Node, and without a way to get it, everything but the web app is there all the same.
.venv/.app: .venv/.ready $(shell find app -path app/node_modules -prune -o -type f -print)
	@scripts/app build || echo "setup: the web app could not be built, as said above; the hub serves its interface alone" >&2
	@touch .venv/.app

demo: setup  ## watch a lifelike mailbox being synchronized, Ctrl-C ends it
	@.venv/bin/carrierpost demo $(ARGS)

test: setup  ## run the tests that need nothing but this tree
	@$(PY) -m pytest -n 2 $(ARGS)

test-real: setup  ## run the tests against a real SOGo and a real Chromium (Debian, root)
	@$(PY) -m scripts.real test $(ARGS)

check: setup  ## formatting, lint, types, import contract, documents
	@scripts/check $(ARGS)

bench: setup  ## measure against peers; ARGS=--json for one JSON object
	@$(PY) -m scripts.real install bench || true  # without them the figures say what is missing
	@$(PY) -m pip install -q --disable-pip-version-check http-ece 2>/dev/null || true  # the peer of what is encrypted
	@$(PY) -m benchmarks $(ARGS)

fuzz: setup  ## look for what breaks; ARGS="--seconds 600"
	@HYPOTHESIS_PROFILE=long $(PY) -m fuzz $(ARGS)

docs: setup  ## build the manual into site/
	@$(PY) -m tools.make_docs $(ARGS)

lock: setup  ## renew requirements/*.txt
	@scripts/lock $(ARGS)

clean:  ## remove everything that can be made again
	@rm -rf .venv .tools build dist site app/node_modules src/carrierpost/web/app .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find src tests benchmarks tools scripts fuzz -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	@find src -name '*.so' -delete
