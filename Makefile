# The lab's commands. Each recipe calls a script that also runs by itself. The variables below
# and the scripts' own (ETCD_RUNTIME, STRING_COUNT, …: see docs/reference.md) can be set on the
# command line or in the environment.

SHELL := /bin/bash
.DEFAULT_GOAL := help
# `make -j4 up seed fake report` still runs in that order.
.NOTPARALLEL:

PYTHON ?= python3
VENV ?= .venv
NODES ?= 1
TLS ?=
AUTH ?=
ETCD_ENDPOINT ?= http://127.0.0.1:2379
ENDPOINTS ?=
N ?= 100000
C ?= 16
PREFIX ?= datasets/loadtest
SEED ?= 1
BATCH ?=
FOLLOW ?=
TOPIC ?=
TRANSPORT ?=
FAKE_FLAGS ?=
TIDY_FLAGS ?=
BENCH_FLAGS ?=
COMPARE_FLAGS ?=
CHAOS_FLAGS ?=
DASK_FLAGS ?=
ETCD_VERSION ?=
REPORT_FLAGS ?=
TOP_FLAGS ?=

export NODES TLS AUTH ETCD_ENDPOINT ENDPOINTS N C PREFIX SEED BATCH
override VENV := $(abspath $(VENV))
export VENV
# Run Python with the members, certificates and user of the etcd that `make up` started.
PY := $(if $(ENDPOINTS),ETCD_ENDPOINT="$$ENDPOINTS" )scripts/etcd_env.sh "$(VENV)/bin/python"
READY := $(VENV)/.installed
DASK := $(VENV)/.installed-dask

##@ etcd
up: $(READY) ## start etcd and wait until it is healthy (NODES=3: a cluster; TLS=1 AUTH=1: secured)
	@scripts/etcd_up.sh
down: ## stop it; the data stays
	@scripts/etcd_down.sh
restart: $(READY) ## down, then up, on the same data
	@scripts/etcd_down.sh && scripts/etcd_up.sh
status: ## what runs, where its data is, and how it is
	@scripts/etcd_status.sh
logs: ## the end of the logs (FOLLOW=1: and what is added)
	@scripts/etcd_logs.sh $(if $(FOLLOW),-f)
etcd: ## put the release ETCD_VERSION into .etcd/bin, and print the folder (for ETCD_BIN)
	@scripts/get_etcd.sh "$$ETCD_VERSION"
clean: ## stop etcd; remove its data, the venv and every cache
	@scripts/etcd_clean.sh
	@rm -rf .venv .hypothesis .pytest_cache .ruff_cache
	@find py -name __pycache__ -prune -exec rm -rf {} +

##@ data
seed: ## load the small data sets with etcdctl, under datasets/
	@scripts/load_fake_data.sh
seed-py: $(READY) ## the same, in Python, over the JSON gateway
	@$(PY) py/load_fake_data.py
fake: $(READY) ## write N realistic keys under PREFIX
	@$(PY) py/etcd_faker.py -n="$$N" -c="$$C" -prefix="$$PREFIX" -seed="$$SEED" $(if $(BATCH),-batch="$$BATCH") $(FAKE_FLAGS)
tidy: $(READY) ## delete what is under PREFIX, compact, defragment: give the space back
	@$(PY) py/etcd_tidy.py -prefix="$$PREFIX" $(TIDY_FLAGS)
verify: $(READY) ## check that all that fake wrote is there and right
	@$(PY) py/etcd_faker.py -verify -n="$$N" -prefix="$$PREFIX" -seed="$$SEED" $(FAKE_FLAGS)
report: $(READY) ## summarize what is under PREFIX: types, bytes, prices
	@$(PY) py/etcd_reporter.py -prefix="$$PREFIX" $(if $(BATCH),-batch="$$BATCH") $(REPORT_FLAGS)

##@ learn
walk: $(READY) ## the walkthroughs (TOPIC=leases: one; TRANSPORT=gateway or native: in Python)
	@scripts/etcd_env.sh scripts/walk.sh $(TOPIC) $(if $(TRANSPORT),--transport=$(TRANSPORT))
parity: $(READY) ## check that they print the same in shell and Python, over both transports
	@$(PY) py/walk_parity.py

compare: $(READY) ## etcdctl, gateway and native client side by side: what each gives, and costs
	@$(PY) py/etcd_compare.py $(COMPARE_FLAGS)

chaos: $(READY) ## faults in a cluster of its own under load: is anything lost?
	@"$(VENV)/bin/python" py/etcd_chaos.py $(CHAOS_FLAGS)

dask-demo: $(DASK) ## a load and a report on a Dask cluster that loses workers: is all of it right?
	@$(PY) py/dask_demo.py $(DASK_FLAGS)

##@ measure
top: $(READY) ## what every member is doing, until Ctrl-C: CPU, memory, requests, disk, raft
	@$(PY) py/etcd_top.py $(TOP_FLAGS)
bench: $(READY) ## keys/s and latencies of the faker, beside the Go writer of bench-tools
	@$(PY) py/bench_faker.py $(BENCH_FLAGS)
bench-report: $(READY) ## how fast the reporter is, beside the Go one of bench-tools
	@$(PY) py/bench_reporter.py $(BENCH_FLAGS)
bench-tools: ## build the Go programs that bench and bench-report compare with
	@scripts/build_bench_tools.sh
bench-executors: $(DASK) ## speed and cost of more processes, and of a Dask cluster
	@$(PY) py/bench_executors.py $(BENCH_FLAGS)

##@ work on the lab
venv: $(READY) ## the Python environment, in .venv
dask: $(DASK) ## install Dask as well, for -executor=dask://HOST:PORT
test: $(READY) ## bats and pytest, side by side, each against etcds of its own
	@scripts/run_tests.sh
test-slow: $(DASK) ## what takes long: releases of etcd, Dask, chaos, kills, browser, Docker
	@scripts/run_tests.sh slow
test-all: test test-slow ## both
test-etcd: $(READY) ## only what depends on the release of etcd (ETCD_BIN=DIR: on that one)
	@scripts/run_tests.sh etcd
test-docker: $(READY) ## only Docker, which needs an engine
	@"$(VENV)/bin/bats" bats/docker.bats
test-page: $(READY) ## only the report's page, which needs a Chromium
	@"$(VENV)/bin/python" -m pytest -m browser
lint: $(READY) ## shellcheck and ruff
	@"$(VENV)/bin/shellcheck" scripts/*.sh scripts/lib/*.sh bats/*.bats bats/*.bash .ci/run .ci/*.sh
	@"$(VENV)/bin/ruff" check --quiet py bats && "$(VENV)/bin/ruff" format --check --quiet py bats
help: ## this list
	@awk -F ':.*## ' '/^##@ / {print substr($$0, 5) ":"} /^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' Makefile

# An incomplete venv has no stamp, so the next make completes it.
$(READY): requirements.txt
	@scripts/make_venv.sh "$(PYTHON)" "$(VENV)"
$(DASK): requirements-dask.txt $(READY)
	@scripts/make_venv.sh "$(PYTHON)" "$(VENV)" dask

.PHONY: up down restart status logs etcd clean seed seed-py fake verify report tidy walk parity compare chaos dask-demo top bench bench-report bench-tools bench-executors venv dask test test-slow test-all test-etcd test-docker test-page lint help
