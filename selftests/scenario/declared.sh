# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Which tests a suite's files declare, and which of them the user wants. A file NN_NAME.sh declares
# a test by a line "# test NAME: what must be seen" and has a function test_NAME. Sourced by the
# program that runs a suite, which has set `here` (the suite's folder) and `wanted` (the beginnings
# of files' or tests' names), and has `fail`.

# Reads what the files declare into `tests`: lines "FILE NAME DESCRIPTION". A test that is declared
# "(alone)" is put at the end, where nothing runs beside it.
collect() {
	local file line with=() alone=()
	for file in "$here"/[0-9][0-9]_*.sh; do
		while read -r line; do
			if [[ $line =~ ^([a-z0-9_]+)\ \(alone\):\ (.*) ]]; then
				alone+=("$(basename "$file" .sh) ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}")
			elif [[ $line =~ ^([a-z0-9_]+):\ (.*) ]]; then
				with+=("$(basename "$file" .sh) ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}")
			else
				fail "$file declares '$line'"
			fi
		done < <(sed -n 's/^# test //p' "$file")
	done
	tests=("${with[@]}" "${alone[@]}")
	first_alone=${#with[@]}
	((${#tests[@]})) || fail "no tests in $here"
}

# is_named FILE NAME [BEGINNING...]: is one of these the beginning of either?
is_named() {
	local file=$1 name=$2 want
	for want in "${@:3}"; do
		[[ $file == "$want"* || $name == "$want"* ]] && return 0
	done
	return 1
}

is_wanted() {
	((${#wanted[@]} == 0)) || is_named "$1" "$2" "${wanted[@]}"
}

# check_wanted [BEGINNING...]: a test's name that selects nothing is a mistake, not a test run that passed.
check_wanted() {
	local want entry found
	for want; do
		found=no
		for entry in "${tests[@]}"; do
			read -r file name _ <<< "$entry"
			! is_named "$file" "$name" "$want" || found=yes
		done
		[[ $found == yes ]] || fail "no test is named '$want' (--list shows all)"
	done
}
