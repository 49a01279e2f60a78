// SPDX-License-Identifier: BSD-3-Clause
/*
 * twinpath: the command that manages twinpathd.
 *
 * Overview
 *
 *	One function a command, found by a table; the rest is usage texts, which
 *	are the manual.
 */
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "twinpath_client.h"
#include "twinpath_move.h"
#include "twinpath_perf.h"
#include "twinpath_probe.h"
#include "twinpath_rxq.h"
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
	bool clear;
	bool dry_run;
	struct twin_ctl_balance balance;
	uint32_t mtu;
	struct twinpath_move_options move;
	unsigned int wait_ms;
	double timeout;
	int n;
	char **v;
};

/** struct command - e.g. "port add".
 * @words: its name, one or two words
 * @options: letters of those that it takes, beside those that all do
 * @min, @max: how many arguments it takes
 */
struct command {
	const char *words[2];
	const char *help;
	const char *options;
	int min, max;
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
	"  pmd-stats [--json]      packets and cycles of each worker\n"
	"  pmd-perf [--json]       its poll rounds: how many, how long\n"
	"  rxq-show [--json]       which worker polls which receive queue\n"
	"  rxq-rebalance           share queues out anew, by their loads\n"
	"  rxq-auto on|off         do so without being asked, or not\n"
	"  rxq-pin PORT:QUEUE WORKER|any   let one worker poll a queue\n"
	"  rxq-isolate WORKER yes|no       let it poll pinned queues only\n"
	"  copy FROM TO            copy or move a datapath: kernel, twin\n"
	"  save FROM FILE          keep a datapath in a file\n"
	"  restore FILE TO         make it again\n"
	"  probe                   does each worker forward?\n"
	"  exec -- CMD ARG...      run a program against the daemon\n"
	"  help [COMMAND]          what a command does, and how\n"
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

#define PERF_HELP                                              \
	"  --clear        afterwards, count from zero again\n" \
	"  --json         as a JSON array\n" SOCKET_HELP STATUS_HELP

static const char pmd_stats_help[] =
	"Usage: twinpath pmd-stats [--clear] [--json]\n"
	"Shows what each worker did since the daemon began, or since --clear:\n"
	"packets received, and what was found for them (a packet that is\n"
	"recirculated is looked up again), and TSC cycles.\n\n" PERF_HELP;

static const char pmd_perf_help[] =
	"Usage: twinpath pmd-perf [--clear] [--json]\n"
	"Shows the poll rounds of each worker since the daemon began, or "
	"since\n"
	"--clear, and their lengths: a round is how long a packet may wait\n"
	"because its worker does something else. A long one may be the\n"
	"system's doing, which gave the processor to another thread: so those\n"
	"of 32.8 us and more are sorted once more, in the columns on the "
	"right,\n"
	"by the time that the worker had its processor "
	"meanwhile.\n\n" PERF_HELP;

static const char rxq_show_help[] =
	"Usage: twinpath rxq-show [--json]\n"
	"Lists receive queues, the workers that poll them, and what share of "
	"a\n"
	"worker's time each took of late.\n\n"
	"  --json         as a JSON object\n" SOCKET_HELP STATUS_HELP;

static const char rxq_rebalance_help[] =
	"Usage: twinpath rxq-rebalance [--dry-run] [--json]\n"
	"Shares receive queues out to workers, by what they took of late: the\n"
	"heaviest first, each to the worker that has least so far. Pinned "
	"queues\n"
	"stay. Packets of a queue that moves keep their order.\n\n"
	"  --dry-run      only tell what would be moved\n"
	"  --json         as a JSON object\n" SOCKET_HELP STATUS_HELP;

static const char rxq_auto_help[] =
	"Usage: twinpath rxq-auto [OPTION]... on|off\n"
	"Has queues shared out anew whenever that is worth it, or not. What "
	"is\n"
	"not given begins with its default.\n\n"
	"  --load PERCENT         not before a worker is so busy [95]\n"
	"  --improvement PERCENT  nor unless the variance of the workers' "
	"loads\n"
	"                         is lowered by so much [25]\n"
	"  --interval SECONDS     nor more often [60]\n" SOCKET_HELP STATUS_HELP;

static const char rxq_pin_help[] =
	"Usage: twinpath rxq-pin PORT:QUEUE WORKER|any\n"
	"Has a receive queue polled by one worker, until the port goes, or by "
	"any\n"
	"again. Workers and queues are numbered from 0.\n\n" SOCKET_HELP
		STATUS_HELP;

static const char rxq_isolate_help[] =
	"Usage: twinpath rxq-isolate WORKER yes|no\n"
	"An isolated worker is given no queues but those pinned to it. Others\n"
	"that it has leave with the next rebalance.\n\n" SOCKET_HELP STATUS_HELP;

static const char probe_help[] =
	"Usage: twinpath probe [--timeout SECONDS]\n"
	"Has each worker forward a packet of the daemon's own, unseen by\n"
	"users, through all that users' packets go through.\n\n"
	"  --timeout SECONDS  how long that may take [1]\n" SOCKET_HELP
	"\nExit status: 0 all did, 1 a worker did not, 2 wrong usage, 3 no\n"
	"daemon answers.\n";

static const char exec_help[] =
	"Usage: twinpath exec [--wait SECONDS] [--socket PATH] [--] CMD "
	"[ARG]...\n"
	"Runs an unmodified program, such as ovs-dpctl, ovs-vswitchd or a\n"
	"Python client, against the daemon: its generic netlink goes to the\n"
	"socket, all else is untouched.\n\n"
	"  --wait SECONDS when no daemon answers, let the program's calls "
	"wait\n"
	"                 for one so long, instead of failing [0]\n" SOCKET_HELP
	"\nExit status: the program's; 127 not found, 126 it can't be started\n"
	"this way, 1 no daemon or no library.\n";

#define PLACES_HELP                                                           \
	"  FROM, TO       where the datapath is or goes: 'kernel', 'twin' "   \
	"(the\n"                                                              \
	"                 daemon behind --socket), or the path of a socket, " \
	"with\n"                                                              \
	"                 a slash in it\n"
#define WRITE_HELP                                                           \
	"  --replace      delete a datapath of that name that is at TO "     \
	"already;\n"                                                         \
	"                 without this nothing is done then\n"               \
	"  --strict       all or nothing: undo it if anything is not "       \
	"carried\n"                                                          \
	"  --keep-pids    write the upcall port ids of ports and datapath, " \
	"too:\n"                                                             \
	"                 for a controller that is still connected to TO\n"  \
	"  --json         report as a JSON object\n" SOCKET_HELP
#define CARRIED_HELP                                                          \
	"What is carried: name, user features and size of the masks cache;\n" \
	"ports with number, type, name and options; meters; limits of\n"      \
	"connections by zone; flows with UFID, key, mask and actions as "     \
	"they\n"                                                              \
	"are. Counters, connections and clients stay behind. Upcall port "    \
	"ids\n"                                                               \
	"name clients' sockets at FROM: controllers set their own at TO. "    \
	"What\n"                                                              \
	"TO refuses (a device that it doesn't have, an action that it "       \
	"doesn't\n"                                                           \
	"know) is reported, a line each with the reason, and left out. "      \
	"Flows\n"                                                             \
	"come before ports, so that no packet misses on its way. The "        \
	"kernel's\n"                                                          \
	"own module doesn't tell the rates of meters: they can't be read "    \
	"from\n"                                                              \
	"it. Of meters that no flow names, those are read whose ids are "     \
	"below\n"                                                             \
	"the datapath's maximum.\n"
#define MOVE_STATUS_HELP                                                      \
	"\nExit status: 0 all was carried, 4 done, but for what was "         \
	"reported,\n"                                                         \
	"1 not done: nothing is changed, or all is back as it was, 2 wrong\n" \
	"usage, 3 nobody answers at FROM or TO.\n"

static const char copy_help[] =
	"Usage: twinpath copy [OPTION]... FROM TO\n"
	"Copies a whole datapath from one place to another, or moves it.\n"
	"\n" PLACES_HELP
	"  --datapath NAME  which one, where FROM has several\n"
	"  --move         delete it at FROM before it is made at TO, as it "
	"has\n"
	"                 to be where both are in one network namespace: they\n"
	"                 could not have devices of the same name. If it "
	"can't\n"
	"                 be made at TO it is put back\n" WRITE_HELP
	"\n" CARRIED_HELP "\nExamples:\n"
	"  twinpath copy --move kernel twin     # from the module to DPDK\n"
	"  twinpath copy --move twin kernel     # and back\n" MOVE_STATUS_HELP;

static const char save_help[] =
	"Usage: twinpath save [OPTION]... FROM FILE\n"
	"Keeps a whole datapath in a file, from which `twinpath restore` "
	"makes\n"
	"it again. FILE appears, or takes the place of an older one, only "
	"when\n"
	"it is complete.\n"
	"\n" PLACES_HELP
	"  --datapath NAME  which one, where FROM has several\n"
	"  --json         report as a JSON object\n" SOCKET_HELP
	"\nThe file is text, one JSON object a line; its last line has a\n"
	"checksum over the others.\n\n" CARRIED_HELP MOVE_STATUS_HELP;

static const char restore_help[] =
	"Usage: twinpath restore [OPTION]... FILE TO\n"
	"Makes the datapath again that `twinpath save` kept in FILE. The file\n"
	"is checked to its end before anything is changed.\n"
	"\n" PLACES_HELP WRITE_HELP "\n" CARRIED_HELP MOVE_STATUS_HELP;

static const char help_help[] =
	"Usage: twinpath help [COMMAND]\n"
	"Says what a command does, and how: twinpath help copy.\n";

static int usage(const char *what, const char *word)
{
	fprintf(stderr, "twinpath: %s%s%s%s\nTry 'twinpath --help'.\n", what,
		word ? " '" : "", word ? word : "", word ? "'" : "");
	return TWINPATH_USAGE;
}

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

static int pmd(const struct arguments *args,
	       int (*what)(struct twinpath_client *client, bool json))
{
	const struct twinpath_request clear = { .cmd = TWIN_CTL_PERF_CLEAR };
	int status = show(args, what);

	return !status && args->clear ? request(args, &clear) : status;
}

static int pmd_stats(const struct arguments *args)
{
	return pmd(args, twinpath_perf_stats);
}

static int pmd_perf(const struct arguments *args)
{
	return pmd(args, twinpath_perf_rounds);
}

static int rxq_show(const struct arguments *args)
{
	return show(args, twinpath_rxq_show);
}

static int rxq_rebalance(const struct arguments *args)
{
	return show(args,
		    args->dry_run ? twinpath_rxq_plan : twinpath_rxq_rebalance);
}

/* A worker's or queue's number. -1 to go on. */
static int parse_number(const char *arg, uint32_t *number)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || arg[0] == '-' || n > UINT16_MAX)
		return usage("not a number (0 to 65535):", arg);
	*number = n;
	return -1;
}

static int rxq_auto(const struct arguments *args)
{
	struct twin_ctl_balance balance = args->balance;
	const struct twinpath_request r = {
		.cmd = TWIN_CTL_RXQ_BALANCE,
		.balance = &balance,
	};

	if (strcmp(args->v[0], "on") && strcmp(args->v[0], "off"))
		return usage("neither on nor off:", args->v[0]);
	balance.on = !strcmp(args->v[0], "on");
	return request(args, &r);
}

static int rxq_pin(const struct arguments *args)
{
	char *colon = strrchr(args->v[0], ':');
	uint32_t queue, worker;
	struct twinpath_request r = {
		.cmd = TWIN_CTL_RXQ_PIN,
		.name = args->v[0],
		.queue = &queue,
		.worker = &worker,
	};
	int status;

	if (!colon)
		return usage("not PORT:QUEUE:", args->v[0]);
	status = parse_number(colon + 1, &queue);
	*colon = '\0';
	if (status < 0 && !strcmp(args->v[1], "any"))
		r.worker = NULL;
	else if (status < 0)
		status = parse_number(args->v[1], &worker);
	return status < 0 ? request(args, &r) : status;
}

static int rxq_isolate(const struct arguments *args)
{
	uint8_t yes = !strcmp(args->v[1], "yes");
	uint32_t worker;
	const struct twinpath_request r = {
		.cmd = TWIN_CTL_RXQ_ISOLATE,
		.worker = &worker,
		.isolated = &yes,
	};
	int status = parse_number(args->v[0], &worker);

	if (status < 0 && !yes && strcmp(args->v[1], "no"))
		return usage("neither yes nor no:", args->v[1]);
	return status < 0 ? request(args, &r) : status;
}

static int probe(const struct arguments *args)
{
	return twinpath_probe(args->socket, args->timeout ? args->timeout : 1);
}

static int run_exec(const struct arguments *args)
{
	return twin_exec_run(args->socket, args->wait_ms, args->v);
}

/* What the options come to. */
static struct twinpath_move_options move_options(const struct arguments *args)
{
	struct twinpath_move_options options = args->move;

	options.socket = args->socket;
	options.json = args->json;
	return options;
}

static int copy(const struct arguments *args)
{
	const struct twinpath_move_options options = move_options(args);

	return twinpath_move_copy(args->v[0], args->v[1], &options);
}

static int save(const struct arguments *args)
{
	const struct twinpath_move_options options = move_options(args);

	return twinpath_move_save(args->v[0], args->v[1], &options);
}

static int restore(const struct arguments *args)
{
	const struct twinpath_move_options options = move_options(args);

	return twinpath_move_restore(args->v[0], args->v[1], &options);
}

static int help(const struct arguments *args);

static const struct command commands[] = {
	{ { "port", "add" }, add_help, "m", 2, 2, port_add },
	{ { "port", "del" }, del_help, "", 1, 1, port_del },
	{ { "port", "list" }, list_help, "j", 0, 0, port_list },
	{ { "stats" }, stats_help, "j", 0, 0, stats },
	{ { "pmd-stats" }, pmd_stats_help, "jC", 0, 0, pmd_stats },
	{ { "pmd-perf" }, pmd_perf_help, "jC", 0, 0, pmd_perf },
	{ { "rxq-show" }, rxq_show_help, "j", 0, 0, rxq_show },
	{ { "rxq-rebalance" }, rxq_rebalance_help, "jD", 0, 0, rxq_rebalance },
	{ { "rxq-auto" }, rxq_auto_help, "LIN", 1, 1, rxq_auto },
	{ { "rxq-pin" }, rxq_pin_help, "", 2, 2, rxq_pin },
	{ { "rxq-isolate" }, rxq_isolate_help, "", 2, 2, rxq_isolate },
	{ { "copy" }, copy_help, "jdrMSp", 2, 2, copy },
	{ { "save" }, save_help, "jd", 2, 2, save },
	{ { "restore" }, restore_help, "jrSp", 2, 2, restore },
	{ { "probe" }, probe_help, "t", 0, 0, probe },
	{ { "exec" }, exec_help, "w", 1, 1 << 30, run_exec },
	{ { "help" }, help_help, "", 0, 2, help },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

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

static int parse_seconds(const char *arg, double min, double *seconds)
{
	char *end;

	*seconds = strtod(arg, &end);
	if (end == arg || *end || !(*seconds >= min && *seconds <= 3600))
		return usage("not a number of seconds (up to 3600):", arg);
	return -1;
}

static int parse_wait(const char *arg, unsigned int *wait_ms)
{
	double seconds = 0;
	int status = parse_seconds(arg, 0, &seconds);

	*wait_ms = seconds * 1000;
	return status;
}

/* One option. -1 to go on. */
static int take_option(const struct command *c, struct arguments *args, int opt)
{
	if (!strchr("sh?", opt) && !strchr(c->options, opt))
		return usage("option does not belong to", c->words[0]);
	switch (opt) {
	case 's':
		args->socket = optarg;
		break;
	case 'j':
		args->json = true;
		break;
	case 'C':
		args->clear = true;
		break;
	case 'D':
		args->dry_run = true;
		break;
	case 'L':
		return parse_number(optarg, &args->balance.load);
	case 'I':
		return parse_number(optarg, &args->balance.improvement);
	case 'N':
		return parse_number(optarg, &args->balance.interval);
	case 'm':
		return parse_mtu(optarg, &args->mtu);
	case 'w':
		return parse_wait(optarg, &args->wait_ms);
	case 't':
		return parse_seconds(optarg, 0.001, &args->timeout);
	case 'd':
		args->move.datapath = optarg;
		break;
	case 'r':
		args->move.replace = true;
		break;
	case 'M':
		args->move.move = true;
		break;
	case 'S':
		args->move.strict = true;
		break;
	case 'p':
		args->move.keep_pids = true;
		break;
	case 'h':
		return fputs(c->help, stdout) < 0;
	default:
		return TWINPATH_USAGE;
	}
	return -1;
}

/* Options and arguments behind a command's name. -1 to go on. */
static int parse(const struct command *c, struct arguments *args, int argc,
		 char **argv)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "clear", no_argument, NULL, 'C' },
		{ "dry-run", no_argument, NULL, 'D' },
		{ "load", required_argument, NULL, 'L' },
		{ "improvement", required_argument, NULL, 'I' },
		{ "interval", required_argument, NULL, 'N' },
		{ "mtu", required_argument, NULL, 'm' },
		{ "datapath", required_argument, NULL, 'd' },
		{ "replace", no_argument, NULL, 'r' },
		{ "move", no_argument, NULL, 'M' },
		{ "strict", no_argument, NULL, 'S' },
		{ "keep-pids", no_argument, NULL, 'p' },
		{ "wait", required_argument, NULL, 'w' },
		{ "timeout", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt, status = -1;

	optind = 0;
	while (status < 0 &&
	       (opt = getopt_long(argc, argv, c->run == run_exec ? "+" : "",
				  options, NULL)) != -1)
		status = take_option(c, args, opt);
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

static int help(const struct arguments *args)
{
	const struct command *c;
	int words;

	if (!args->n)
		return fputs(main_help, stdout) < 0;
	c = find(args->n, args->v, &words);
	if (!c || words < args->n)
		return usage("no such command:", args->v[args->n - 1]);
	return fputs(c->help, stdout) < 0;
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
	struct arguments args = {
		.balance = { .load = 95, .improvement = 25, .interval = 60 },
	};
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
