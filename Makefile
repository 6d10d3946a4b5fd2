# Copyright (c) 2026, the assurmer.mail authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

SCENARIO ?= all
STAGES ?=

export PATH := $(CURDIR)/.venv/bin:$(PATH)
.DEFAULT_GOAL := help
.PHONY: help venv engine lint unit robustness integration molecule acceptance test bench-directory bench-rollout demo demo-down clean

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: ## Install the tools into .venv (instant when nothing changed)
	@tests/env/venv.sh

engine: ## Start a Docker engine where none answers
	@tests/env/engine.sh

lint: venv ## Run all linters and ansible-test sanity
	@tests/lint/run.sh

unit: venv ## Run the unit tests, beside a PostgreSQL server and a CA of their own
	@tests/env/apt.sh pebble
	@tests/env/with_postgresql.sh pytest --numprocesses auto tests/unit

robustness: venv ## Kill modules at any moment, fill the disk, run twenty at once, in both stores
	@tests/run.sh robustness

integration: venv engine ## Run the modules on Debian 12 and 13
	@molecule test --scenario-name integration

molecule: venv engine ## Run a scenario on Debian 12 and 13: SCENARIO=postfix, or all
ifeq ($(SCENARIO),all)
	@tests/run.sh molecule
else
	@molecule test --scenario-name $(SCENARIO)
endif

acceptance: venv engine ## Build the whole service, then test it with real clients
	@tests/run.sh molecule-default acceptance

test: venv engine ## Run all stages, or some: STAGES="lint unit molecule-postfix"
	@tests/run.sh $(STAGES)

bench-directory: venv ## Measure the directory in both stores, beside the looped way of other roles (15 min)
	@tests/bench/run.sh

bench-rollout: venv engine ## Measure rollouts of 1, 3 and 10 hosts, and foretell those of 50 and 200 (over an hour)
	@tests/bench/rollout.sh

demo: venv engine ## Bring up a company with three offices, send messages between them, and report
	@tests/demo/demo.sh up

demo-down: ## Remove the hosts of the demo
	@tests/demo/demo.sh down

clean: ## Remove containers, images, .venv and .cache
	@tests/env/clean.sh
