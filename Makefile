# `make run` and `make test` are all a new user needs; both set up .venv on first use.

# Who names a PYTHON gets an environment of that one; else the environment stays what it is.
NAMED := $(if $(filter undefined,$(origin PYTHON)),,yes)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist load --maxschedchunk 8

# Bytecode of the tests takes each of their processes five seconds to make, so it is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test quick soak mutants lint check bench pictures catalogues format lock clean FORCE

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'
	@echo 'Behind each, PYTHON=python3.13 makes the environment of that Python.'

run: $(VENV)/run.stamp ## start the bot: on Discord if DISCORD_TOKEN is set, else as a terminal chat
	@$(BIN)/python -m bot

test: $(VENV)/dev.stamp ## run the tests
	$(PYTEST)

quick: $(VENV)/dev.stamp ## run the tests but for the slow ones, for who is working
	$(PYTEST) -m 'not slow'

soak: $(VENV)/dev.stamp ## prove what takes many kills, power cuts and minutes to prove (needs strace)
	$(BIN)/python -m pytest -q tests/soak -o python_files='soak_*.py'

mutants: $(VENV)/dev.stamp ## take each safeguard out of a copy and see that a test notices: make mutants ONLY="gate"
	$(BIN)/python -m tests.mutants $(ONLY)

lint: $(VENV)/dev.stamp ## format, lint, types, the shipped briefs and the workflow of CI
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m bot check
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/ci.yml

check: lint test ## all of it

bench: $(VENV)/dev.stamp ## measure matching beside other ways to do it: make bench DATA=folder
	$(BIN)/python -m bench $(if $(DATA),--data $(DATA))

pictures: $(VENV)/dev.stamp ## draw docs/pictures anew with Chromium: make pictures SCENES="answer miss"
	$(BIN)/python -m tools.pictures $(SCENES)

catalogues: $(VENV)/dev.stamp ## take new texts into the catalogues, and compile them: make catalogues LANGUAGE=fr begins one
	$(BIN)/python -m tools.catalogues $(LANGUAGE)

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

IDENTITY := import sys; print(sys.version, sys.base_prefix)

# Touched only where the environment is made anew, for example because the Python that it was made of is gone.
$(VENV)/python.stamp: FORCE
	@if $(BIN)/python -c '' 2>/dev/null && test -f $@; then \
		test -n "$(NAMED)" || exit 0; \
		test "$$("$(PYTHON)" -c '$(IDENTITY)' 2>/dev/null)" != "$$($(BIN)/python -c '$(IDENTITY)')" || exit 0; \
	fi; \
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "briefbot needs Python 3.11 or newer; name one: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.12" >&2; exit 1; }; \
	rm -rf $(VENV); \
	"$(PYTHON)" -m venv $(VENV) || { \
		echo "Python lacks the venv module; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	touch $@

$(VENV)/run.stamp: $(VENV)/python.stamp requirements.txt
	@echo "Installing the pinned requirements into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	@echo "Installing the development requirements into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
