PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint slow clean

demo: .venv/installed ## Install into .venv and run the main job: pen_spin, rewards by the builtin model.
	$(BIN)/reward-synth run --task pen_spin --rung lite --model builtin --name demo

test: .venv/installed-dev ## Lint, types, layers and the default tests.
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist worksteal

slow: .venv/installed-dev ## The tests that take minutes.
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[video]"
	touch $@

.venv/installed-dev: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[video,dev]"
	touch .venv/installed $@

clean: ## Remove the environment; runs stay.
	rm -rf .venv
