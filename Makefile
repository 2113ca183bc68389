# make setup | demo [HEADLESS=1] | test | lint | format | bench | clean

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: setup demo test lint format bench clean

setup: $(STAMP)

# The stamp makes a second `make setup` free; a changed dependency installs again.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	@echo 'installing into .venv, about a minute'
	$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@echo 'compiling the planner, about a minute'
	$(BIN)/pavane warmup
	touch $@

demo: setup
	$(BIN)/pavane demo $(if $(filter 1,$(HEADLESS)),--headless)

test: lint
	$(BIN)/pytest -q -n 2

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/pavane bench speed

clean:
	rm -rf .venv out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
