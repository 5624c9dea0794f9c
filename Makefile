# Two commands matter: `make run` and `make test`. Everything else serves them.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := requirements.lock
export PYTHONDONTWRITEBYTECODE ?=

.PHONY: run test test-postgres test-all lint types imports lock bench clean serve worker

run: $(READY)
	@$(BIN)/habeas run

$(READY): $(LOCK) pyproject.toml
	@PY="$(PY)" sh scripts/make-environment.sh $(VENV) $(LOCK)
	@touch $(READY)

test: $(READY)
	@sh scripts/test.sh

test-postgres: $(READY)
	@sh scripts/test-postgres.sh

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

imports: $(READY)
	@$(BIN)/lint-imports

lock: $(READY)
	@sh scripts/lock.sh

bench: $(READY)
	@$(BIN)/python bench/run.py

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis
