# What can be done here. `make` alone lists it.
.DEFAULT_GOAL := help
.ONESHELL:
.SHELLFLAGS := -eu -c
SHELL := /bin/sh
.PHONY: help run setup test check bench shots lock audit fuzz first-migration clean front packages tests-sqlite tests-postgresql

BIN := .venv/bin
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
RUNTIME := .venv/.installed
DEVELOPMENT := .venv/.installed-dev
NODE_MODULES := node_modules/.installed
DIST := static/dist/app.css
SOURCES := $(shell find static/src -type f 2>/dev/null) static/build.mjs
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard civic/translations/*/LC_MESSAGES/*.po))
# Each test has a database of its own: in memory, where there is room, it is copied four times as fast.
MEMORY := $(shell [ -w /dev/shm ] && [ "$$(df -Pk /dev/shm | awk 'NR==2 {print $$4}')" -gt 4000000 ] && echo TMPDIR=/dev/shm)
PYTEST := $(MEMORY) $(BIN)/python -m pytest -q -n 4 --dist worksteal
# Tests start dozens of programs: where this is set, each would compile the whole product again, three seconds of it.
export PYTHONDONTWRITEBYTECODE =

help: ## List what can be done
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 26

run: $(RUNTIME) $(DIST) $(CATALOGUES) ## Start the service with a demonstration city (PORT=8000 unless set)
	@CIVIC_DEMO=$${CIVIC_DEMO:-1} exec $(BIN)/flask --app wsgi serve

setup: $(RUNTIME) $(DIST) $(CATALOGUES) ## Install and build everything, start nothing

test: packages $(DEVELOPMENT) $(DIST) $(CATALOGUES) ## All checks and all tests, on SQLite and PostgreSQL
	@$(MAKE) --no-print-directory check
	# those that take minutes of the clock and no processor run beside the others
	$(BIN)/python -m pytest -q -n 1 -m slow & slow=$$!
	trap 'kill $$slow 2>/dev/null || true' EXIT
	$(MAKE) --no-print-directory tests-sqlite
	$(MAKE) --no-print-directory tests-postgresql
	wait $$slow

tests-sqlite: $(DEVELOPMENT) $(DIST) $(CATALOGUES) ## The tests on SQLite, those in a browser included
	CIVIC_TEST_DB=sqlite $(PYTEST) -m "not slow"

tests-postgresql: $(DEVELOPMENT) $(DIST) $(CATALOGUES) ## The tests on PostgreSQL
	CIVIC_TEST_DB=postgresql $(PYTEST) -m "not browser and not slow"

check: $(DEVELOPMENT) ## Style, security rules, types, layers, templates, translations, permissions of all addresses, known weaknesses
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint --lint --quiet templates
	if [ -d tests/static ]; then $(BIN)/python -m pytest -q tests/static; fi
	$(BIN)/python -m tests.support.audit

bench: packages $(DEVELOPMENT) $(DIST) $(CATALOGUES) ## Measure the speed on 10⁴ and 10⁶ complaints (BIG=1, SIZES=, ROUNDS=, DB=; see docs/speed.md)
	$(BIN)/python -m bench.run

shots: $(DEVELOPMENT) $(DIST) $(CATALOGUES) ## Pictures of the pages, for looking at
	$(BIN)/python -m tests.support.shots

lock: $(DEVELOPMENT) ## Write requirements*.txt anew from requirements*.in
	compile="$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras"
	if command -v uv >/dev/null; then compile="uv pip compile -q --generate-hashes --python-version 3.11"; fi
	$$compile --no-emit-index-url --no-annotate requirements.in -o requirements.txt
	$$compile --no-emit-index-url --no-annotate requirements-dev.in -o requirements-dev.txt

audit: $(DEVELOPMENT) ## Known weaknesses of the libraries (asks the package index); fails when it cannot be asked
	$(BIN)/python -m tests.support.audit --must-reach

fuzz: $(DEVELOPMENT) $(DIST) $(CATALOGUES) ## Nonsense to every page, form and upload (CASES=10000, SEED=, WHAT=pages|files|data)
	$(BIN)/python -m tests.fuzz --cases $${CASES:-10000} $${SEED:+--seed $$SEED} $${WHAT:+--what $$WHAT}

first-migration: $(DEVELOPMENT) ## Write migrations/versions/0001 anew from the models (until the first release only)
	$(BIN)/python -m migrations.first

clean: ## Remove everything that the other targets made, the demonstration's data too
	rm -rf .venv node_modules static/dist instance .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find civic -name '*.mo' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

front: $(DIST)

packages:
	@missing=""
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$$missing chromium"
	ls /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf >/dev/null 2>&1 || missing="$$missing fonts-dejavu-core"
	command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$$missing nginx"
	ls /usr/lib/nginx/modules/ngx_nchan_module.so >/dev/null 2>&1 || missing="$$missing libnginx-mod-nchan"
	[ -n "$$missing" ] || exit 0
	echo "Tests need from Debian:$$missing"
	if [ "$$(id -u)" = 0 ]; then as_root=""; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root="sudo"; else
	    echo "Install them first: sudo apt-get install$$missing"; exit 1
	fi
	$$as_root apt-get update -qq
	DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq --no-install-recommends $$missing >/dev/null

$(BIN)/python:
	@say() { echo "$$1" >&2; exit 1; }
	command -v python3 >/dev/null || say "Python is missing. On Debian or Ubuntu: sudo apt-get install python3 python3-venv"
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || say "Python 3.11 or newer is needed, this is $$(python3 --version). Debian 12 and Ubuntu 24.04 have it."
	python3 -c 'import venv, ensurepip' 2>/dev/null || say "Python's venv is missing. On Debian or Ubuntu: sudo apt-get install python3-venv"
	python3 -m venv .venv

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing Python libraries (once, a minute or two) …"
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt || {
	    echo "The libraries could not be installed: PyPI must be reachable. Then run the same command again." >&2; exit 1; }
	touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	@echo "Installing the tools of development …"
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

$(NODE_MODULES): package-lock.json package.json $(RUNTIME)
	@echo "Installing front-end libraries …"
	$(WITH_NODE) npm ci --no-audit --no-fund --silent || {
	    echo "The front-end libraries could not be installed: the npm registry must be reachable. Then run the same command again." >&2; exit 1; }
	touch $@

$(DIST): $(SOURCES) $(NODE_MODULES)
	@$(WITH_NODE) npm run build --silent
	touch $@

%.mo: %.po $(RUNTIME)
	@$(BIN)/pybabel -q compile -i $< -o $@
