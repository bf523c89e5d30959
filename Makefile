.DEFAULT_GOAL := help
PYTHON ?= python3
NAME ?= matching

##@ Use
demo: setup ## set up everything and serve the sample city at http://127.0.0.1:8000
	@.venv/bin/finmart demo

##@ Build
setup: ## make .venv, install the locked packages, build the front end (quick when nothing changed)
	@$(PYTHON) tools/setup_environment.py

test: setup ## run every test, browser stories included
	@$(PYTHON) tools/setup_environment.py --tests
	@.venv/bin/python -m pytest -n 2 --dist worksteal -q

check: setup ## style, types, import contracts, process models, the clause table
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/finmart check

bench: setup ## measure beside a peer: make bench NAME=matching|network|processes|profiles|start
	@.venv/bin/python -m bench $(NAME)

clean: ## remove what was built (keeps ./var, the data)
	@rm -rf .venv node_modules src/finmart/ui/static/built src/finmart/integrations/typst/fonts .mypy_cache .ruff_cache .import_linter_cache

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo setup test check bench clean help
