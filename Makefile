# What one does with a checkout. Everything a target needs is installed into .venv and .local first.
.DEFAULT_GOAL := help
.PHONY: help install assets up down reset status doctor test faults rehearsal lint rules contracts bench ci
PYTHON ?=
VENV := .venv/bin
PYTEST_ARGS ?=
WORKERS ?= 3
# Where it is set, every worker of the tests would compile all of them anew, and every command all it imports.
unexport PYTHONDONTWRITEBYTECODE
faults: export KILLS ?= 20
faults: export SEED ?=

help: ## these lines
	@echo "make up      start Kafka, MongoDB, the services and the console, with a demonstration province"
	@echo "make down    stop what make up started; the data stays"
	@echo "make reset   stop it and forget the data"
	@echo "make status  what runs, since when, with how much memory; the last words of what died"
	@echo "make doctor  what is wrong and which command to run next"
	@echo "make test    all tests, on servers of their own beside a running make up (PYTEST_ARGS='-k name' for some)"
	@echo "make faults  kills, pauses and cuts off every process in the middle of imports (KILLS=20, SEED=n to repeat one)"
	@echo "make rehearsal  imports MEMBERS=100000, backs up, restores into another namespace, compares all; tells the seconds"
	@echo "make lint    style, types and import contracts"
	@echo "make rules   write docs/rules.md: which code and which tests name each rule"
	@echo "make contracts  write docs/events and docs/api: published events, their readers, routes, .env.example"
	@echo "make bench   the measurements of bench/, beside the machine's own floor"
	@echo "make ci      what a change must pass: lint, generated files current, make test"
	@echo "make install only the Python packages"
	@echo
	@echo "TUAN_PORT_BASE=19000 make up  uses another block of ports;"
	@echo "TUAN_MONGO_URL and TUAN_KAFKA name servers that are already there."

install:
	@PYTHON="$(PYTHON)" deploy/local/install.sh

assets: install
	@$(VENV)/python -m services.web.build_assets

up: assets
	@$(VENV)/python -m deploy.cli.main up

down: install
	@$(VENV)/python -m deploy.cli.main down

reset: install
	@$(VENV)/python -m deploy.cli.main reset --yes

status: install
	@$(VENV)/python -m deploy.cli.main status

doctor: install
	@$(VENV)/python -m deploy.cli.main doctor

test: assets
	@$(VENV)/python -m deploy.local.outside_tools
	@$(VENV)/python -m pytest -n $(WORKERS) --no-loadscope-reorder $(PYTEST_ARGS)

faults: assets
	@$(VENV)/python -m pytest tests/faults -s -v $(PYTEST_ARGS)

rehearsal: assets
	@MEMBERS=$(or $(MEMBERS),100000) $(VENV)/python -m pytest tests/faults/test_restore.py -k rehearsed -q -s $(PYTEST_ARGS)

lint: install
	@$(VENV)/ruff check
	@$(VENV)/ruff format --check
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-logo

rules: install
	@$(VENV)/python -m deploy.cli.rules_page

contracts: install
	@$(VENV)/python -m deploy.contracts
	@$(VENV)/python -m deploy.cli.env_example
	@$(VENV)/python -m deploy.observability

bench: assets
	@$(VENV)/python -m bench

ci:
	@.ci/run
