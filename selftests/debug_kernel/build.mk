# SPDX-License-Identifier: BSD-3-Clause
# The debug kernel, our modules built for it, and what runs on it. The kernel
# itself is kept outside the tree (see README.md): `build` says where.

DEPS_DEBUG := bc bison flex libelf-dev libssl-dev perl

DEBUG_BUILD := $(BUILD)/debug
DEBUG_MODULES := $(DEBUG_BUILD)/openvswitch.ko $(DEBUG_BUILD)/ovsnl_selftest.ko
DEBUG_KBUILD = $(MAKE) -C $$(selftests/debug_kernel/build)/build

$(DEBUG_BUILD)/openvswitch.ko: $(MODULE_SRC) selftests/debug_kernel/config
	@mkdir -p $(DEBUG_BUILD)/kbuild
	@cp -rsf $(CURDIR)/kmod $(CURDIR)/netlink_api $(CURDIR)/Kbuild $(DEBUG_BUILD)/kbuild/
	@rm -f $(DEBUG_BUILD)/kbuild/*.mod # names objects by absolute paths: a build folder may be a copy
	$(DEBUG_KBUILD) M=$(DEBUG_BUILD)/kbuild KCFLAGS=-Werror modules
	@cp $(DEBUG_BUILD)/kbuild/openvswitch.ko $@

$(DEBUG_BUILD)/ovsnl_selftest.ko: $(OVSNL_SELFTEST_KO_SRC) selftests/debug_kernel/config
	@rm -rf $(DEBUG_BUILD)/kbuild_selftest && mkdir -p $(DEBUG_BUILD)/kbuild_selftest
	@cp -rs $(CURDIR)/netlink_api $(CURDIR)/netlink_api/selftest/kernel/Kbuild \
		$(DEBUG_BUILD)/kbuild_selftest/
	$(DEBUG_KBUILD) M=$(DEBUG_BUILD)/kbuild_selftest KCFLAGS=-Werror modules
	@cp $(DEBUG_BUILD)/kbuild_selftest/ovsnl_selftest.ko $@

.PHONY: deps-debug debug-kernel debug-modules check-debug
deps-debug: deps
	$(call install_missing,$(DEPS_DEBUG))

debug-kernel: deps-debug ## build the debug kernel, unless that was done before
	@selftests/debug_kernel/build

debug-modules: $(DEBUG_MODULES)

check-debug: debug-kernel ## run the kernel module's tests on the debug kernel
	@$(MAKE) --no-print-directory -j$(shell nproc) build tests debug-modules
	@selftests/check --debug
