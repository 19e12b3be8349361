# Two commands matter: `make run` and `make test`. CONTRIBUTING.md explains the others.

.DEFAULT_GOAL := run
.PHONY: run test check check-long bench lock format lint types imports migrations deploy screenshots messages \
        backup restore runtime development test-sqlite test-postgres test-journeys test-mariadb coverage

PORT ?= 8000
# The first Python that is new enough; `make PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
WORKERS ?= 2
RESULTS := docs/results

# Numerical libraries start a thread for each core; side by side they only get in each other's way.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

# ---------------------------------------------------------------- what there is to run

run: runtime
	@DEMO=$${DEMO:-1} DEBUG=$${DEBUG:-1} exec $(BIN)/python manage.py start --port $(PORT)

test: development
	@rm -f .coverage .coverage.*
	@$(MAKE) --no-print-directory test-sqlite test-postgres test-journeys

check: development format lint types imports migrations deploy test coverage
	@echo "Everything that CI checks is in order."

check-long: check bench
	@TEST_DATABASE=sqlite $(PYTEST) -m long
	@$(MAKE) --no-print-directory test-mariadb

# ---------------------------------------------------------------- the parts of `make check`

format: development
	@$(BIN)/ruff format --check .

lint: development
	@$(BIN)/ruff check .

types: development
	@$(BIN)/mypy

imports: development
	@$(BIN)/lint-imports

migrations: development
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@DJANGO_SETTINGS_MODULE=tests.migration_settings LOG_LEVEL=WARNING $(BIN)/python manage.py lintmigrations

# As a public site would be configured; nothing is read from the developer's own surroundings.
deploy: development
	@env -u REDIS_URL DEBUG=0 DEMO=0 DATA_DIR="$$(mktemp -d)" DATABASE_URL=sqlite://:memory: ALLOWED_HOSTS=kindred.example \
		SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

test-sqlite: development
	@echo "Tests on SQLite"
	@TEST_DATABASE=sqlite $(PYTEST) -n $(WORKERS) -m "not journey and not long" --cov --cov-report= --cov-fail-under=0

# Without what touches no database, or asks the same of pages on both: it would only take its minutes again.
ONCE := tests/ml tests/pages tests/test_readme.py tests/api/test_schema.py tests/surveys/test_evaluation_commands.py \
	tests/recommendations/test_evaluate_command.py tests/recommendations/test_simulate_command.py \
	tests/matchsite/test_container.py tests/matchsite/test_proxies.py

test-postgres: development
	@echo "Tests on PostgreSQL"
	@TEST_DATABASE=postgres $(PYTEST) tests $(addprefix --ignore=,$(ONCE)) -n $(WORKERS) -m "not journey and not long"

test-journeys: development
	@echo "Journeys in a browser"
	@TEST_DATABASE=sqlite $(PYTEST) tests/journeys -n $(WORKERS) -m "not long" -rs

# Accounts, answers, lists and verdicts on Debian's MariaDB, an optional extra.
MARIADB_TESTS := tests/accounts tests/matchsite/test_databases.py tests/surveys/test_answers.py \
	tests/recommendations/test_lists.py tests/recommendations/test_verdicts.py

test-mariadb: development
	@if command -v mariadbd >/dev/null; then \
		echo "Tests on MariaDB"; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-mysql.txt \
		&& TEST_DATABASE=mariadb $(PYTEST) $(MARIADB_TESTS) -m "not journey and not long"; \
	else echo "MariaDB is not installed, so its tests are skipped; on Debian: apt install mariadb-server libmariadb-dev."; fi

coverage: development
	@$(BIN)/coverage report

# ---------------------------------------------------------------- by hand

bench: development
	@mkdir -p $(RESULTS)
	@$(BIN)/python -m bench.ingest
	@$(BIN)/python -m bench.start
	@$(BIN)/python -m bench.servers
	@$(BIN)/python -m bench.factors
	@$(BIN)/python -m bench.retrain
	@$(BIN)/python -m bench.preferences
	@$(BIN)/python -m bench.speed_dating
	@$(BIN)/python -m bench.serving
	@$(BIN)/python -m bench.displayed_score
	@$(BIN)/python -m bench.dashboard
	@$(BIN)/python -m bench.people
	@$(BIN)/python -m bench.lighthouse
	@$(BIN)/python -m bench.simulation

screenshots: development
	@$(BIN)/python -m bench.screenshots

backup: runtime
	@$(BIN)/python manage.py backup

# The newest backup takes the place of what is there; stop the site first.
restore: runtime
	@$(BIN)/python manage.py restore

# What translators begin with, made anew each time and kept out of the repository; translations that exist are brought up to date.
messages: development
	@command -v xgettext >/dev/null || { echo "GNU gettext is missing; on Debian: apt install gettext." >&2; exit 1; }
	@mkdir -p locale
	@$(BIN)/python manage.py makemessages --all --keep-pot --no-obsolete --verbosity 0 \
		--ignore "$(VENV)/*" --ignore "tests/*" --ignore "bench/*" --ignore "data/*" --ignore "templates/admin/*"
	@echo "The texts of the site are in locale/django.pot; CONTRIBUTING.md says how to translate them."

lock: development
	@$(BIN)/pip-compile --quiet --allow-unsafe --strip-extras --no-header --no-emit-index-url --no-emit-find-links --output-file requirements.txt requirements.in
	@$(BIN)/pip-compile --quiet --allow-unsafe --strip-extras --no-header --no-emit-index-url --no-emit-find-links --output-file requirements-dev.txt requirements-dev.in

# ---------------------------------------------------------------- the environment

# Packages are installed only when the pinned list differs from the one that was installed last.
define install
	@cmp -s $(1) $(VENV)/$(1).installed || { \
		echo "Installing $(1), which takes a minute or two."; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --root-user-action ignore -r $(1) \
		&& cp $(1) $(VENV)/$(1).installed; }
endef

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Kindred needs Python 3.11 or newer, and none was found." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt install python3-venv." >&2; exit 1; }

runtime: $(BIN)/python
	$(call install,requirements.txt)

development: runtime
	$(call install,requirements-dev.txt)
