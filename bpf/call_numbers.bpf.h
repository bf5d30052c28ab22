/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which system call it is, and what its arguments and its result say by themselves. Arguments are read from pt_regs. */
#pragma once

#define TS_COMPAT 2
#define MSG_PEEK 2
#define MSG_ERRQUEUE 0x2000
#define EINTR 4
#define EAGAIN 11
#define EINPROGRESS 115
#define ERESTARTSYS 512
#define ERESTART_RESTARTBLOCK 516
#define MAX_MESSAGES 1024 /* the kernel's own limit for an mmsg call */

/* Beyond the ten of the capture. */
enum { ABI_CONNECT = 32, ABI_ACCEPT = 33, ABI_CLOSE = 34, ABI_SPLICE = 35, ABI_EPOLL_WAIT = 36 };

/* By x86-64 system call number. */
static const volatile __u8 abi_of_number[512] = {
	[0] = CAPTURE_READ,	  [19] = CAPTURE_READV,	  [45] = CAPTURE_RECVFROM, [47] = CAPTURE_RECVMSG,
	[299] = CAPTURE_RECVMMSG, [1] = CAPTURE_WRITE,	  [20] = CAPTURE_WRITEV,   [44] = CAPTURE_SENDTO,
	[46] = CAPTURE_SENDMSG,	  [307] = CAPTURE_SENDMMSG, [42] = ABI_CONNECT,	   [43] = ABI_ACCEPT,
	[288] = ABI_ACCEPT,	  [3] = ABI_CLOSE,	  [40] = CAPTURE_SENDFILE, [275] = ABI_SPLICE,
	[232] = ABI_EPOLL_WAIT,	  [281] = ABI_EPOLL_WAIT, [441] = ABI_EPOLL_WAIT,
};

static __always_inline __u8 abi_of(__u64 number)
{
	return number < 512 ? abi_of_number[number] : 0;
}

static __always_inline bool is_egress(__u8 abi)
{
	return abi >= CAPTURE_WRITE && abi <= CAPTURE_SENDFILE;
}

static __always_inline bool is_multiple(__u8 abi)
{
	return abi == CAPTURE_RECVMMSG || abi == CAPTURE_SENDMMSG;
}

static __always_inline __u32 message_flags(struct pt_regs *regs, __u8 abi)
{
	switch (abi) {
	case CAPTURE_RECVMSG:
		return regs->dx;
	case CAPTURE_RECVFROM:
	case CAPTURE_RECVMMSG:
		return regs->r10;
	default:
		return 0;
	}
}

/* The call moved nothing and will be made again, or was asked for nothing. */
static __always_inline bool says_nothing(struct pt_regs *regs, __u8 abi, __s64 result)
{
	if (result == -EAGAIN || result == -EINTR || (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK))
		return true;
	if (result == 0 && (is_egress(abi) || regs->dx == 0))
		return true;
	return message_flags(regs, abi) & MSG_ERRQUEUE;
}
