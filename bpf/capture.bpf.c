// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* One object: the programs share their maps and settings. Each header owns one concern. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include "capture_event.h"
#include "maps.bpf.h"
#include "kernel_read.bpf.h"
#include "target_filter.bpf.h"
#include "unix_stream.bpf.h"
#include "socket_identity.bpf.h"
#include "payload.bpf.h"
#include "emit.bpf.h"
#include "tls.bpf.h"
#include "coroutine.bpf.h"
#include "call_numbers.bpf.h"
#include "tcp_life.bpf.h"
#include "data_record.bpf.h"
#include "syscalls.bpf.h"
#include "call_returns.bpf.h"
#include "socket_calls.bpf.h"
#include "io_uring.bpf.h"
#include "lifecycle.bpf.h"
#include "existing_sockets.bpf.h"

/* Several helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";
