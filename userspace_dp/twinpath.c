// SPDX-License-Identifier: BSD-3-Clause
/*
 * twinpath: the command that manages twinpathd.
 *
 * Overview
 *
 *	One function a command, found by a table; the rest is usage texts.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "twinpath_client.h"
#include "twinpath_show.h"
#include "version.h"

#define SOCKET_HELP                                                   \
	"  --socket PATH  the daemon's socket [$TWINPATH_SOCKET or\n" \
	"                 /run/twinpath/ovs.sock]\n"
#define STATUS_HELP                                                        \
	"\nExit status: 0 done, 1 refused by the daemon, 2 wrong usage,\n" \
	"3 no daemon answers.\n"

/** struct arguments - what follows a command's name. */
struct arguments {
	const char *socket;
	bool json;
	uint32_t mtu;
	int n;
	char **v;
};

/** struct command - e.g. "port add".
 * @words: its name, one or two words
 * @min, @max: how many arguments it takes
 */
struct command {
	const char *words[2];
	const char *help;
	int min, max;
	bool reads;
	int (*run)(const struct arguments *args);
};

static const char main_help[] =
	"Usage: twinpath [--socket PATH] COMMAND [ARGUMENT]...\n"
	"Manages twinpathd, the Open vSwitch datapath as a DPDK process.\n"
	"\n"
	"  port add NAME DEVARGS   make a twin netdev of a DPDK device\n"
	"  port del NAME           remove it\n"
	"  port list [--json]      list all ports of the daemon\n"
	"  stats [--json]          counters of workers and ports, and drops\n"
	"  exec -- CMD ARG...      run a program against the daemon\n"
	"\n" SOCKET_HELP "  --version      print the version and exit\n"
	"  --help         print this, or a command's help, and "
	"exit\n" STATUS_HELP;

static const char add_help[] =
	"Usage: twinpath port add [--mtu BYTES] NAME DEVARGS\n"
	"Makes a twin netdev: what `ovs-dpctl add-if DP NAME` then attaches.\n"
	"\n"
	"  NAME           1 to 15 characters\n"
	"  DEVARGS        a DPDK device: 0000:00:05.0 for a PCI device, or a\n"
	"                 virtual one, such as net_pcap0,iface=eth1,\n"
	"                 net_vhost0,iface=/tmp/vm.sock or net_null0\n"
	"  --mtu BYTES    largest packet above Ethernet [the driver's "
	"choice]\n" SOCKET_HELP STATUS_HELP;

static const char del_help[] =
	"Usage: twinpath port del NAME\n"
	"Removes a twin netdev that is in no datapath.\n\n" SOCKET_HELP
		STATUS_HELP;

static const char list_help[] =
	"Usage: twinpath port list [--json]\n"
	"Lists the daemon's ports: twin netdevs, and those that datapaths\n"
	"made for themselves.\n\n"
	"  --json         as a JSON array\n" SOCKET_HELP STATUS_HELP;

static const char stats_help[] =
	"Usage: twinpath stats [--json]\n"
	"Shows what each worker did (TSC cycles are those of rounds that\n"
	"found packets), counters of each port, and drops by reason.\n\n"
	"  --json         as a JSON object\n" SOCKET_HELP STATUS_HELP;

static const char exec_help[] =
	"Usage: twinpath exec [--socket PATH] [--] CMD [ARG]...\n"
	"Runs an unmodified program, such as ovs-dpctl, ovs-vswitchd or a\n"
	"Python client, against the daemon: its generic netlink goes to the\n"
	"socket, all else is untouched.\n\n" SOCKET_HELP
	"\nExit status: the program's; 127 not found, 126 it can't be started\n"
	"this way, 1 no daemon or no library.\n";

static int request(const struct arguments *args,
		   const struct twinpath_request *request)
{
	struct twinpath_client *client = twinpath_client_open(args->socket);
	int status;

	if (!client)
		return TWINPATH_NO_DAEMON;
	status = twinpath_client_ask(client, request, NULL, NULL);
	twinpath_client_close(client);
	return status;
}

static int port_add(const struct arguments *args)
{
	const struct twinpath_request r = {
		.cmd = TWIN_CTL_PORT_ADD,
		.name = args->v[0],
		.devargs = args->v[1],
		.mtu = args->mtu,
	};

	return request(args, &r);
}

static int port_del(const struct arguments *args)
{
	const struct twinpath_request r = {
		.cmd = TWIN_CTL_PORT_DEL,
		.name = args->v[0],
	};

	return request(args, &r);
}

static int show(const struct arguments *args,
		int (*what)(struct twinpath_client *client, bool json))
{
	struct twinpath_client *client = twinpath_client_open(args->socket);
	int status;

	if (!client)
		return TWINPATH_NO_DAEMON;
	status = what(client, args->json);
	twinpath_client_close(client);
	return status;
}

static int port_list(const struct arguments *args)
{
	return show(args, twinpath_show_ports);
}

static int stats(const struct arguments *args)
{
	return show(args, twinpath_show_stats);
}

static int run_exec(const struct arguments *args)
{
	return twin_exec_run(args->socket, args->v);
}

static const struct command commands[] = {
	{ { "port", "add" }, add_help, 2, 2, false, port_add },
	{ { "port", "del" }, del_help, 1, 1, false, port_del },
	{ { "port", "list" }, list_help, 0, 0, true, port_list },
	{ { "stats" }, stats_help, 0, 0, true, stats },
	{ { "exec" }, exec_help, 1, 1 << 30, false, run_exec },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(const char *what, const char *word)
{
	fprintf(stderr, "twinpath: %s%s%s%s\nTry 'twinpath --help'.\n", what,
		word ? " '" : "", word ? word : "", word ? "'" : "");
	return TWINPATH_USAGE;
}

static int parse_mtu(const char *arg, uint32_t *mtu)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || n < 68 || n > 65535)
		return usage("not an MTU (68 to 65535):", arg);
	*mtu = n;
	return -1;
}

/* Options and arguments behind a command's name. -1 to go on. */
static int parse(const struct command *c, struct arguments *args, int argc,
		 char **argv)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "mtu", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt, status = -1;

	optind = 0;
	while (status < 0 &&
	       (opt = getopt_long(argc, argv, c->run == run_exec ? "+" : "",
				  options, NULL)) != -1) {
		if (opt == 's')
			args->socket = optarg;
		else if (opt == 'j' && c->reads)
			args->json = true;
		else if (opt == 'm' && c->run == port_add)
			status = parse_mtu(optarg, &args->mtu);
		else if (opt == 'h')
			status = fputs(c->help, stdout) < 0;
		else if (opt == '?')
			status = TWINPATH_USAGE;
		else
			status =
				usage("option does not belong to", c->words[0]);
	}
	args->n = argc - optind;
	args->v = argv + optind;
	if (status >= 0)
		return status;
	if (args->n < c->min)
		return usage("arguments are missing for",
			     c->words[1] ? c->words[1] : c->words[0]);
	if (args->n > c->max)
		return usage("unexpected argument", args->v[c->max]);
	return -1;
}

static const struct command *find(int argc, char **argv, int *words)
{
	const struct command *c;

	for (c = commands; c < commands + N_COMMANDS; c++) {
		if (strcmp(argv[0], c->words[0]))
			continue;
		*words = c->words[1] ? 2 : 1;
		if (*words == 1 || (argc > 1 && !strcmp(argv[1], c->words[1])))
			return c;
	}
	return NULL;
}

static bool is_group(const char *word)
{
	const struct command *c;

	for (c = commands; c < commands + N_COMMANDS; c++)
		if (c->words[1] && !strcmp(word, c->words[0]))
			return true;
	return false;
}

/* No command of the table: say what is wrong with it. */
static int unknown(int argc, char **argv)
{
	if (!is_group(argv[0]))
		return usage("unknown command", argv[0]);
	if (argc > 1 && !strcmp(argv[1], "--help"))
		return fputs(main_help, stdout) < 0;
	if (argc > 1)
		return usage("unknown command behind 'port':", argv[1]);
	return usage("one of add, del, list must follow", argv[0]);
}

/* Options before the command. -1 to go on. */
static int parse_first(struct arguments *args, int argc, char **argv)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (opt) {
		case 's':
			args->socket = optarg;
			break;
		case 'v':
			printf("twinpath %s\n", TWIN_VERSION);
			return TWINPATH_OK;
		case 'h':
			fputs(main_help, stdout);
			return TWINPATH_OK;
		default:
			return TWINPATH_USAGE;
		}
	}
	return optind < argc ? -1 : usage("no command given", NULL);
}

int main(int argc, char **argv)
{
	struct arguments args = { 0 };
	const struct command *c;
	int status, words = 0;

	status = parse_first(&args, argc, argv);
	if (status >= 0)
		return status;
	argc -= optind;
	argv += optind;
	c = find(argc, argv, &words);
	if (!c)
		return unknown(argc, argv);
	/* getopt_long() takes the word before the first argument for a name. */
	status = parse(c, &args, argc - words + 1, argv + words - 1);
	return status >= 0 ? status : c->run(&args);
}
