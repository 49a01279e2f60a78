// SPDX-License-Identifier: BSD-3-Clause
/*
 * init - process 1 of the test VM
 *
 * Overview
 *	The initramfs holds this program and the modules needed to reach the host's files. It loads
 *	them, mounts the host's root (9p, read-only) under an overlay whose upper half is a tmpfs,
 *	moves there, and runs three programs in turn: guest_module (loads the openvswitch module
 *	under test), the command, guest_module again (unloads it, asks kmemleak). What they print
 *	goes through pipes to two virtio-serial ports, so that the serial console carries the
 *	kernel's log only.
 *
 * Life cycle
 *	The host's half (the program "run") leaves a job directory, a second 9p mount: "config"
 *	(key=value lines), "argv" and "env" (NUL-terminated strings). This half answers in the file
 *	"result" there: "setup N" after loading, "exit N" once the command has ended, "teardown N",
 *	"taint N" and last "done". What is missing from it tells the host how far the VM came. Then
 *	the VM powers off.
 *
 * Synchronisation
 *	One thread. Process 1 also inherits and reaps every orphan.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOT "/new"
#define P9_OPTIONS "trans=virtio,version=9p2000.L,msize=262144"
#define MAX_STRINGS 4096
#define MAX_WRITABLE 16
#define MAX_OPEN_FILES 1048576
#define PORT_WAIT_MS 10000

/* What the host's half asked for, and the way back to it. */
static struct {
	int job; /* the job directory, open since before the move to the new root */
	FILE *result;
	int out, err; /* the virtio-serial ports */
	int child_signals;
	char *cwd, *module, *build, *guest_module, *modules_dir;
	char *writable[MAX_WRITABLE];
	int n_writable;
	char *argv[MAX_STRINGS], *env[MAX_STRINGS];
} vm;

static void __attribute__((noreturn)) power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* Says on the kernel's log, where the host's half looks for it, what went wrong; ends the VM. */
static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...)
{
	int saved = errno, kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char text[256], line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "<3>vm-init: %s: %s\n", text,
		 strerror(saved));
	if (write(kmsg, line, strlen(line)) < 0)
		perror("/dev/kmsg");
	power_off();
}

/* ---- reading what the host's half left ------------------------------------------------------ */

static char *read_file(int dir, const char *name, size_t *size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st))
		die("open %s", name);
	data = malloc(st.st_size + 1);
	for (*size = 0; *size < (size_t)st.st_size; *size += got) {
		got = read(fd, data + *size, st.st_size - *size);
		if (got <= 0)
			die("read %s", name);
	}
	data[*size] = '\0';
	close(fd);
	return data;
}

static void read_strings(const char *name, char **strings)
{
	size_t size, n = 0;
	char *data = read_file(vm.job, name, &size);

	for (char *s = data; s < data + size; s += strlen(s) + 1) {
		if (n == MAX_STRINGS - 1)
			die("%s: more than %d strings", name, MAX_STRINGS - 1);
		strings[n++] = s;
	}
	strings[n] = NULL;
}

static void read_setting(char *line)
{
	static const struct {
		const char *key;
		char **value;
	} settings[] = {
		{ "cwd", &vm.cwd },
		{ "module", &vm.module },
		{ "build", &vm.build },
		{ "guest_module", &vm.guest_module },
		{ "modules_dir", &vm.modules_dir },
	};
	char *value = strchr(line, '=');

	if (!value)
		die("config line without '=': %s", line);
	*value++ = '\0';
	if (!strcmp(line, "writable") && vm.n_writable < MAX_WRITABLE) {
		vm.writable[vm.n_writable++] = value;
		return;
	}
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		if (!strcmp(line, settings[i].key)) {
			*settings[i].value = value;
			return;
		}
	}
	errno = EINVAL;
	die("config key %s", line);
}

static void read_job(void)
{
	int fd = openat(vm.job, "result",
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	size_t size;

	vm.result = fd < 0 ? NULL : fdopen(fd, "a");
	if (!vm.result)
		die("create result");
	setlinebuf(vm.result);
	for (char *line = strtok(read_file(vm.job, "config", &size), "\n");
	     line; line = strtok(NULL, "\n"))
		read_setting(line);
	read_strings("argv", vm.argv);
	read_strings("env", vm.env);
}

/* ---- from the initramfs to the overlay ------------------------------------------------------ */

static void load_modules(void)
{
	FILE *order = fopen("/modules/order", "re");
	char path[256] = "/modules/", *name = path + strlen(path);

	if (!order)
		die("open /modules/order");
	while (fgets(name, sizeof(path) - (name - path), order)) {
		name[strcspn(name, "\n")] = '\0';
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 ||
		    (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
			die("load %s", path);
		close(fd);
	}
	fclose(order);
}

static void mount_at(const char *source, const char *target, const char *type,
		     unsigned long flags, const char *options)
{
	mkdir(target, 0755);
	if (mount(source, target, type, flags, options))
		die("mount %s on %s", type ? type : "bind", target);
}

static void mount_root(void)
{
	mount_at("root", "/lower", "9p", MS_RDONLY, P9_OPTIONS ",cache=loose");
	mount_at("vm-upper", "/rw", "tmpfs", 0, "mode=755,size=75%");
	mkdir("/rw/upper", 0755);
	mkdir("/rw/work", 0755);
	mount_at("vm-root", ROOT, "overlay", 0,
		 "lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work");
}

static void mount_system(void)
{
	static const struct {
		const char *type, *target, *options;
		unsigned long flags;
		bool optional;
	} mounts[] = {
		{ "devtmpfs", "/dev", "mode=755", MS_NOSUID, false },
		{ "devpts", "/dev/pts", "mode=620,gid=5,ptmxmode=666",
		  MS_NOSUID, false },
		{ "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID, false },
		{ "proc", "/proc", NULL, MS_NOSUID, false },
		{ "sysfs", "/sys", NULL, MS_NOSUID, false },
		{ "tmpfs", "/run", "mode=755", MS_NOSUID, false },
		{ "cgroup2", "/sys/fs/cgroup", NULL, MS_NOSUID, true },
		{ "bpf", "/sys/fs/bpf", NULL, MS_NOSUID, true },
		{ "debugfs", "/sys/kernel/debug", NULL, MS_NOSUID, true },
		{ "tracefs", "/sys/kernel/tracing", NULL, MS_NOSUID, true },
		{ "hugetlbfs", "/dev/hugepages", NULL, MS_NOSUID, true },
	};
	char target[64];

	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		snprintf(target, sizeof(target), ROOT "%s", mounts[i].target);
		mkdir(target, 0755);
		if (mount(mounts[i].type, target, mounts[i].type,
			  mounts[i].flags, mounts[i].options) &&
		    !mounts[i].optional)
			die("mount %s on %s", mounts[i].type, target);
	}
}

static void make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

/* The directories shared read-write, and the modules of a kernel that /lib/modules knows not. */
static void mount_shares(void)
{
	char *path, tag[16];
	struct utsname kernel;

	for (int i = 0; i < vm.n_writable; i++) {
		snprintf(tag, sizeof(tag), "writable%d", i);
		if (asprintf(&path, ROOT "%s", vm.writable[i]) < 0)
			die("out of memory");
		make_parents(path);
		mount_at(tag, path, "9p", 0, P9_OPTIONS ",cache=mmap");
		free(path);
	}
	if (!vm.modules_dir)
		return;
	uname(&kernel);
	if (asprintf(&path, ROOT "/lib/modules/%s", kernel.release) < 0)
		die("out of memory");
	make_parents(path);
	mkdir(path, 0755);
	char *source;

	if (asprintf(&source, ROOT "%s", vm.modules_dir) < 0)
		die("out of memory");
	mount_at(source, path, NULL, MS_BIND, NULL);
	free(source);
	free(path);
}

static void move_to_root(void)
{
	if (chdir(ROOT) || mount(".", "/", NULL, MS_MOVE, NULL) ||
	    chroot(".") || chdir("/"))
		die("move to the new root");
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL))
		die("make the mounts shared");
}

/* ---- the machine's small comforts ----------------------------------------------------------- */

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die("write %s", path);
	close(fd);
}

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		die("set lo up");
	close(fd);
}

static void prepare_machine(void)
{
	static const char hostname[] = "twinpath-vm";
	const struct rlimit files = { MAX_OPEN_FILES, MAX_OPEN_FILES };

	sethostname(hostname, strlen(hostname));
	raise_loopback();
	setrlimit(RLIMIT_NOFILE, &files);
	mkdir("/run/lock", 01777);
	mkdir("/run/netns", 0755);
	mkdir("/dev/net", 0755);
	mknod("/dev/net/tun", S_IFCHR | 0666, makedev(10, 200));
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
	write_text("/proc/sys/kernel/sysrq", "1");
}

static int open_port(const char *path)
{
	for (int waited = 0; waited < PORT_WAIT_MS; waited++) {
		int fd = open(path, O_WRONLY | O_CLOEXEC);

		if (fd >= 0)
			return fd;
		usleep(1000);
	}
	die("open %s", path);
}

/* ---- running programs ----------------------------------------------------------------------- */

static void write_all(int fd, const char *data, ssize_t size)
{
	while (size > 0) {
		ssize_t done = write(fd, data, size);

		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (done > 0) {
			data += done;
			size -= done;
		}
	}
}

/* Copies what is there; false at the end of the stream. */
static bool relay(int from, int to)
{
	static char buffer[65536];
	ssize_t size = read(from, buffer, sizeof(buffer));

	if (size > 0)
		write_all(to, buffer, size);
	return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Reaps all that ended; true once @child is among them, with its status as a shell tells it. */
static bool reap(pid_t child, int *status)
{
	struct signalfd_siginfo info;
	bool found = false;
	int raw;
	pid_t pid;

	while (read(vm.child_signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &raw, WNOHANG)) > 0) {
		if (pid == child) {
			found = true;
			*status = WIFEXITED(raw) ? WEXITSTATUS(raw)
						 : 128 + WTERMSIG(raw);
		}
	}
	return found;
}

static void kill_the_rest(void)
{
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/*
 * Serves both pipes until @child ends; ends whatever it left running, so that nobody holds the
 * pipes open any more; then takes what is still in them.
 */
static int serve(pid_t child, int out, int err)
{
	struct pollfd fds[] = {
		{ .fd = out, .events = POLLIN },
		{ .fd = err, .events = POLLIN },
		{ .fd = vm.child_signals, .events = POLLIN },
	};
	int status = 0;

	while (fds[0].fd >= 0 || fds[1].fd >= 0 || fds[2].fd >= 0) {
		poll(fds, 3, -1);
		if (fds[0].revents && !relay(out, vm.out))
			fds[0].fd = -1;
		if (fds[1].revents && !relay(err, vm.err))
			fds[1].fd = -1;
		if (fds[2].revents && reap(child, &status)) {
			kill_the_rest();
			fds[2].fd = -1;
		}
	}
	return status;
}

static void __attribute__((noreturn))
become(char *const argv[], int in, int out, int err)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (chdir(vm.cwd)) {
		fprintf(stderr, "vm/run: cannot enter %s in the VM: %s\n",
			vm.cwd, strerror(errno));
		_exit(126);
	}
	execvpe(argv[0], argv, vm.env);
	fprintf(stderr, "vm/run: cannot run %s: %s\n", argv[0],
		strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Runs @argv to its end. Its stdout goes to @out_port; returns its status as a shell tells it. */
static int run(char *const argv[], int in)
{
	int out[2], err[2], status;
	pid_t child;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (!child)
		become(argv, in, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	status = serve(child, out[0], err[0]);
	close(out[0]);
	close(err[0]);
	return status;
}

static int run_guest_module(const char *verb, int in)
{
	char *argv[] = { vm.guest_module, (char *)verb, vm.module, vm.build,
			 NULL };

	return run(argv, in);
}

static unsigned long read_taint(void)
{
	FILE *file = fopen("/proc/sys/kernel/tainted", "re");
	unsigned long taint = 0;

	if (!file || fscanf(file, "%lu", &taint) != 1)
		die("read /proc/sys/kernel/tainted");
	fclose(file);
	return taint;
}

static void run_job(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int in = openat(vm.job, "stdin", O_RDONLY | O_CLOEXEC);
	int status = run_guest_module("load", null);

	fprintf(vm.result, "setup %d\n", status);
	if (status)
		return;
	fprintf(vm.result, "exit %d\n", run(vm.argv, in < 0 ? null : in));
	fprintf(vm.result, "teardown %d\n", run_guest_module("unload", null));
	fprintf(vm.result, "taint %lu\n", read_taint());
}

static void catch_children(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	vm.child_signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (vm.child_signals < 0)
		die("signalfd");
}

int main(void)
{
	mount_at("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	load_modules();
	mount_at("job", "/job", "9p", 0, P9_OPTIONS ",cache=none");
	vm.job = open("/job", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (vm.job < 0)
		die("open /job");
	read_job();
	mount_root();
	mount_system();
	mount_shares();
	move_to_root();
	prepare_machine();
	catch_children();
	vm.out = open_port("/dev/vport0p1");
	vm.err = open_port("/dev/vport0p2");
	run_job();
	fprintf(vm.result, "done\n");
	fclose(vm.result);
	power_off();
}
