# `make` alone lists what there is.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test test-quick soak lint audit bench bench-explorer screenshots secrets image-test clean

PYTHON ?= python3
MODELS_DIR ?= models
ROUNDS ?= 3
export MODELS_DIR

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

run: .venv/demo ## Serve the models folder at http://127.0.0.1:8000 (PORT=9000 make run: elsewhere)
	@find "$(MODELS_DIR)" -name '*.joblib' 2> /dev/null | grep -q . || $(MAKE) --no-print-directory demo
	@test -z "$$DATABASE_URL$$DATABASE_URL_FILE" || .venv/bin/flask --app wsgi db upgrade
	@exec .venv/bin/gunicorn

demo: .venv/demo ## Fit the three demo models into the models folder
	@echo "Fitting the demo models"
	@.venv/bin/python examples/demo.py "$(MODELS_DIR)"

JOBS ?= 2
PYTEST = .venv/bin/python -m pytest --numprocesses $(JOBS) --dist loadgroup --no-loadscope-reorder
test: .venv/dev ## Run all tests, two files at a time (JOBS=4)
	@tests/install-programs
	$(PYTEST)

test-quick: .venv/dev ## Run the tests that need no PostgreSQL, no server, no browser and no other process
	$(PYTEST) tests/unit tests/faults -m "not postgres and not gunicorn and not chromium and not nginx and not process and not slow"

soak: SECONDS = 600
soak: .venv/dev ## Harm a service under load for ten minutes, and count what is lost (SECONDS=60 SEED=1)
	.venv/bin/python -m tests.faults.soak $(SECONDS) $(SEED)
	EFFORT=10 .venv/bin/python -m pytest tests/web/test_schemathesis.py tests/unit/models/compiled

lint: .venv/dev ## Check style, types, imports, known weaknesses and the Dockerfile
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/bandit --quiet --configfile pyproject.toml --recursive webapp migrations examples wsgi.py gunicorn.conf.py
	.venv/bin/hadolint Dockerfile

audit: .venv/audit ## Ask PyPI whether a pinned package has a known hole; fails too if it can't be asked
	@.venv/bin/python tests/audit.py

bench: SECONDS = 5
bench: .venv/demo ## Measure Scoredesk beside other servers, into docs/benchmarks.md (40 minutes; wrk)
	@.venv/bin/python benchmarks/side_by_side.py $(SECONDS) $(ROUNDS)

ROWS ?= 10_000_000
bench-explorer: .venv/demo ## Measure the pages of /predictions over ten million rows (8 GB; ROWS=200000)
	@.venv/bin/python benchmarks/explorer.py $(ROWS)

screenshots: .venv/dev ## Take the pictures in docs/screenshots from a running demo
	@tests/install-programs
	.venv/bin/python docs/screenshots.py

secrets: ## Make the secrets that docker compose needs, in .env; those that are there stay
	@umask 077; for name in SECRET_KEY POSTGRES_PASSWORD WEB_PASSWORD SEALING_KEY; do \
		grep -qs "^$$name=" .env || echo "$$name=$$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" >> .env; done

image-test: .venv/demo ## Build the image with buildah, without Docker, and try it (root on Debian; minutes)
	@tests/deploy/image-test

clean: ## Remove the virtual environments, axe and caches; data and models stay
	rm -rf .venv .bench tests/browser/node_modules tests/clients/.venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Scoredesk needs Python 3.11 or newer. Choose one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2> /dev/null || { \
		echo "This Python can't make virtual environments; installing python3-venv"; \
		{ apt-get update && apt-get install -y python3-venv; } > /dev/null 2>&1 || \
		{ echo "That needs root: sudo apt-get install python3-venv"; exit 1; }; }
	@$(PYTHON) -m venv .venv

.venv/demo: .venv/bin/python requirements.txt requirements-demo.txt
	@echo "Installing what Scoredesk needs (a minute or two, once)"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-demo.txt
	@touch $@

# Apart from the rest, which it must not change.
.venv/audit: .venv/bin/python requirements-audit.txt
	@echo "Installing pip-audit"
	@$(PYTHON) -m venv .venv/auditing
	@.venv/auditing/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-audit.txt
	@touch $@

.venv/dev: .venv/demo requirements-dev.txt
	@echo "Installing what the tests need"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
