# Two commands matter: `make run` and `make test`. Everything else serves them.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV_READY := $(VENV)/.ready-dev

.PHONY: run test test-postgres test-all lint types imports lock bench clean serve worker

run: $(READY)
	@$(BIN)/habeas run

$(READY): requirements.lock pyproject.toml
	@PY="$(PY)" sh scripts/make-environment.sh $(VENV) requirements.lock
	@touch $@

# What the tests need holds all that running needs.
$(DEV_READY): requirements-dev.lock requirements.lock pyproject.toml
	@PY="$(PY)" sh scripts/make-environment.sh $(VENV) requirements-dev.lock
	@touch $(READY) $@

test: $(DEV_READY)
	@sh scripts/test.sh

test-postgres: $(DEV_READY)
	@sh scripts/test-postgres.sh

lint: $(DEV_READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(DEV_READY)
	@$(BIN)/mypy

imports: $(DEV_READY)
	@$(BIN)/lint-imports

lock: $(DEV_READY)
	@sh scripts/lock.sh

bench: $(DEV_READY)
	@$(BIN)/python bench/run.py

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
