# `make run` and `make test` are all a new user needs; both set up .venv on first use.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test soak mutants lint check bench pictures format lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

run: $(VENV)/run.stamp ## start the bot: on Discord if DISCORD_TOKEN is set, else as a terminal chat
	@$(BIN)/python -m bot

test: $(VENV)/dev.stamp ## run the tests
	$(BIN)/python -m pytest -q

soak: $(VENV)/dev.stamp ## prove what takes many kills, power cuts and minutes to prove (needs strace)
	$(BIN)/python -m pytest -q tests/soak -o python_files='soak_*.py'

mutants: $(VENV)/dev.stamp ## take each safeguard out of a copy and see that a test notices: make mutants ONLY="gate"
	$(BIN)/python -m tests.mutants $(ONLY)

lint: $(VENV)/dev.stamp ## format, lint, types and the shipped briefs
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m bot check

check: lint test ## all of it

bench: $(VENV)/dev.stamp ## measure matching beside other ways to do it: make bench DATA=folder
	$(BIN)/python -m bench $(if $(DATA),--data $(DATA))

pictures: $(VENV)/dev.stamp ## draw docs/pictures anew with Chromium: make pictures SCENES="answer miss"
	$(BIN)/python -m docs.pictures $(SCENES)

format: $(VENV)/dev.stamp ## format the code and mend what the linter can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(VENV)/dev.stamp ## pin the dependencies of pyproject.toml anew, with hashes
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra postgres -c requirements.txt pyproject.toml -o requirements-postgres.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra dev --extra postgres -c requirements.txt pyproject.toml -o requirements-dev.txt

clean: ## remove the environment and the caches; data/ stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "briefbot needs Python 3.11 or newer: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) || { echo "Python lacks the venv module; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/run.stamp: $(VENV)/python.stamp requirements.txt
	@echo "Installing the pinned requirements into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	@echo "Installing the development requirements into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
