// SPDX-License-Identifier: Apache-2.0
// Makes system calls on command: reads "tcp N" or "getppid N" from standard input, makes bursts of N calls and answers
// with the nanoseconds of processor time that one call took in the best burst. Processor time, as the machine may be
// doing other things; bursts with pauses, so that what is measured is the cost to the caller, not the caller and the
// recorder taking turns on a busy processor.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BURSTS 20
#define PAUSE_MICROSECONDS 15000

static int client, server;

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

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static int make_calls(int is_tcp, long count, char bytes[1024])
{
	for (long i = 0; i < count; i++) {
		if (!is_tcp)
			syscall(SYS_getppid);
		else if (write(client, bytes, 1024) != 1024 || read(server, bytes, 1024) != 1024)
			return -1;
	}
	return 0;
}

int main(void)
{
	char mode[16], bytes[1024] = {1};
	long count;
	if (connect_pair() < 0)
		return 1;
	while (scanf("%15s %ld", mode, &count) == 2) {
		int is_tcp = strcmp(mode, "tcp") == 0;
		double best = 1e18;
		for (int burst = 0; burst < BURSTS; burst++) {
			double began = now();
			if (make_calls(is_tcp, count, bytes) != 0)
				return 1;
			double each = (now() - began) / count;
			best = each < best ? each : best;
			usleep(PAUSE_MICROSECONDS);
		}
		/* A round trip over TCP is two calls. */
		printf("%.2f\n", is_tcp ? best / 2 : best);
		fflush(stdout);
	}
	return 0;
}
