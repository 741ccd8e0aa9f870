SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
STACK ?= dev
IN_VENV = [ -e .venv/bin/activate ] || { echo "nothing is installed yet: type 'make up' once"; exit 1; }; source .venv/bin/activate &&

.PHONY: help toolchain up down preview smoke test lint sizes

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

toolchain: ## Install what is missing: Python environment, Docker engine, Pulumi and its plugins
	@toolchain/bootstrap

up: toolchain ## Bring the stack up (STACK=dev) and print its URL
	@$(IN_VENV) pulumi up --stack $(STACK) --yes --skip-preview --suppress-outputs
	@$(IN_VENV) url=$$(pulumi stack output url --stack $(STACK)); echo "UI and API: $$url"; echo "API document: $$url/api/openapi.json"

down: ## Take the stack down; the data volumes stay (STACK=dev)
	@$(IN_VENV) pulumi destroy --stack $(STACK) --yes --skip-preview

preview: toolchain ## Show what `make up` would change (STACK=dev)
	@$(IN_VENV) pulumi preview --stack $(STACK) --diff

smoke: ## Test the running stack (STACK=dev)
	@toolchain/bootstrap smoke || echo "the test that uses the UI in a browser is left out"
	@$(IN_VENV) pytest smoke_tests --stack $(STACK)

test: ## Test everything: units, providers, images, then a throw-away stack from up to destroy
	@toolchain/bootstrap test
	@$(MAKE) --no-print-directory lint
	@$(IN_VENV) pytest
	@$(IN_VENV) pytest toolchain -m docker
	@$(IN_VENV) pytest images/tests -m ""
	@$(IN_VENV) pytest rehearsal

lint: ## Check style and types
	@$(IN_VENV) ruff check && ruff format --check && mypy

sizes: ## Compare the images with their targets and the seed's figures (STACK=dev)
	@$(IN_VENV) python images/sizes.py $(STACK)
