# Two commands do everything: `make paper` renders the review, `make test` checks the code.
# Both set themselves up from requirements.lock; needed: Python >= 3.11, make, a package registry.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
PROJECT ?= .

.PHONY: audit paper test check demo clean

paper: $(READY)
	@$(VENV)/bin/ipdbook render --project $(PROJECT)

check: $(READY)
	@$(VENV)/bin/ipdbook check --project $(PROJECT)

test: $(READY)
	@echo "== ruff" && $(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@echo "== mypy" && $(VENV)/bin/mypy
	@echo "== import-linter" && $(VENV)/bin/lint-imports
	@echo "== pytest" && $(VENV)/bin/pytest -n auto --dist loadfile

demo: $(READY)
	@$(VENV)/bin/ipdbook demo $(PROJECT)

audit: $(READY)
	@$(VENV)/bin/python tests/audit.py

clean:
	rm -rf _build _output examples/*/_build examples/*/_output

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'ipdbook needs Python 3.11 or later; this is ' + sys.version.split()[0] + '. Name another with: make PYTHON=python3.12')"
	@echo "Setting up $(VENV): once, a minute or two"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $(READY)
