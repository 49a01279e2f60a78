# SPDX-License-Identifier: BSD-3-Clause
#
# Twinpath: verbs. `make help` lists them. What is compiled into the kernel
# module stands in Kbuild; each folder says in its build.mk what it adds.

BUILD := $(CURDIR)/build
KVER ?= $(notdir $(lastword $(sort $(wildcard /lib/modules/*-amd64))))
KDIR ?= /lib/modules/$(KVER)/build
CC ?= gcc
CFLAGS_COMMON := -std=gnu11 -O2 -g -fPIC -Wall -Wextra -Werror \
	-Wmissing-prototypes -Wstrict-prototypes -Wpointer-arith -Wvla
PREFIX ?= /usr/local
DESTDIR ?=
MODULE_DIR ?= /lib/modules/$(KVER)/updates
DEPMOD ?= depmod


# Debian packages: what it takes to build, and what the tests add.
DEPS_BUILD := gcc make pkg-config libc6-dev linux-libc-dev \
	linux-headers-amd64 libdpdk-dev libnl-3-dev libnl-genl-3-dev \
	libnl-route-3-dev libjansson-dev zlib1g-dev libcap-ng-dev libsystemd-dev \
	libbpf-dev binutils xz-utils kmod
DEPS_TEST := linux-image-amd64 linux-source-6.1 qemu-system-x86 cpio \
	libcmocka-dev openvswitch-switch openvswitch-switch-dpdk dpdk dpdk-dev \
	openvswitch-source \
	iproute2 iputils-ping iputils-arping tcpdump iperf3 ethtool jq \
	python3 python3-pyroute2 python3-scapy procps netcat-openbsd \
	clang-14 libclang-rt-14-dev llvm-14 clang-format sparse cppcheck

ALL_TARGETS :=
UNIT_TESTS :=
FUZZERS :=
TEST_TARGETS :=

.PHONY: all
all: deps-build
	@$(MAKE) --no-print-directory -j$(shell nproc) build

MODULE_SRC := $(wildcard kmod/*.c kmod/*.h netlink_api/*.c netlink_api/*.h \
	netlink_api/env_kernel/*.h) Kbuild

include $(wildcard netlink_api/build.mk) $(wildcard netlink_api/client/build.mk) \
	$(wildcard userspace_dp/build.mk) $(wildcard ovs_integration/build.mk) \
	$(wildcard netlink_api/selftest/build.mk) \
	$(wildcard userspace_dp/selftest/build.mk) $(wildcard selftests/*/build.mk)

# The module is built from a mirror of symbolic links, so that kbuild's
# objects stay out of the source tree.
$(BUILD)/openvswitch.ko: $(MODULE_SRC) Makefile
	@mkdir -p $(BUILD)/kbuild
	@cp -rsf $(CURDIR)/kmod $(CURDIR)/netlink_api $(CURDIR)/Kbuild $(BUILD)/kbuild/
	@rm -f $(BUILD)/kbuild/*.mod # names objects by absolute paths: a build folder may be a copy
	$(MAKE) -C $(KDIR) M=$(BUILD)/kbuild W=1 KCFLAGS=-Werror modules
	@cp $(BUILD)/kbuild/openvswitch.ko $@

.PHONY: module
module: $(BUILD)/openvswitch.ko ## build build/openvswitch.ko only

ifneq ($(wildcard kmod/main.c),)
ALL_TARGETS += $(BUILD)/openvswitch.ko
endif

.PHONY: build
build: $(ALL_TARGETS)

# $(1): packages. Installs those that are missing, and says which.
define install_missing
	@missing=""; for p in $(1); do \
		dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "installing:$$missing"; \
		if [ "$$(id -u)" != 0 ]; then echo "error: packages are missing; run as root: make deps" >&2; exit 1; fi; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get -qq -o DPkg::Lock::Timeout=300 update && \
		apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $$missing >$(BUILD)/apt.log 2>&1 || \
			{ tail -n 20 $(BUILD)/apt.log >&2; exit 1; }; \
	fi
endef

$(BUILD):
	@mkdir -p $@

.PHONY: deps-build deps
deps-build: | $(BUILD)
	$(call install_missing,$(DEPS_BUILD))

deps: | $(BUILD) ## install the Debian packages that building and testing need
	$(call install_missing,$(DEPS_BUILD) $(DEPS_TEST))

.PHONY: clean
clean: ## remove build/
	rm -rf $(BUILD)

.PHONY: help
help: ## list the verbs
	@printf '%-14s %s\n' 'make' 'build all into build/'
	@grep -hE '^[a-z-]+:.*## ' Makefile */build.mk */*/build.mk | sed -E 's/:.*## /\t/' | \
		awk -F'\t' '{printf "make %-9s %s\n", $$1, $$2}'

.PHONY: check run bench fuzz style install
check: deps ## install what is missing, build, run all tests
	@$(MAKE) --no-print-directory -j$(shell nproc) build tests
	@UNIT_TESTS="$(UNIT_TESTS)" selftests/check

.PHONY: tests
tests: $(UNIT_TESTS) $(FUZZERS) $(TEST_TARGETS)

run: deps ## install what is missing, build, show both datapaths at work
	@$(MAKE) --no-print-directory -j$(shell nproc) build
	@selftests/demo/run

SERVICE := ovs_integration/service

# $(1): mode, $(2): a file that names @PREFIX@, $(3): where below PREFIX
define install_filled
	@install -d $(dir $(DESTDIR)$(PREFIX)/$(3))
	sed 's#@PREFIX@#$(PREFIX)#g' $(SERVICE)/$(2) > $(DESTDIR)$(PREFIX)/$(3)
	@chmod $(1) $(DESTDIR)$(PREFIX)/$(3)
endef

install: ## install programs below PREFIX and the module in place of the kernel's
	install -D -m 755 $(BUILD)/twinpathd $(DESTDIR)$(PREFIX)/sbin/twinpathd
	install -D -m 755 $(BUILD)/twinpath $(DESTDIR)$(PREFIX)/bin/twinpath
	install -D -m 755 $(BUILD)/libtwinpath-nl.so $(DESTDIR)$(PREFIX)/lib/libtwinpath-nl.so
	install -D -m 644 $(BUILD)/openvswitch.ko $(DESTDIR)$(MODULE_DIR)/openvswitch.ko
	$(call install_filled,644,twinpathd.service.in,lib/systemd/system/twinpathd.service)
	$(call install_filled,644,ovs-vswitchd.conf.in,share/twinpath/ovs-vswitchd.conf)
	$(call install_filled,755,twinpath-ovs.in,sbin/twinpath-ovs)
	install -D -m 755 $(SERVICE)/no-module/modprobe $(DESTDIR)$(PREFIX)/lib/twinpath/no-module/modprobe
	install -D -m 644 $(SERVICE)/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/twinpath.conf
	install -D -m 644 $(SERVICE)/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/twinpath.conf
	[ -n "$(DESTDIR)" ] || $(DEPMOD) -a $(KVER)

bench: deps ## measure against testpmd, OVS-DPDK and the stock module
	@$(MAKE) --no-print-directory -j$(shell nproc) build $(BENCH_TARGETS)
	@selftests/bench/run $(BENCH)

style: deps ## check formatting, static analysis and the dependency rule
	@selftests/style
