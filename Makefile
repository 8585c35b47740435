# Unrolled: one command for each thing one does here. `make` alone lists them.
# Works with GNU make from 3.81 (macOS) on. Make is only a convenience: every recipe is one line
# that you can type yourself in an activated environment.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VISION := .venv-vision
ARGS ?=

SITE := $(VENV)/.stamp-site
DEV := $(VENV)/.stamp-dev
NPM := tests/site/node_modules/.stamp
APPENDIX := $(VISION)/.stamp-vision

.DEFAULT_GOAL := help
.SUFFIXES:
.PHONY: serve site offline test test-pages test-programs test-vision test-faults coverage mutants reproduce oldest newest lint bench lock clean distclean help FORCE

export NO_MKDOCS_2_WARNING := 1

# Only the goals that use the environment pay for looking at the interpreters.
ifneq ($(filter serve site offline test test-pages test-programs test-faults coverage mutants reproduce oldest newest lint bench lock,$(MAKECMDGOALS)),)

VERSION_OF = -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
HAVE := $(shell $(BIN)/python $(VERSION_OF))
# Without an explicit PYTHON the environment that is there is the one to use.
ifneq ($(origin PYTHON),file)
WANT := $(shell $(PYTHON) $(VERSION_OF))
else
WANT := $(HAVE)
endif
ifeq ($(HAVE),)
RENEW := FORCE
else ifneq ($(HAVE),$(WANT))
RENEW := FORCE
endif

# A build of one commit is the same to the byte whenever it is made.
ifndef SOURCE_DATE_EPOCH
EPOCH := $(shell git log -1 --format=%ct 2>/dev/null)
ifneq ($(EPOCH),)
export SOURCE_DATE_EPOCH := $(EPOCH)
endif
endif

endif

serve: $(SITE) ## Serve the site on http://127.0.0.1:8000 and rebuild what you edit
	$(BIN)/mkdocs serve --dev-addr 127.0.0.1:8000 $(ARGS)

site: $(SITE) ## Build the site into site/; any failing block or broken link stops it
	$(BIN)/mkdocs build --strict $(ARGS)

offline: $(SITE) ## Build the site as unrolled-offline.zip: a folder that needs no server
	$(BIN)/mkdocs build --strict --config-file mkdocs-offline.yml $(ARGS)

test: $(DEV) $(NPM) ## Run the tests on all cores; choose some with ARGS="-k rnn"
	$(BIN)/python -m pytest -n logical --dist worksteal $(ARGS)

test-pages: $(DEV) $(NPM) ## Let axe and Lighthouse see every page; takes long
	$(BIN)/python -m pytest tests/site -m audit --audits $(ARGS)

test-vision: $(APPENDIX) ## Make the environment of the appendix on vision; run its tests and its page
	$(VISION)/bin/python -m pytest tests/vision $(ARGS)

test-programs: $(DEV) ## Run every program and every chapter's files as a reader has them; takes long
	$(BIN)/python -m pytest tests/programs $(ARGS)

test-faults: $(DEV) ## Kill, damage and fill up small builds at twenty points of each kind; takes long
	$(BIN)/python -m pytest -n logical tests/faults --points 20 $(ARGS)

coverage: $(DEV) $(NPM) ## Run the tests and show which branches none of them takes; takes longer
	$(BIN)/coverage run -m pytest -n logical --dist worksteal $(ARGS)
	$(BIN)/coverage combine --quiet
	rm -f .coverage.* # torn ones, of processes that tests killed
	$(BIN)/coverage report

mutants: $(DEV) ## Change the numeric core and the cache key in a thousand ways: do the tests see it? Takes long
	$(BIN)/python .ci/mutants.py $(ARGS)

reproduce: $(DEV) ## Build the newest commit twice, in unlike surroundings; any byte that differs fails
	$(BIN)/python -m tests.reproduce

oldest: $(DEV) ## Test and build with the oldest releases that pyproject.toml allows; takes long
	$(BIN)/python .ci/versions.py oldest

newest: $(DEV) ## The same with the newest ones
	$(BIN)/python .ci/versions.py newest

lint: $(DEV) ## Check style, types and the workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/zizmor --offline --quiet --pedantic .github

bench: $(DEV) ## Measure the build and the network against their targets
	$(BIN)/python -m tests.bench $(ARGS)

lock: $(DEV) ## Write the pins again from pyproject.toml; ARGS=--upgrade takes newer releases
	$(BIN)/python .ci/lock.py $(ARGS)

clean: ## Remove what builds, tests and tools made
	rm -rf site site-offline unrolled-offline.zip .site-* .cache build .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find code tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the environments, too
	rm -rf $(VENV) $(VENV)-* tests/site/node_modules code/*.egg-info

help: ## Show this list
	@echo 'make TARGET, where TARGET is one of:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' Makefile
	@echo 'PYTHON=python3.12 make TARGET chooses the interpreter (3.11 to 3.14).'

# A stamp is written last, so an interrupted installation is taken up again the next time.
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet

$(SITE): requirements.txt pyproject.toml $(RENEW)
	@$(if $(RENEW),,test -x $(BIN)/pip ||) { { $(CHECK_PYTHON); } >&2; \
	  rm -rf $(VENV); $(PYTHON) -m venv $(VENV); }
	@echo 'Installing what the site needs into $(VENV) (the first time this takes minutes) ...'
	@$(PIP) install -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(SITE)
	@echo 'Installing what tests and linters need into $(VENV) ...'
	@$(PIP) install -r requirements-dev.txt
	@touch $@

# Node and npm are among what tests need.
$(NPM): tests/site/package-lock.json $(DEV)
	@echo 'Installing what tests of the pages need into tests/site/node_modules ...'
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --prefix tests/site
	@touch $@

$(APPENDIX): requirements-vision.txt pyproject.toml
	@test -x $(VISION)/bin/python && test -x $(VISION)/bin/pip || { { $(CHECK_PYTHON); } >&2; \
	  rm -rf $(VISION); $(PYTHON) -m venv $(VISION); }
	@echo 'Installing what the appendix on vision needs into $(VISION) (this takes minutes) ...'
	@$(VISION)/bin/python -m pip --disable-pip-version-check --quiet install -r requirements-vision.txt
	@touch $@

define CHECK_PYTHON
command -v $(PYTHON) >/dev/null || { \
	  echo 'Unrolled needs Python 3.11 to 3.14, but there is no command "$(PYTHON)".'; \
	  echo 'Choose another one: PYTHON=python3.12 make $(MAKECMDGOALS)'; exit 1; }; \
  $(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || { \
	  echo "Unrolled needs Python 3.11 to 3.14, but $(PYTHON) is $$($(PYTHON) -V 2>&1)."; \
	  echo 'Choose another one: PYTHON=python3.12 make $(MAKECMDGOALS)'; exit 1; }; \
  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'Unrolled keeps its packages in a virtual environment, but $(PYTHON) cannot make one:'; \
	  echo 'it has no module venv or ensurepip. On Debian and Ubuntu: apt install python3-venv'; exit 1; }
endef
