# Rolemill. `make help` lists what can be asked for.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
ROLEMILL := target/release/rolemill
# Where `make run` stores what it reads; `rolemill runs list --db $(DB)` shows it.
DB ?= target/rolemill.db
PYTHON ?= python3

.PHONY: help run up down build workers test test-llm chaos check eval bench-pipeline schema clean need-cargo need-python need-linux

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/' | expand -t 10

run: build ## Build, then read the sample postings, store and show the answers
	@$(ROLEMILL) run --db $(DB) --format pretty tests/samples

up: workers ## Start the workers on one machine, with the RabbitMQ and PostgreSQL that are there or of their own
	@deploy/up.sh

down: ## Stop what `make up` started
	@deploy/down.sh

build: need-cargo
	@$(CARGO) build --release --locked --bin rolemill

workers: need-cargo
	@$(CARGO) build --release --locked --bins

test: need-cargo ## Run every test (RabbitMQ and PostgreSQL are found, or started)
	@$(CARGO) build --locked --workspace --bins
	@export ROLEMILL_TEST_POSTGRES=$$(deploy/postgres.sh) ROLEMILL_TEST_AMQP=$$(deploy/rabbitmq.sh); \
	if $(CARGO) nextest --version >/dev/null 2>&1; then \
	  $(CARGO) nextest run --locked --workspace; \
	else \
	  $(CARGO) test --locked --workspace --lib --bins --tests; \
	fi

chaos: need-cargo ## The reliability table, for real: half an hour on brokers and databases that it starts itself
	@$(CARGO) build --locked --workspace --bins
	@deploy/postgres.sh >/dev/null && deploy/rabbitmq.sh >/dev/null
	@$(CARGO) test --locked --workspace --test chaos -- --test-threads=1 --nocapture

test-llm: need-cargo need-python ## Every use of a language model, with model servers that it installs from PyPI and starts
	@$(CARGO) build --locked --workspace --bins
	@$(CARGO) test --locked --workspace --test llm --no-run
	@$(PYTHON) tests/llm/serve.py -- $(CARGO) test --locked --workspace --test llm -- --nocapture

bench-pipeline: need-cargo need-python ## The messaging beside a bare relay and beside frameworks of Python
	@$(CARGO) build --release --locked --workspace --bin rolemill-bench
	@$(PYTHON) tests/bench/pipeline/run.py --binary target/release/rolemill-bench --amqp "$$(deploy/rabbitmq.sh)"

check: need-cargo ## Format, lints, documentation, unused and forbidden dependencies, the library
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps
	$(call tool,cargo-machete,0.9)
	$(CARGO) machete --skip-target-dir
	$(call tool,cargo-deny,0.20)
	$(CARGO) deny --config .deny.toml check licenses bans sources
	$(CARGO) run --locked --quiet --bin rolemill -- library lint

# Installs a cargo subcommand from the registry when the machine has none.
define tool
@command -v $(1) >/dev/null || $(CARGO) install --debug --locked --version '^$(2)' $(1)
endef

eval: build need-python ## Measure the answers: EVAL=<folder of labelled sets>, or the project's own samples
	@$(PYTHON) tests/eval/run.py $(ROLEMILL) tests/out/eval.json $(EVAL)

schema: need-cargo ## Write the JSON Schemas of the messages anew
	@UPDATE_SCHEMA=1 $(CARGO) test --locked --workspace --test it -- schema

clean: ## Remove what was built
	@$(CARGO) clean
	@rm -rf tests/out

need-cargo:
	@command -v $(CARGO) >/dev/null || { \
	  echo "A Rust toolchain (1.94 or newer) is missing. Get it from your system's packages (rustup) or https://rustup.rs, then call make again." >&2; exit 1; }

need-python:
	@command -v $(PYTHON) >/dev/null || { echo "python3 is missing: install your system's package python3." >&2; exit 1; }
