// SPDX-License-Identifier: Apache-2.0
// Both ends of a loopback connection in one process, one call after the other, for tests that compare what was recorded.
// Usage: traffic v4|v6|mapped|udp|udp6|large BYTES|peek|farewell|burst COUNT [FILE]|noise FILE|threads COUNT|sockets COUNT|exec|serve PORT|unix [PATH]|pair|sendfile FILE|splice
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

/* An IPv4 listener reached through an IPv6 socket when `mapped`. */
static void connect_pair(int family, int mapped, int *client, int *server)
{
	struct sockaddr_storage address = {.ss_family = family};
	socklen_t length = sizeof(address);
	if (family == AF_INET)
		((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
	int listener = socket(family, SOCK_STREAM, 0);
	must(bind(listener, (void *)&address, length) == 0 && listen(listener, 1) == 0, "listen");
	must(getsockname(listener, (void *)&address, &length) == 0, "getsockname");
	if (mapped) {
		in_port_t port = ((struct sockaddr_in *)&address)->sin_port;
		struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = port};
		inet_pton(AF_INET6, "::ffff:127.0.0.1", &six.sin6_addr);
		memcpy(&address, &six, sizeof(six));
		length = sizeof(six);
	}
	*client = socket(mapped ? AF_INET6 : family, SOCK_STREAM, 0);
	must(connect(*client, (void *)&address, length) == 0, "connect");
	*server = accept(listener, 0, 0);
	must(*server >= 0, "accept");
	close(listener);
}

static void fill(struct iovec *parts, char *bytes, int count, size_t each)
{
	for (int i = 0; i < count; i++)
		parts[i] = (struct iovec){bytes + i * each, each};
}

/* Each of the five egress calls, answered by each of the five ingress calls. */
static void all_calls(int client, int server)
{
	char in[64];
	struct iovec parts[3], in_parts[2];
	must(write(client, "write", 5) == 5 && read(server, in, 64) == 5, "write, read");
	fill(parts, "wri" "tev", 2, 3);
	fill(in_parts, in, 2, 4);
	must(writev(client, parts, 2) == 6 && readv(server, in_parts, 2) == 6, "writev, readv");
	must(sendto(client, "sendto", 6, 0, 0, 0) == 6 && recvfrom(server, in, 64, 0, 0, 0) == 6, "sendto, recvfrom");
	fill(parts, "sen" "dms" "g!!", 3, 3);
	struct msghdr out = {.msg_iov = parts, .msg_iovlen = 3}, back = {.msg_iov = in_parts, .msg_iovlen = 2};
	fill(in_parts, in, 2, 8);
	must(sendmsg(client, &out, 0) == 9 && recvmsg(server, &back, 0) == 9, "sendmsg, recvmsg");
	struct iovec one = {"first", 5}, two = {"second", 6};
	struct mmsghdr many[2] = {{.msg_hdr = {.msg_iov = &one, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &two, .msg_iovlen = 1}}};
	must(sendmmsg(client, many, 2, 0) == 2, "sendmmsg");
	struct iovec five = {in, 5}, six = {in + 5, 6};
	struct mmsghdr more[2] = {{.msg_hdr = {.msg_iov = &five, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &six, .msg_iovlen = 1}}};
	must(recvmmsg(server, more, 2, 0, 0) == 2, "recvmmsg");
}

static void datagrams(int family)
{
	struct sockaddr_storage address = {.ss_family = family}, from;
	socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	char in[64];
	if (family == AF_INET)
		((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
	int server = socket(family, SOCK_DGRAM, 0), client = socket(family, SOCK_DGRAM, 0);
	must(bind(server, (void *)&address, length) == 0, "bind");
	must(getsockname(server, (void *)&address, &length) == 0, "getsockname");
	socklen_t from_length = sizeof(from);
	must(sendto(client, "ask", 3, 0, (void *)&address, length) == 3, "sendto");
	must(recvfrom(server, in, 64, 0, (void *)&from, &from_length) == 3, "recvfrom");
	struct iovec part = {"answer", 6}, room = {in, 64};
	struct msghdr out = {.msg_name = &from, .msg_namelen = from_length, .msg_iov = &part, .msg_iovlen = 1};
	struct msghdr back = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &room, .msg_iovlen = 1};
	must(sendmsg(server, &out, 0) == 6 && recvmsg(client, &back, 0) == 6, "sendmsg, recvmsg");
	must(connect(client, (void *)&address, length) == 0, "connect");
	must(write(client, "connected", 9) == 9 && read(server, in, 64) == 9, "write, read");
	close(client);
	close(server);
}

static void large(size_t length)
{
	int client, server;
	char *bytes = malloc(length);
	connect_pair(AF_INET, 0, &client, &server);
	for (size_t i = 0; i < length; i++)
		bytes[i] = 'a' + i % 26;
	must(write(client, bytes, length) == (ssize_t)length, "write");
	for (size_t at = 0; at < length;) {
		ssize_t n = read(server, bytes + at, length - at);
		must(n > 0, "read");
		at += n;
	}
}

static void peek(void)
{
	int client, server;
	char in[8];
	connect_pair(AF_INET, 0, &client, &server);
	must(recv(server, in, 8, MSG_DONTWAIT) < 0 && errno == EAGAIN, "recv");
	must(write(client, "twice", 5) == 5, "write");
	must(recv(server, in, 8, MSG_PEEK) == 5 && recv(server, in, 8, 0) == 5, "recv");
}

/* Ends the connection, the client first, and returns how many segments were sent again. */
static int take_leave(int client, int server)
{
	char in[1];
	struct tcp_info near = {0}, far = {0};
	socklen_t near_length = sizeof(near), far_length = sizeof(far);
	must(shutdown(client, SHUT_WR) == 0 && read(server, in, 1) == 0, "shutdown, read");
	must(shutdown(server, SHUT_WR) == 0 && read(client, in, 1) == 0, "shutdown, read");
	must(getsockopt(client, IPPROTO_TCP, TCP_INFO, &near, &near_length) == 0, "getsockopt");
	must(getsockopt(server, IPPROTO_TCP, TCP_INFO, &far, &far_length) == 0, "getsockopt");
	close(client);
	close(server);
	return near.tcpi_total_retrans + far.tcpi_total_retrans;
}

/* Into a file: how many writes there were, and segments that were sent again. */
static void report(const char *path, int count, int sent_again)
{
	FILE *file = fopen(path, "w");
	must(file && fprintf(file, "%d %d", count, sent_again) > 0 && fclose(file) == 0, path);
}

static void burst(int count, const char *told)
{
	int client, server;
	char bytes[512] = {1};
	connect_pair(AF_INET, 0, &client, &server);
	for (int i = 0; i < count; i++)
		must(write(client, bytes, 512) == 512 && recv(server, bytes, 512, MSG_WAITALL) == 512, "write, recv");
	int sent_again = take_leave(client, server);
	if (told)
		report(told, count, sent_again);
}

/* Bytes that do not compress, until the file is there; then reports into it. */
static void noise(const char *until)
{
	int client, server, count = 0;
	char bytes[512];
	connect_pair(AF_INET, 0, &client, &server);
	do {
		for (int k = 0; k < 512; k++)
			bytes[k] = rand();
		must(write(client, bytes, 512) == 512 && recv(server, bytes, 512, MSG_WAITALL) == 512, "write, recv");
		count++;
	} while (access(until, F_OK) != 0);
	report(until, count, take_leave(client, server));
}

static pthread_barrier_t all_there;

static void *talk_to_itself(void *text)
{
	int pair[2];
	char in[16];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	pthread_barrier_wait(&all_there);
	ssize_t length = strlen(text);
	must(write(pair[0], text, length) == length && read(pair[1], in, sizeof(in)) == length, "write, read");
	/* None ends before all have begun: each has an id of its own. */
	pthread_barrier_wait(&all_there);
	return 0;
}

/* Each thread says its number once. */
static void threads(int count)
{
	pthread_t *ids = calloc(count, sizeof(*ids));
	char(*texts)[16] = calloc(count, sizeof(*texts));
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	pthread_barrier_init(&all_there, 0, count);
	for (int i = 0; i < count; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%d", i);
		must(pthread_create(&ids[i], &small, talk_to_itself, texts[i]) == 0, "pthread_create");
	}
	for (int i = 0; i < count; i++)
		pthread_join(ids[i], 0);
}

/* Opens them, says so, waits for a line, and uses each pair once. */
static void sockets(int count)
{
	int(*pairs)[2] = calloc(count / 2, sizeof(*pairs));
	char in[16];
	for (int i = 0; i < count / 2; i++)
		connect_pair(AF_INET, 0, &pairs[i][0], &pairs[i][1]);
	puts("open");
	fflush(stdout);
	must(fgets(in, sizeof(in), stdin) != 0, "fgets");
	for (int i = 0; i < count / 2; i++)
		must(write(pairs[i][0], "x", 1) == 1 && read(pairs[i][1], in, 1) == 1, "write, read");
	puts("used");
	fflush(stdout);
}

/* Becomes another program between two messages of one connection. */
static void become(char *program)
{
	int client, server;
	char ends[2][16];
	connect_pair(AF_INET, 0, &client, &server);
	must(write(client, "before", 6) == 6, "write");
	snprintf(ends[0], 16, "%d", client);
	snprintf(ends[1], 16, "%d", server);
	execl(program, program, "go-on", ends[0], ends[1], (char *)0);
}

static void go_on(int client, int server)
{
	char in[16];
	must(write(client, "after", 5) == 5 && read(server, in, 11) == 11, "write, read");
}

/* A path that begins with @ is an abstract name. */
static void connect_unix(const char *path, int *client, int *server)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(address.sun_family) + strlen(path);
	memcpy(address.sun_path, path, strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = 0;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	*client = socket(AF_UNIX, SOCK_STREAM, 0);
	must(bind(listener, (void *)&address, length) == 0 && listen(listener, 1) == 0, "listen");
	must(connect(*client, (void *)&address, length) == 0, "connect");
	/* Written before anybody has accepted. */
	must(write(*client, "early", 5) == 5, "write");
	*server = accept(listener, 0, 0);
	char in[5];
	must(*server >= 0 && read(*server, in, 5) == 5, "accept, read");
	close(listener);
}

static void send_file(const char *path)
{
	int client, server, file = open(path, O_RDONLY);
	char in[64];
	connect_pair(AF_INET, 0, &client, &server);
	must(write(client, "head", 4) == 4 && read(server, in, 4) == 4, "write, read");
	ssize_t sent = sendfile(client, file, 0, 64);
	must(sent > 0 && recv(server, in, sent, MSG_WAITALL) == sent, "sendfile, recv");
}

static void splice_bytes(void)
{
	int client, server, ends[2];
	char in[64];
	connect_pair(AF_INET, 0, &client, &server);
	must(pipe(ends) == 0 && write(ends[1], "spliced", 7) == 7, "pipe, write");
	must(splice(ends[0], 0, client, 0, 7, 0) == 7 && read(server, in, 7) == 7, "splice, read");
}

/* The last bytes and the end come together; the end is read again. */
static void farewell(void)
{
	int client, server;
	char in[8];
	connect_pair(AF_INET, 0, &client, &server);
	must(write(client, "bye", 3) == 3 && shutdown(client, SHUT_WR) == 0, "write, shutdown");
	struct pollfd ended = {.fd = server, .events = POLLRDHUP};
	must(poll(&ended, 1, -1) == 1, "poll");
	must(recv(server, in, 8, MSG_WAITALL) == 3 && read(server, in, 8) == 0 && read(server, in, 8) == 0, "recv, read");
	must(write(server, "too", 3) == 3 && read(client, in, 8) == 3, "write, read");
}

/* Echoes one connection until it is closed; says so when it listens. */
static void serve(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char in[64];
	ssize_t n;
	int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	must(bind(listener, (void *)&address, sizeof(address)) == 0 && listen(listener, 1) == 0, "listen");
	puts("listening");
	fflush(stdout);
	int server = accept(listener, 0, 0);
	while ((n = read(server, in, sizeof(in))) > 0)
		must(write(server, in, n) == n, "write");
}

int main(int count, char **arguments)
{
	const char *mode = count > 1 ? arguments[1] : "";
	int number = count > 2 ? atoi(arguments[2]) : 0, client = -1, server = -1;
	if (strcmp(mode, "udp") == 0)
		datagrams(AF_INET);
	else if (strcmp(mode, "udp6") == 0)
		datagrams(AF_INET6);
	else if (strcmp(mode, "large") == 0)
		large(number);
	else if (strcmp(mode, "peek") == 0)
		peek();
	else if (strcmp(mode, "farewell") == 0)
		farewell();
	else if (strcmp(mode, "burst") == 0)
		burst(number, count > 3 ? arguments[3] : 0);
	else if (strcmp(mode, "noise") == 0)
		noise(arguments[2]);
	else if (strcmp(mode, "threads") == 0)
		threads(number);
	else if (strcmp(mode, "sockets") == 0)
		sockets(number);
	else if (strcmp(mode, "exec") == 0)
		become(arguments[0]);
	else if (strcmp(mode, "go-on") == 0)
		go_on(number, atoi(arguments[3]));
	else if (strcmp(mode, "serve") == 0)
		serve(number);
	else if (strcmp(mode, "sendfile") == 0)
		send_file(arguments[2]);
	else if (strcmp(mode, "splice") == 0)
		splice_bytes();
	else if (strcmp(mode, "unix") == 0 || strcmp(mode, "pair") == 0) {
		int pair[2];
		must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
		if (mode[0] == 'u')
			connect_unix(arguments[2], &pair[0], &pair[1]);
		all_calls(pair[0], pair[1]);
	} else {
		connect_pair(strcmp(mode, "v6") == 0 ? AF_INET6 : AF_INET, strcmp(mode, "mapped") == 0, &client, &server);
		all_calls(client, server);
		close(client);
		close(server);
	}
	return 0;
}
