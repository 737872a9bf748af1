# praisonai: `make run` starts the gateway, `make test` proves it. Both need the Swift toolchain and Debian 12; what
# else is missing they install (as root) or name. `make help` lists the rest.

SWIFT ?= swift
BUILD_FLAGS := --explicit-target-dependency-import-check error

# What the build links against, and what tests use besides.
PACKAGES := libcurl4-openssl-dev libyaml-dev libssl-dev libsqlite3-dev zlib1g-dev pkg-config ca-certificates
TEST_PACKAGES := git openssl curl nginx chromium python3-venv python3-lib2to3

.DEFAULT_GOAL := help
.PHONY: help run build release test test-long lint bench docs install-packages install-test-packages clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

run: build ## build, and start the gateway with ./gateway.yaml
	@exec "$$($(SWIFT) build --show-bin-path)/praisonai" gateway start --config gateway.yaml $(ARGS)

build: install-packages ## build everything that runs
	@$(SWIFT) build --product praisonai $(BUILD_FLAGS)

release: install-packages ## build the one file to put on a server: .build/release/praisonai
	@$(SWIFT) build -c release --product praisonai --static-swift-stdlib $(BUILD_FLAGS)

test: install-test-packages lint ## all checks and tests
	@$(SWIFT) build --build-tests $(BUILD_FLAGS)
	@WEBSOCKET_BIN="$$($(SWIFT) build --show-bin-path)" Tests/Autobahn/run --subset
	@SWIFT="$(SWIFT)" .ci/test --skip-build

test-long: install-test-packages ## foreign judges, fuzzing, sanitizers: an hour or two
	@.ci/long $(PARTS)

lint: ## formatting, and what no file may contain
	@.ci/lint

bench: install-packages ## one line for each figure
	@$(SWIFT) run -c release $(BUILD_FLAGS) benchmarks

docs: install-packages ## the documentation of every library, without warnings
	@.ci/docs

install-packages:
	@.ci/packages $(PACKAGES)

install-test-packages:
	@.ci/packages $(PACKAGES) $(TEST_PACKAGES)

clean: ## forget what was built
	@$(SWIFT) package clean
