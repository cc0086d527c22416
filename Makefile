# `make` lists what there is. The text after ## is the list.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps build install deb snapshot test lint format man demo bench long faults network sanitize clean

RELEASE := swift build -c release --static-swift-stdlib
SOURCES := Sources Tests Package.swift

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

deps: ## install the Debian packages that are missing
	@scripts/install-deps

build: ## build the programs into .build/release
	$(RELEASE)

# Where `make install` puts things; DESTDIR goes before all of it. What is built is taken from BUILT.
PREFIX ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
BUILT ?= .build/release
# Debian's packages have it in vendor-completions.
ZSHDIR ?= site-functions
# One file, and a link to it for each program: files of their own would each carry the same libraries.
PROGRAMS := dd_post dd_permit dd_seal dd_poll dd_watch dd_subscribe dd_log dd_sara dd_sender dd_winnow dd_switch

install: ## install programs, manual pages, units and examples: make install DESTDIR=… PREFIX=…
	install -D -m 755 "$(BUILT)/dd_all" "$(DESTDIR)$(PREFIX)/lib/dd/dd_all"
	mkdir -p "$(DESTDIR)$(PREFIX)/bin"
	for program in $(PROGRAMS); do ln -sf ../lib/dd/dd_all "$(DESTDIR)$(PREFIX)/bin/$$program"; done
	for page in man/*.[1-8]; do install -D -m 644 "$$page" "$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}"; done
	install -D -m 644 etc/completions/dd.bash "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/dd_post"
	for program in $(filter-out dd_post,$(PROGRAMS)); do \
	    ln -sf dd_post "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$program"; \
	done
	install -D -m 644 etc/completions/_dd "$(DESTDIR)$(PREFIX)/share/zsh/$(ZSHDIR)/_dd"
	install -D -m 644 etc/completions/dd.fish "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/dd_post.fish"
	for program in $(filter-out dd_post,$(PROGRAMS)); do \
	    ln -sf dd_post.fish "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$program.fish"; \
	done
	mkdir -p "$(DESTDIR)$(UNITDIR)"
	for unit in etc/systemd/*; do \
	    sed 's|/usr/local/bin/|$(PREFIX)/bin/|' "$$unit" > "$(DESTDIR)$(UNITDIR)/$${unit##*/}"; \
	    chmod 644 "$(DESTDIR)$(UNITDIR)/$${unit##*/}"; \
	done
	install -D -m 644 etc/sysusers.d/dd.conf "$(DESTDIR)$(PREFIX)/lib/sysusers.d/dd.conf"
	mkdir -p "$(DESTDIR)$(PREFIX)/share/doc/dd/examples"
	cp -R etc/dd/. etc/prometheus etc/web "$(DESTDIR)$(PREFIX)/share/doc/dd/examples"

snapshot: ## Debian packages of the last commit, with a version of its date, into snapshots/
	@scripts/snapshot

deb: ## build the Debian packages, into the folder above: see debian/README.source
	dpkg-buildpackage -us -uc -b -tc

test: deps lint build ## everything that must pass before a change goes in
	scripts/test
	@$(MAKE) --no-print-directory man

lint: ## check the layout of the sources
	swift format lint --strict -r $(SOURCES)

format: ## lay the sources out
	swift format -i -r $(SOURCES)

man: ## check the manual pages
	@shopt -s nullglob; pages=(man/*.[1-8]); (($${#pages[@]} == 0)) || mandoc -T lint -W warning "$${pages[@]}"

demo: deps ## send a folder over a whole switch and compare: make demo DATA=/any/folder
	@scripts/demo $(if $(DATA),"$(DATA)")

bench: deps build ## measure beside curl, rsync, aria2c: make bench PEERS=/a/virtual/environment/with/metpx-sr3 JOBS="post disk"
	@python3 scripts/bench $(if $(PEERS),--peers "$(PEERS)") $(JOBS)

long: deps ## the tests at full size, with more random cases: an hour, best in the background
	DD_TEST_LONG=1 DD_TEST_LIMIT=14400 scripts/test

faults: deps ## disks that are lost, filled and mounted anew, on loop devices: as root, some minutes
	DD_TEST_FAULTS=1 scripts/test 'DiskLossTests|DestinationTests|LimitTests'

network: deps ## rings and chains of switches, 10,000 files, a link that is cut: some minutes (FILES=1000 for less)
	DD_TEST_NETWORK=$(or $(FILES),10000) scripts/test 'RingTests|ChainTests'

sanitize: ## the tests under the address and the thread sanitizer
	scripts/test --sanitize address
	scripts/test --sanitize thread

clean: ## remove what was built
	rm -rf .build .build-address .build-thread
