// SPDX-License-Identifier: Apache-2.0
// Makes system calls on command: reads "MODE N" from standard input, makes bursts of N calls and answers with the
// nanoseconds of processor time that one call took in the best burst. MODE is getppid, or one of the five pairs below,
// whose answer is two numbers: the sending call's, then the receiving one's. Processor time, as the machine may be doing
// other things; bursts with pauses, so that what is measured is the cost to the caller, not the caller and the recorder
// taking turns on a busy processor. "flood N" makes N round trips without a pause; "peek N RATE" looks N times at the same
// kilobyte, RATE times a second as far as it can, and answers with how many a second it made: a look is an event like a
// read, and takes the program the least time.
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

/* Many short ones: on a busy machine some of them are not interrupted. */
#define BURSTS 200
#define PAUSE_MICROSECONDS 2000
#define BYTES 1024
/* So many messages fit into the socket's buffer. */
#define BATCH 16

static int client, server;
static char bytes[BYTES];
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

static double read_clock(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static double now(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

/* What it takes to read the clock, which is a system call, too. */
static double reading_of_clock(void)
{
	double best = 1e18;
	for (int i = 0; i < 20; i++) {
		double began = now(), each = now() - began;
		best = each < best ? each : best;
	}
	return best;
}

/* Nanoseconds of BATCH calls and of reading the clock; negative when one failed. */
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
		double sum[2] = {0, 0}, reading = reading_of_clock();
		for (long done = 0; done < count; done += BATCH) {
			double out = batch_of(pairs[which].egress), in = batch_of(pairs[which].ingress);
			if (out < 0 || in < 0)
				return 1;
			sum[0] += (out - reading) / count;
			sum[1] += (in - reading) / count;
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

/* An answer as a server gives it. */
static void fill_bytes(void)
{
	int at = sprintf(bytes, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 937\r\n\r\n[");
	for (unsigned i = 1; at < BYTES - 64; i++)
		at += sprintf(bytes + at, "{\"id\":%u,\"name\":\"item %x\",\"price\":%u},", i * 7919, i * 2654435761u, i * 40503 % 9973);
	memset(bytes + at, ' ', BYTES - at);
	bytes[BYTES - 1] = ']';
}

/* Four at a time: the clock costs as much as a twentieth of a look. */
static int peek(long count, double per_second)
{
	if (call_write() != BYTES)
		return 1;
	double began = read_clock(CLOCK_MONOTONIC);
	for (long done = 0; done < count; done += 4) {
		while ((read_clock(CLOCK_MONOTONIC) - began) / 1e9 * per_second < done)
			;
		for (int i = 0; i < 4; i++)
			if (recv(server, bytes, BYTES, MSG_PEEK) != BYTES)
				return 1;
	}
	double seconds = (read_clock(CLOCK_MONOTONIC) - began) / 1e9;
	if (call_read() != BYTES)
		return 1;
	printf("%.0f\n", count / seconds);
	return 0;
}

int main(void)
{
	char mode[16];
	long count, rate;
	fill_bytes();
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
		if (strcmp(mode, "peek") == 0 && (scanf("%ld", &rate) != 1 || peek(count, rate) != 0))
			return 1;
		fflush(stdout);
	}
	return 0;
}
