# `make` alone lists the commands.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test test-quick soak lint audit pins bench bench-explorer screenshots secrets image-test clean

PYTHON ?= python3
MODELS_DIR ?= models
ROUNDS ?= 3
export MODELS_DIR

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

run: .venv/demo ## Serve the models folder at http://127.0.0.1:8000 (your own file: make run MODEL=~/churn.joblib; another port: PORT=9000 make run)
	@test -n "$$MODEL" || find "$$MODELS_DIR" ! -name '.*' 2> /dev/null | grep -Eq '\.((joblib|pkl|pickle|sav)(\.(gz|z|bz2|xz|lzma|lz4))?|ubj|xgb\.json|lgb\.txt)$$' || $(MAKE) --no-print-directory demo
	@test -z "$$DATABASE_URL$$DATABASE_URL_FILE" || .venv/bin/python -m flask --app wsgi db upgrade
	@export FIRST_MODEL="$$MODEL"; exec .venv/bin/python -m gunicorn

demo: .venv/demo ## Fit the three demo models into the models folder
	@echo "Fitting the demo models"
	@.venv/bin/python examples/demo.py "$$MODELS_DIR"

PYTEST = .venv/bin/python -m pytest --numprocesses $(JOBS) --dist loadgroup --no-loadscope-reorder
# Twice as many as a small machine has processors, because many of these tests wait for servers and processes.
test: JOBS ?= 4
test: .venv/dev ## Run all tests, four files at a time (JOBS=2)
	@tests/install-programs
	$(PYTEST)

test-quick: JOBS ?= 2
test-quick: .venv/dev ## Run the tests that need no PostgreSQL, no server, no browser and no other process
	$(PYTEST) tests/unit tests/faults -m "not postgres and not gunicorn and not chromium and not nginx and not process and not slow"

soak: SECONDS = 600
soak: .venv/dev ## Inject faults under load for ten minutes and count lost records (SECONDS=60 SEED=1)
	.venv/bin/python -m tests.faults.soak $(SECONDS) $(SEED)
	EFFORT=10 .venv/bin/python -m pytest tests/web/test_schemathesis.py tests/unit/models/compiled
	UPGRADE_ROWS=1000000 .venv/bin/python -m pytest tests/faults/test_upgrade.py

lint: .venv/dev ## Check style, types, imports, security and the Dockerfile
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/bandit --quiet --configfile pyproject.toml --recursive webapp migrations examples wsgi.py gunicorn.conf.py
	.venv/bin/hadolint Dockerfile

audit: .venv/audit ## Check the pinned packages for known vulnerabilities (fails too if PyPI can't be reached)
	@.venv/bin/python tests/audit.py

# Each .in file names what is wanted; its .txt is made from it: every package, with the digests of its files.
COMPILE = .venv/auditing/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make pins"
pins: .venv/audit ## Write requirements*.txt anew after a change to a requirements*.in
	@$(COMPILE) requirements.in --output-file requirements.txt
	@for name in demo dev audit; do $(COMPILE) requirements-$$name.in --output-file requirements-$$name.txt; done
	@$(COMPILE) --no-deps tests/clients/requirements.in --output-file tests/clients/requirements.txt
	@for file in environments/*.in; do python=$$(sed -n 's/^# Python //p' $$file); \
		$(COMPILE) --python-version $${python:-3.10} $$file --output-file $${file%.in}.txt; done

bench: SECONDS = 5
bench: .venv/demo ## Compare with other servers and write docs/benchmarks.md (40 minutes; needs wrk)
	@.venv/bin/python benchmarks/side_by_side.py $(SECONDS) $(ROUNDS)

ROWS ?= 10_000_000
bench-explorer: .venv/demo ## Time the pages of /predictions with ten million rows (8 GB; ROWS=200000)
	@.venv/bin/python benchmarks/explorer.py $(ROWS)

screenshots: .venv/dev ## Take the screenshots in docs/screenshots from a running demo
	@tests/install-programs
	.venv/bin/python docs/screenshots.py

secrets: ## Create the secrets for docker compose in secrets/; existing ones stay
	@# Containers run as other users, who must be able to read a file; only its owner can enter the folder.
	@mkdir -p -m 700 secrets
	@for name in secret_key sealing_key postgres_password web_password; do test -s secrets/$$name || { \
		setting=$$(echo $$name | tr a-z A-Z); value=$$(sed -n "s/^$$setting=//p" .env 2> /dev/null | tr -d \"\'); \
		echo "$${value:-$$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')}" > secrets/.new && chmod 444 secrets/.new && \
		sync secrets/.new && mv secrets/.new secrets/$$name; } || exit; done; sync secrets

image-test: .venv/demo ## Build the image with buildah instead of Docker and test it (root on Debian; minutes)
	@tests/deploy/image-test

clean: ## Remove the virtual environments, axe and caches; data and models stay
	rm -rf .venv .bench tests/browser/node_modules tests/clients/.venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@echo "Creating a virtual environment in .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Scoredesk needs Python 3.11 or newer. Choose one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2> /dev/null || { \
		echo "This Python can't create virtual environments; installing python3-venv"; \
		{ apt-get update && apt-get install -y python3-venv; } > /dev/null 2>&1 || \
		{ echo "Installing it needs root: sudo apt-get install python3-venv"; exit 1; }; }
	@$(PYTHON) -m venv .venv

.venv/demo: .venv/bin/python requirements.txt requirements-demo.txt
	@echo "Installing the packages that Scoredesk needs (a minute or two, once)"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-demo.txt
	@# Python 3.11 puts an old one there, which nothing needs.
	@.venv/bin/python -m pip uninstall --quiet --yes setuptools 2> /dev/null
	@touch $@

# In a separate environment, because it must not change the packages of the other.
.venv/audit: .venv/bin/python requirements-audit.txt
	@echo "Installing pip-audit"
	@$(PYTHON) -m venv .venv/auditing
	@.venv/auditing/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-audit.txt
	@touch $@

.venv/dev: .venv/demo requirements-dev.txt
	@echo "Installing the packages that the tests need"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
