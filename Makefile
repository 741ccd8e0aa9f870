SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
STACK ?= dev
IN_VENV = [ -e .venv/bin/activate ] || { echo "nothing is installed yet: type 'make up' once"; exit 1; }; source .venv/bin/activate &&
IN_API = api=$$(docker ps -q --filter label=pulumi.project=market-research --filter label=pulumi.stack=$(STACK) --filter label=pulumi.service=api | head -n 1); \
	[ -n "$$api" ] || { echo "stack $(STACK) has no running api on this engine: type 'make up STACK=$(STACK)'" >&2; exit 1; }; docker exec "$$api" python -m

# For an engine at DOCKER_HOST=ssh://, which not everybody reaches by themselves.
REACH = python -m toolchain.ssh_engine

.PHONY: help known toolchain up invite rebuild down preview smoke test load bench alerts faults volume disaster remote sbom licences scan refresh twice lint check comment deploy drift drill sizes

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

known:
	@[ -e "Pulumi.$(STACK).yaml" ] || { echo "Pulumi.$(STACK).yaml: no such file; there are stacks $$(ls Pulumi.*.yaml | cut -d. -f2 | xargs): STACK=<one of them>" >&2; exit 1; }

toolchain: ## Install what is missing: Python environment, Docker engine, Pulumi and its plugins
	@toolchain/bootstrap

up: known toolchain ## Bring the stack up (STACK=dev) and print its URL
	@$(IN_VENV) $(REACH) pulumi up --stack $(STACK) --yes --skip-preview --suppress-outputs
	@$(IN_VENV) python -m operations backup remember --stack $(STACK)
	@$(IN_VENV) url=$$(pulumi stack output url --stack $(STACK)); echo "UI and API: $$url"; echo "API document: $$url/api/openapi.json"; \
	seen=$$(pulumi stack output dashboards --stack $(STACK) 2>/dev/null) && echo "Dashboards: $$seen" || true; \
	link=$$($(IN_API) market_research.invite --first) || link=; [ -z "$$link" ] || echo "First account, good once and for a day: $$url$$link"

invite: known ## Print a one-time link to sign up with (STACK=dev), or to set a password anew (EMAIL=...)
	@$(IN_VENV) link=$$($(IN_API) market_research.invite $${EMAIL:+--email "$$EMAIL"}); echo "$$(pulumi stack output url --stack $(STACK))$$link"

rebuild: known ## Make again what follows from PostgreSQL (STACK=dev WHAT=graph|embeddings)
	@[ -n "$(WHAT)" ] || { echo "make rebuild WHAT=graph, or WHAT=embeddings" >&2; exit 1; }
	@$(IN_VENV) $(IN_API) market_research.rebuild $(WHAT)

down: known ## Take the stack down; the data volumes stay (STACK=dev)
	@$(IN_VENV) $(REACH) pulumi destroy --stack $(STACK) --yes --skip-preview
	@echo "The data volumes stay, and 'make up STACK=$(STACK)' finds them; 'research data remove -s $(STACK)' removes them"

preview: known toolchain ## Show what `make up` would change (STACK=dev)
	@$(IN_VENV) $(REACH) pulumi preview --stack $(STACK) --diff

smoke: known ## Test the running stack (STACK=dev)
	@toolchain/bootstrap smoke || echo "the test that uses the UI in a browser is left out"
	@$(IN_VENV) $(REACH) pytest smoke_tests --stack $(STACK)

test: ## Test everything: units, providers, images, then a throw-away stack from up to destroy
	@toolchain/bootstrap test
	@$(MAKE) --no-print-directory lint
	@$(IN_VENV) pytest
	@$(IN_VENV) pytest toolchain -m docker
	@$(IN_VENV) pytest images/tests -m "" -n 2 --dist loadfile
	@$(IN_VENV) pytest rehearsal

load: known ## Let a crowd use the running stack and report what it carries (STACK=dev, LOAD="--ramp --report load.md")
	@$(IN_VENV) python -m bench --stack $(STACK) $(LOAD)

bench: ## Compare deploys with docker compose's, on throw-away stacks (BENCH="--rounds 1 --report bench.md")
	@$(IN_VENV) python -m bench.deploys $(BENCH)

alerts: ## Let faults happen to a throw-away stack, and print which alerts told of them (ALERTS="--only Disk")
	@$(IN_VENV) python -m rehearsal.faults $(ALERTS)

faults: ## Let faults happen to a throw-away stack on an engine of its own, as root: how soon is all as before, is anything lost (FAULTS="--only SIGKILL")
	@$(IN_VENV) python -m rehearsal.survival $(FAULTS)

volume: ## Back up and restore much data in a throw-away stack, and print times and sizes (VOLUME="--gb 1 --nodes 100000")
	@$(IN_VENV) python -m rehearsal.volume $(VOLUME)

disaster: ## Lose the host of a throw-away stack, and bring it back from its copy elsewhere (docs/disaster.md)
	@$(IN_VENV) python -m rehearsal.disaster

sbom: ## Write what each image is made of into build/sbom (IMAGES="redis edge" for some alone)
	@$(IN_VENV) python -m supply sbom $(IMAGES)

licences: ## Print the licences of what is in build/sbom (IMAGES=...)
	@$(IN_VENV) python -m supply licences $(IMAGES)

scan: ## Ask OSV, and grype where it is installed, about what is in build/sbom (IMAGES=...); 3 is "not checked"
	@$(IN_VENV) python -m supply scan $(IMAGES)

refresh: ## Take the base image and all packages anew, and print what changed and which CVEs changelogs name (IMAGES=...)
	@$(IN_VENV) python -m supply refresh $(IMAGES)

twice: ## Build images twice from nothing and compare what they are made of (IMAGES="redis edge")
	@$(IN_VENV) python -m supply twice $(IMAGES)

remote: ## Run what CI runs against an engine that is reached by ssh, on a second host of this machine (as root)
	@$(IN_VENV) pytest rehearsal/remote_engine.py

lint: ## Check style, types and the workflows of CI
	@toolchain/bootstrap lint
	@$(IN_VENV) ruff check && ruff format --check && mypy && actionlint && zizmor --offline --quiet .github

check: lint ## Check all that needs no Docker: style, types, workflows, units
	@$(IN_VENV) pytest

comment: known toolchain ## Tell what a deploy would do as Markdown (STACK=dev), on a pull request with PR=<number> and gh
	@$(IN_VENV) code=0; text=$$(python -m operations.comment --stack $(STACK)) || code=$$?; echo "$$text"; \
	[ -z "$${GITHUB_STEP_SUMMARY:-}" ] || echo "$$text" >>"$$GITHUB_STEP_SUMMARY"; \
	[ -z "$${PR:-}" ] || gh pr comment "$$PR" --edit-last --create-if-none --body "$$text"; exit $$code

deploy: known toolchain ## Deploy without asking, test by the public address, roll back what does not work (STACK=dev)
	@$(IN_VENV) research release --stack $(STACK)

drift: known toolchain ## Fail when the stack is no longer as this checkout says (STACK=dev)
	@$(IN_VENV) $(REACH) pulumi preview --stack $(STACK) --refresh --expect-no-changes --diff

drill: known toolchain ## Restore the newest backup into containers without a network, and compare (STACK=dev)
	@$(IN_VENV) research backup drill --stack $(STACK)

sizes: ## Compare the images with their targets and the seed's figures (STACK=dev)
	@$(IN_VENV) python images/sizes.py $(STACK)
