# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Everything from a fresh clone: `make search`, `make test`. The environment .venv is built on first use.

WORKDIR ?= runs/digits
JOBS ?= 2
BAZEL ?= $(or $(shell command -v bazel 2>/dev/null),$(shell command -v bazel-4 2>/dev/null))
BIN := .venv/bin
export PYTHONPATH := $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help search test quick docs bazel lint clean

help: ## say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18
	@echo "PYTHON=... chooses the Python of .venv, WORKDIR=... the folder of the run."

search: .venv/.installed ## search on the handwritten digits; again: continue, or say that it is finished
	$(BIN)/python -m snas_tf.main --mode=search --workdir=$(WORKDIR)

test: lint ## lint, then run all tests
	$(BIN)/python -m pytest --numprocesses=$(JOBS) --dist=loadfile --no-loadscope-reorder

quick: lint ## lint, then run the tests that take no second: a few minutes instead of a part of an hour
	$(BIN)/python -m pytest --numprocesses=$(JOBS) --dist=loadfile -m "not slow"

docs: .venv/.installed ## build the documentation site, docs/_build/html; any warning is an error
	$(BIN)/python -m sphinx --builder=html --fail-on-warning --keep-going --quiet docs docs/_build/html

# Bazel takes its Python from the PATH; the tests of size small are about a minute's.
bazel: .venv/.installed ## query and build all Bazel targets, run the small tests in its sandbox
	@if [ -z "$(BAZEL)" ]; then \
	  echo "make: no Bazel found; install one (as root: apt-get install bazel-bootstrap)" \
	    "or name it: make bazel BAZEL=/path/to/bazel" >&2; exit 1; \
	fi; \
	unset PYTHONPATH; export PATH="$(CURDIR)/$(BIN):$$PATH"; trap '"$(BAZEL)" shutdown' EXIT; \
	"$(BAZEL)" query --noshow_progress //... && \
	"$(BAZEL)" build --noshow_progress //... && \
	"$(BAZEL)" run --noshow_progress //:main -- --help >/dev/null && \
	"$(BAZEL)" test --noshow_progress --test_size_filters=small //...

lint: .venv/.installed ## check style, format, and the types of the public names
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean: ## remove the environment and all caches; runs stay
	rm -rf .venv build dist docs/_build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last, so an installation that was interrupted is done again.
.venv/.installed: requirements.lock
	@python="$(PYTHON)"; \
	for candidate in $${python:-python3.13 python3.12 python3.11 python3}; do \
	  if $$candidate -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	    >/dev/null 2>&1; then python=$$candidate; found=yes; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "make: no Python >= 3.11 with venv found (tried: $${python:-python3.13 python3.12 python3.11 python3});" \
	    "install one or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	echo "Building .venv with $$python: a few minutes, once."; \
	$$python -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@
