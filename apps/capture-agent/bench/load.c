// SPDX-License-Identifier: Apache-2.0
// Makes system calls on command: reads "MODE N" from standard input, makes bursts of N calls and answers with the
// nanoseconds of processor time that one call took in the best burst. MODE is getppid, or one of the five pairs below,
// whose answer is two numbers: the sending call's, then the receiving one's. Processor time, as the machine may be doing
// other things; bursts with pauses, so that what is measured is the cost to the caller, not the caller and the recorder
// taking turns on a busy processor. "flood N" makes N round trips without a pause.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define BURSTS 20
#define PAUSE_MICROSECONDS 15000
#define BYTES 1024
/* So many messages fit into the socket's buffer. */
#define BATCH 16

static int client, server;
static char bytes[BYTES] = {1};
static struct iovec vector = {bytes, BYTES};
static struct mmsghdr message = {.msg_hdr = {.msg_iov = &vector, .msg_iovlen = 1}};

static int connect_pair(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (void *)&address, length) || listen(listener, 1) || getsockname(listener, (void *)&address, &length))
		return -1;
	client = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(client, (void *)&address, length))
		return -1;
	server = accept(listener, 0, 0);
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return server;
}

static long call_write(void) { return write(client, bytes, BYTES); }
static long call_read(void) { return read(server, bytes, BYTES); }
static long call_writev(void) { return writev(client, &vector, 1); }
static long call_readv(void) { return readv(server, &vector, 1); }
static long call_sendto(void) { return sendto(client, bytes, BYTES, 0, 0, 0); }
static long call_recvfrom(void) { return recvfrom(server, bytes, BYTES, 0, 0, 0); }
static long call_sendmsg(void) { return sendmsg(client, &message.msg_hdr, 0); }
static long call_recvmsg(void) { return recvmsg(server, &message.msg_hdr, 0); }
static long call_sendmmsg(void) { return sendmmsg(client, &message, 1, 0) == 1 ? BYTES : -1; }
static long call_recvmmsg(void) { return recvmmsg(server, &message, 1, 0, 0) == 1 ? BYTES : -1; }

static const struct { const char *mode; long (*egress)(void), (*ingress)(void); } pairs[] = {
	{"write", call_write, call_read},	{"writev", call_writev, call_readv},
	{"sendto", call_sendto, call_recvfrom}, {"sendmsg", call_sendmsg, call_recvmsg},
	{"sendmmsg", call_sendmmsg, call_recvmmsg},
};

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* Nanoseconds of BATCH calls; negative when one failed. */
static double batch_of(long (*call)(void))
{
	double began = now();
	for (int i = 0; i < BATCH; i++)
		if (call() != BYTES)
			return -1;
	return now() - began;
}

static int measure_pair(int which, long count)
{
	double best[2] = {1e18, 1e18};
	for (int burst = 0; burst < BURSTS; burst++) {
		double sum[2] = {0, 0};
		for (long done = 0; done < count; done += BATCH) {
			double out = batch_of(pairs[which].egress), in = batch_of(pairs[which].ingress);
			if (out < 0 || in < 0)
				return 1;
			sum[0] += out / count;
			sum[1] += in / count;
		}
		for (int i = 0; i < 2; i++)
			best[i] = sum[i] < best[i] ? sum[i] : best[i];
		usleep(PAUSE_MICROSECONDS);
	}
	printf("%.2f %.2f\n", best[0], best[1]);
	return 0;
}

static void measure_getppid(long count)
{
	double best = 1e18;
	for (int burst = 0; burst < BURSTS; burst++) {
		double began = now();
		for (long i = 0; i < count; i++)
			syscall(SYS_getppid);
		double each = (now() - began) / count;
		best = each < best ? each : best;
		usleep(PAUSE_MICROSECONDS);
	}
	printf("%.2f\n", best);
}

int main(void)
{
	char mode[16];
	long count;
	if (connect_pair() < 0)
		return 1;
	while (scanf("%15s %ld", mode, &count) == 2) {
		if (strcmp(mode, "getppid") == 0)
			measure_getppid(count);
		for (int i = 0; i < 5; i++)
			if (strcmp(mode, pairs[i].mode) == 0 && measure_pair(i, count) != 0)
				return 1;
		if (strcmp(mode, "flood") == 0) {
			for (long i = 0; i < count; i++)
				if (call_write() != BYTES || call_read() != BYTES)
					return 1;
			puts("done");
		}
		fflush(stdout);
	}
	return 0;
}
