// SPDX-License-Identifier: BSD-3-Clause
/*
 * twinpathd: the Open vSwitch datapath as a DPDK process.
 *
 * Overview
 *
 *	What is started, in which order, and the way back.
 *
 * Synchronisation
 *
 *	main() is the control thread. It starts the workers and the upcall
 *	thread, then serves the socket until a signal ends it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ctl.h"
#include "datapath.h"
#include "detach.h"
#include "eal.h"
#include "genl.h"
#include "genl_ovs.h"
#include "log.h"
#include "loop.h"
#include "nl_server.h"
#include "options.h"
#include "perf.h"
#include "port.h"
#include "probe.h"
#include "psample.h"
#include "rcu.h"
#include "rxq.h"
#include "shadow.h"
#include "survive.h"
#include "upcall.h"
#include "version.h"
#include "worker.h"

/* How long a worker may take for its first packet. */
#define READY_MS 30000

static uint32_t end_signal;

static void signal_ready(struct twin_watch *watch, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	end_signal = info.ssi_signo;
	twin_loop_stop();
}

static void port_event_ready(struct twin_watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	twin_port_events();
}

static struct twin_watch signals = { .fd = -1, .ready = signal_ready };
static struct twin_watch port_events = { .fd = -1, .ready = port_event_ready };

/* Loop hook: free what is due; look again soon while anything waits. */
static int reclaim(void)
{
	return twin_rcu_poll() ? 1 : -1;
}

static int loop_start(void)
{
	sigset_t set;
	int err;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals.fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals.fd < 0)
		return -errno;
	err = twin_loop_init();
	if (!err)
		err = twin_loop_add(&signals, EPOLLIN);
	if (!err)
		err = twin_loop_hook(reclaim);
	if (!err)
		err = twin_loop_hook(twin_datapath_hook);
	if (!err)
		err = twin_loop_hook(twin_port_hook);
	if (!err)
		err = twin_loop_hook(twin_rxq_hook);
	if (!err)
		err = twin_loop_hook(twin_survive_hook);
	if (!err)
		err = twin_loop_hook(twin_probe_watchdog);
	return err;
}

static int watch_ports(void)
{
	port_events.fd = twin_port_event_fd();
	if (port_events.fd < 0)
		return port_events.fd;
	return twin_loop_add(&port_events, EPOLLIN);
}

static void register_families(void)
{
	twin_genl_register(&twin_genl_nlctrl);
	twin_genl_ovs_register(&twin_datapath_ops);
	twin_genl_register(&twin_psample_family);
	twin_genl_register(&twin_ctl_family);
	twin_genl_set_watcher(twin_survive_changed);
}

static void destroy_ports(void)
{
	struct twin_port *port;

	while ((port = twin_port_next(NULL)))
		twin_port_destroy(port);
}

static int fail(const char *what, int err)
{
	twin_log("%s: %s", what, strerror(-err));
	return 1;
}

static int serve(const struct twin_options *opt)
{
	if (twin_nl_server_open(opt->socket, opt->group))
		return 1;
	if (twin_probe_wait(READY_MS))
		return 1;
	if (twin_detach_ready(opt))
		return 1;
	twin_log("version %s answers on %s, %u worker%s", TWIN_VERSION,
		 opt->socket, opt->n_workers, opt->n_workers > 1 ? "s" : "");
	twin_loop_run();
	twin_detach_end(opt);
	return 0;
}

/* Workers, upcall thread and datapaths, around serve(). */
static int run_threads(const struct twin_options *opt)
{
	int err, status = 1;

	if (opt->shadow)
		twin_shadow_enable();
	err = twin_rcu_init(opt->n_workers + 1);
	if (err)
		return fail("grace periods", err);
	err = twin_workers_start(opt->workers, opt->n_workers, opt->idle_sleep);
	if (err)
		return fail("workers", err);
	twin_perf_clear();
	err = twin_upcall_start();
	if (err) {
		fail("upcalls", err);
		goto stop_workers;
	}
	err = twin_datapath_init();
	if (!err)
		err = watch_ports();
	if (!err)
		err = twin_probe_init();
	if (!err && opt->state)
		err = twin_survive_start(opt->state);
	if (err)
		fail("datapaths", err);
	else
		status = serve(opt);
	twin_nl_server_close();
	/* SIGINT: nobody is to go on. */
	twin_survive_end(end_signal != SIGINT);
	twin_datapath_fini();
	twin_probe_fini();
	destroy_ports();
	twin_upcall_stop();
stop_workers:
	twin_rcu_synchronize();
	twin_rcu_poll();
	twin_workers_stop();
	return status;
}

static int run(const struct twin_options *opt)
{
	int err, status;

	err = twin_detach_start(opt);
	if (err)
		return fail("cannot detach", err);
	err = loop_start();
	if (err)
		return fail("cannot start", err);
	register_families();
	if (twin_eal_start(opt))
		return 1;
	status = run_threads(opt);
	twin_eal_stop();
	twin_loop_fini();
	return status;
}

int main(int argc, char **argv)
{
	struct twin_options opt;
	int status;

	status = twin_options_parse(&opt, argc, argv);
	if (status < 0)
		status = run(&opt);
	twin_options_free(&opt);
	return status;
}
