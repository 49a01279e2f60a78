# SPDX-License-Identifier: BSD-3-Clause
# What each target's Makefile includes. It has set TEST_PROGS: the programs to
# run, which print TAP and exit with 0, or with 4 when they can't run here.

KSELFTEST_RUNNER := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))kselftest/runner

.PHONY: all run_tests
all:

run_tests:
	@$(KSELFTEST_RUNNER) $(notdir $(CURDIR)) $(TEST_PROGS)
