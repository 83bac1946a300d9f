# `make` lists what there is to do.  The environment lies in .venv; PYTHON=python3.12 make … chooses its interpreter.

PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint docs bench torture lanes audit mutants clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /|/' | while IFS='|' read -r name words; do \
		printf '  make %-9s %s\n' "$$name" "$$words"; \
	done

demo: $(READY) ## the main job, start to finish, against a sandbox of its own
	$(BIN)/sales-connectors demo

test: lint ## everything that has to hold before a change goes in
	$(BIN)/python -m pytest

test-all: lint ## the same, pyright, the proofs by force in a small size, and how much of the code the tests reach
	$(BIN)/python -m pytest -m '' --cov --cov-report=term:skip-covered --cov-fail-under=95

lint: $(READY) ## style, types, and the manifests against their files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/sales-connectors check

docs: $(READY) ## write the reference pages and the types from the manifests, and draw the house
	$(BIN)/sales-connectors docs
	$(BIN)/python tools/house.py

bench: $(READY) ## measure the pipeline beside its peers; writes docs/performance.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	$(BIN)/python benchmarks/run.py

torture: $(READY) ## prove what is promised by force, in full size; writes docs/reliability.md
	$(BIN)/python -m sales_connectors.chaos --out docs/reliability.md

lanes: $(READY) ## run the tests on the lowest and on the newest versions of Python and of all dependencies
	$(BIN)/python tools/lanes.py

audit: $(READY) ## look for known vulnerabilities in what is installed; says so where nobody can be asked
	$(BIN)/python tools/audit.py

mutants: $(READY) ## change the code at random and see whether a test notices (hours)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group mutants
	$(BIN)/mutmut run

clean: ## remove the environment and what tools have left behind
	rm -rf $(VENV) .lanes build dist mutants .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is not. Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) has no venv. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[sandbox]' --group dev
	@touch $@
