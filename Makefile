# Everything runs from here: `make` lists what there is. Needs Python 3.11 and make; see docs/running.md.

PYTHON = python3.11
UV = uv
ENVIRONMENT = $(PYTHON) weiquan/launcher/environment.py
LAUNCHER = .venv/bin/python -m weiquan.launcher

.DEFAULT_GOAL := help
.PHONY: help run test check fix bench demo-reset manage lock

help:
	@echo 'make run         start the demo: database, web server, worker, beat; Ctrl-C stops it'
	@echo 'make test        everything that must hold; ARGS="tests/launcher -k port" for a part of it'
	@echo 'make check       style, types, layers, migrations, system checks; changes nothing'
	@echo 'make fix         mend style and layout, draw the workflow anew'
	@echo 'make demo-reset  drop the demo database and build it anew'
	@echo 'make manage      manage.py on the demo: make manage ARGS=shell'
	@echo 'make bench       measure, on servers that write to disk as in production'
	@echo 'make lock        write the lock files anew from pyproject.toml (needs uv)'

run:
	@$(ENVIRONMENT) quickstart && exec $(LAUNCHER) run

test:
	@$(ENVIRONMENT) dev && exec $(LAUNCHER) test -- $(ARGS)

check:
	@$(ENVIRONMENT) dev && exec $(LAUNCHER) check

fix:
	@$(ENVIRONMENT) dev && exec $(LAUNCHER) fix

bench:
	@$(ENVIRONMENT) dev && exec $(LAUNCHER) bench -- $(ARGS)

demo-reset:
	@$(ENVIRONMENT) quickstart && exec $(LAUNCHER) demo-reset

manage:
	@$(ENVIRONMENT) quickstart && exec $(LAUNCHER) manage -- $(ARGS)

COMPILE = $(UV) pip compile --quiet --generate-hashes --no-header --no-emit-index-url --universal \
	--python-version 3.11 pyproject.toml

lock:
	@$(COMPILE) --upgrade --output-file requirements.lock
	@$(COMPILE) --upgrade --extra quickstart --output-file requirements-quickstart.lock
	@$(COMPILE) --upgrade --extra quickstart --extra dev --output-file requirements-dev.lock
	@if grep -nE '://' requirements*.lock; then echo 'A lock names an address; it must not.' >&2; exit 1; fi
