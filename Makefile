# Plain `make` lists the targets. Needed on the machine: make and Python 3.11 or newer.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && echo $$p && break; done)
PORT ?= 8000
BIN := .venv/bin

# The demonstration runs as in production (no DEBUG), but without https and on the database of this folder.
DEMO := env -u DATABASE_URL -u REDIS_URL DEBUG=false SECURE_HTTPS=false ALLOWED_HOSTS=localhost,127.0.0.1,[::1] \
	SITE_URL=http://127.0.0.1:$(PORT) SECRET_KEY_FILE=$(CURDIR)/var/demo/secret \
	STATIC_ROOT=$(CURDIR)/var/demo/static EMAIL_URL=consolemail:// LOG_LEVEL=WARNING

.PHONY: help demo run test coverage check lint format messages lock clean
.DEFAULT_GOAL := help

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf 'make %-8s %s\n' "$$name" "$$text"; done

demo: .venv/.runtime ## The archive with invented sample data on http://127.0.0.1:8000/ (another port: make demo PORT=8001)
	@$(BIN)/python .ci/port_is_free.py "$(PORT)"
	@mkdir -p var/demo && umask 077 && test -s var/demo/secret || \
		$(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))' > var/demo/secret
	@echo "Preparing the database and the sample (the first time, half a minute) ..."
	@$(DEMO) $(BIN)/python manage.py migrate --verbosity 0
	@$(DEMO) $(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@$(DEMO) $(BIN)/python manage.py load_sample --with-users --new-passwords
	@$(DEMO) $(BIN)/python manage.py search_index --update > /dev/null
	@printf '\nThe archive is at http://127.0.0.1:$(PORT)/ (Ctrl-C stops it). E-mails it sends are printed here.\n\n'
	@$(DEMO) $(BIN)/gunicorn --bind 127.0.0.1:$(PORT) --workers 1 --threads 8 acrsite.wsgi

run: .venv/.dev ## Django's development server with DEBUG on, on the same database as the demonstration
	DEBUG=true $(BIN)/python manage.py migrate --verbosity 0
	DEBUG=true $(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

# tests/conftest.py orders the tests and groups them for the processes of xdist.
test: .venv/.dev ## All that CI checks: linters, types, and the tests on SQLite and on PostgreSQL
	@.ci/system-packages
	@$(MAKE) --no-print-directory lint
	env -u DATABASE_URL $(BIN)/pytest -q -n auto
	@if .ci/with_postgres --available; then \
		set -x; .ci/with_postgres $(BIN)/pytest -q -n auto; fi

coverage: .venv/.dev ## Which lines the tests on SQLite do not reach (but for the canary and the browser)
	env -u DATABASE_URL $(BIN)/pytest -q -n auto --cov --cov-report=term:skip-covered

check: .venv/.dev ## For daily work: linters, types, and the tests that the changes since main can affect, on SQLite
	@$(MAKE) --no-print-directory lint
	env -u DATABASE_URL $(BIN)/pytest -q -n auto $$($(BIN)/python .ci/affected.py)

lint: .venv/.dev ## Only the linters and the type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find templates abstracts accounts -name '*.html' -exec $(BIN)/djade --target-version 5.2 --check {} +
	$(BIN)/mypy

format: .venv/.dev ## Format Python and templates
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	find templates abstracts accounts -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} +

messages: .venv/.dev ## Bring the catalogues of translations up to date with the sources, and compile them
	$(BIN)/python .ci/messages.py

LOCK := $(BIN)/uv --system-certs pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url
lock: .venv/.dev ## Lock the requirements anew (UPGRADE=--upgrade takes the newest releases)
	$(LOCK) $(UPGRADE) requirements.in -o requirements.txt
	$(LOCK) $(UPGRADE) requirements-dev.in -o requirements-dev.txt

clean: ## Remove what can be made again: the virtual environment, caches, collected files (keeps the database)
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage test-results staticfiles var/demo var/cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and was not found. Name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another: make PYTHON=python3.12" >&2; exit 1; }
	@PYTHON="$(PYTHON)" .ci/venv

.venv/.runtime: requirements.txt | .venv/bin/python
	@echo "Installing what the site needs ..."
	@.ci/install requirements.txt
	@touch $@

.venv/.dev: requirements.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing what developing needs ..."
	@.ci/install requirements.txt requirements-dev.txt
	@touch $@ .venv/.runtime
