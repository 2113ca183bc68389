# make setup | demo [HEADLESS=1] | test | lint | format | bench | docs | benchmarks | clean

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: setup demo test lint format bench docs benchmarks clean

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

docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo 'site/index.html'

benchmarks: setup # the tables of the pages, from the reports in docs/benchmarks/data
	$(BIN)/python docs/benchmarks/make_tables.py

clean:
	rm -rf .venv out site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
