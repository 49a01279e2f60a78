// SPDX-License-Identifier: BSD-3-Clause
/* `twinpath exec` alone: exec_tool [--socket PATH] CMD ARGS... */
#include <stdio.h>
#include <string.h>

#include "../exec.h"

int main(int argc, char **argv)
{
	const char *socket = NULL;

	argv++;
	if (argc > 3 && !strcmp(*argv, "--socket")) {
		socket = argv[1];
		argv += 2;
	}
	if (!*argv) {
		fprintf(stderr, "usage: exec_tool [--socket PATH] CMD ARGS\n");
		return 2;
	}
	return twin_exec_run(socket, 0, argv);
}
