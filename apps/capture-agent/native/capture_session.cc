// SPDX-License-Identifier: Apache-2.0
#include "capture_session.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <stdexcept>

// The compiled programs, put into the addon by embedded_object.S.
extern "C" const char capture_object_start[];
extern "C" const char capture_object_end[];
extern "C" const char capture_object_without_casts_start[];
extern "C" const char capture_object_without_casts_end[];

namespace {

constexpr size_t kTargetBytes = CAPTURE_MAX_PIDS / 8;
constexpr size_t kLogLimit = 4096;
constexpr const char* kIterator = "list_sockets";
constexpr const char* kIoUring = "on_io_uring";
constexpr const char* kTlsMaps[] = {"tls_threads", "tls_sockets"};
constexpr const char* kVerdictMap = "verdicts";
constexpr const char* kTurnMap = "turns";
constexpr const char* kSystemCalls[] = {"on_sys_enter", "on_sys_exit"};
constexpr const char* kSocketCalls[] = {"on_sock_send", "on_sock_receive"};
constexpr const char* kCallReturns = "on_call_return";
constexpr const char* kSocketMap = "known_sockets";
constexpr const char* kHolderMap = "address_holders";
constexpr const char* kGoMaps[] = {"go_processes", "goroutines", "go_creators"};

// The end of what libbpf said since the last load: for the error's text.
std::string library_log;

int keep_log(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  char line[2048];
  vsnprintf(line, sizeof line, format, arguments);
  library_log += line;
  if (library_log.size() > kLogLimit) library_log.erase(0, library_log.size() - kLogLimit);
  return 0;
}

[[noreturn]] void fail(const std::string& what, int error) {
  std::string text = what + ": " + strerror(error);
  if (!library_log.empty()) text += "\n" + library_log;
  throw std::runtime_error(text);
}

// Attached process by process, not with the recording.
bool is_probe(const bpf_program* program) { return bpf_program__type(program) == BPF_PROG_TYPE_KPROBE; }

bool is_asked_for(const bpf_program* program, const capture_config& config) {
  return strncmp(bpf_program__name(program), "tls_", 4) == 0 ? config.tls != 0 : config.coroutines != 0;
}

// bpf/kernel_read.bpf.h
bool kernel_has_casts() {
  btf* const types = btf__load_vmlinux_btf();
  const bool has = btf__find_by_name_kind(types, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
  btf__free(types);
  return has;
}

}  // namespace

CaptureSession::CaptureSession(const capture_config& config, uint32_t ring_bytes, bool without_casts)
    : all_processes_(config.all_processes != 0) {
  library_log.clear();
  libbpf_set_print(keep_log);
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "causeway");
  const bool casts = !without_casts && kernel_has_casts();
  const char* start = casts ? capture_object_start : capture_object_without_casts_start;
  const char* end = casts ? capture_object_end : capture_object_without_casts_end;
  object_ = bpf_object__open_mem(start, end - start, &options);
  if (object_ == nullptr) fail("the kernel programs cannot be opened", errno);
  try {
    configure(config, ring_bytes);
    choose_programs(config);
    if (const int error = bpf_object__load(object_); error != 0) fail("the kernel refused the programs", -error);
    void* memory = mmap(nullptr, kTargetBytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map("targets")), 0);
    if (memory == MAP_FAILED) fail("the list of targets cannot be mapped", errno);
    targets_ = static_cast<uint64_t*>(memory);
  } catch (...) {
    release();
    throw;
  }
}

CaptureSession::~CaptureSession() { release(); }

void CaptureSession::release() {
  detach();
  if (targets_ != nullptr) munmap(targets_, kTargetBytes);
  targets_ = nullptr;
  bpf_object__close(object_);
  object_ = nullptr;
}

void CaptureSession::configure(const capture_config& config, uint32_t ring_bytes) {
  bpf_map* settings = nullptr;
  bpf_map* each = nullptr;
  bpf_object__for_each_map(each, object_) {
    if (strstr(bpf_map__name(each), ".rodata.config") != nullptr) settings = each;
  }
  size_t size = 0;
  void* value = settings == nullptr ? nullptr : const_cast<void*>(bpf_map__initial_value(settings, &size));
  if (value == nullptr || size < sizeof config) throw std::runtime_error("the kernel programs take other settings than the agent gives; run `npm run build` again");
  memcpy(value, &config, sizeof config);
  bpf_map__set_max_entries(map("events"), ring_bytes);
  if (config.verdicts == 0) bpf_map__set_max_entries(map(kVerdictMap), 1);
  if (config.at_sockets == 0) {
    bpf_map__set_autocreate(map(kSocketMap), false);
    bpf_map__set_max_entries(map(kHolderMap), 1);
  }
  if (config.limits_turns == 0) bpf_map__set_max_entries(map(kTurnMap), 1);
  if (config.tls == 0) {
    for (const char* name : kTlsMaps) bpf_map__set_max_entries(map(name), 1);
  }
  if (config.coroutines == 0) {
    for (const char* name : kGoMaps) bpf_map__set_max_entries(map(name), 1);
  }
}

// Not every kernel is built with io_uring, and probes are loaded for those who ask.
void CaptureSession::choose_programs(const capture_config& config) {
  bpf_program* program = bpf_object__find_program_by_name(object_, kIoUring);
  const bool known = libbpf_find_vmlinux_btf_id("io_uring_submit_req", BPF_TRACE_RAW_TP) > 0;
  if (program != nullptr && known) bpf_program__set_autoload(program, true);
  const auto load = [&](const char* name, bool wanted) {
    bpf_program__set_autoload(bpf_object__find_program_by_name(object_, name), wanted);
  };
  for (const char* name : kSystemCalls) load(name, config.at_sockets == 0);
  for (const char* name : kSocketCalls) load(name, config.at_sockets != 0);
  load(kCallReturns, config.at_sockets != 0);
  bpf_program* each = nullptr;
  bpf_object__for_each_program(each, object_) {
    if (is_probe(each)) bpf_program__set_autoload(each, is_asked_for(each, config));
  }
}

bpf_map* CaptureSession::map(const char* name) const {
  bpf_map* found = bpf_object__find_map_by_name(object_, name);
  if (found == nullptr) throw std::runtime_error(std::string("the kernel programs have no map ") + name);
  return found;
}

void CaptureSession::attach() {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_) {
    const char* name = bpf_program__name(program);
    const bool later = strcmp(name, kIterator) == 0 || strcmp(name, kCallReturns) == 0 || is_probe(program);
    if (!bpf_program__autoload(program) || later) continue;
    try {
      attach(program);
    } catch (...) {
      detach();
      throw;
    }
  }
}

void CaptureSession::attach(bpf_program* program) {
  bpf_link* link = bpf_program__attach(program);
  const int error = errno;
  if (link == nullptr) fail(std::string("the program ") + bpf_program__name(program) + " cannot be attached", error);
  links_.push_back(link);
}

// Both tracepoints are of Linux 6.3; sendfile and splice reach them since 6.5, which brought splice_to_socket.
bool CaptureSession::can_attach_to_sockets() {
  const auto traces = [](const char* name) { return libbpf_find_vmlinux_btf_id(name, BPF_TRACE_RAW_TP) > 0; };
  return traces("sock_send_length") && traces("sock_recv_length") &&
         libbpf_find_vmlinux_btf_id("splice_to_socket", BPF_TRACE_FENTRY) > 0;
}

void CaptureSession::has_listed_sockets() { reach(CAPTURE_HAS_LISTED); }

void CaptureSession::watch_returns() {
  bpf_program* program = bpf_object__find_program_by_name(object_, kCallReturns);
  if (program == nullptr || !bpf_program__autoload(program)) return;
  attach(program);
  reach(CAPTURE_WATCHES_RETURNS);
}

void CaptureSession::reach(capture_phase phase) {
  const uint32_t zero = 0;
  phases_ |= phase;
  if (bpf_map_update_elem(bpf_map__fd(map("phase")), &zero, &phases_, BPF_ANY) != 0) fail("the programs cannot be told", errno);
}

void CaptureSession::detach() {
  for (bpf_link* link : links_) bpf_link__destroy(link);
  links_.clear();
  probes_.release_all();
}

// A marked process is a target, unless all are (target_filter.bpf.h).
void CaptureSession::set_target(uint32_t pid, bool wanted) {
  if (pid >= CAPTURE_MAX_PIDS) return;
  const uint64_t bit = 1ULL << (pid % 64);
  if (wanted != all_processes_) __atomic_fetch_or(&targets_[pid / 64], bit, __ATOMIC_RELAXED);
  else __atomic_fetch_and(&targets_[pid / 64], ~bit, __ATOMIC_RELAXED);
}

bool CaptureSession::is_target(uint32_t pid) const {
  if (pid >= CAPTURE_MAX_PIDS) return false;
  const bool marked = ((__atomic_load_n(&targets_[pid / 64], __ATOMIC_RELAXED) >> (pid % 64)) & 1) != 0;
  return marked != all_processes_;
}

std::vector<capture_counters> CaptureSession::counters() const {
  const int cpus = libbpf_num_possible_cpus();
  std::vector<capture_counters> values(cpus > 0 ? cpus : 0);
  const uint32_t zero = 0;
  if (values.empty() || bpf_map_lookup_elem(bpf_map__fd(map("counters")), &zero, values.data()) != 0) return {};
  return values;
}

std::vector<uint8_t> CaptureSession::existing_sockets() const {
  bpf_program* program = bpf_object__find_program_by_name(object_, kIterator);
  bpf_link* link = bpf_program__attach_iter(program, nullptr);
  if (link == nullptr) fail("the sockets cannot be listed", errno);
  const int fd = bpf_iter_create(bpf_link__fd(link));
  const int error = errno;
  bpf_link__destroy(link);
  if (fd < 0) fail("the sockets cannot be listed", error);
  std::vector<uint8_t> records;
  uint8_t part[65536];
  for (;;) {
    const ssize_t length = read(fd, part, sizeof part);
    if (length > 0) records.insert(records.end(), part, part + length);
    else if (length == 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  close(fd);
  return records;
}

int CaptureSession::ring_fd() const { return bpf_map__fd(map("events")); }

bool CaptureSession::attach_probe(const char* name, uint32_t pid, const std::string& path, uint64_t offset) {
  bpf_program* program = bpf_object__find_program_by_name(object_, name);
  if (program == nullptr || !bpf_program__autoload(program)) throw std::runtime_error(std::string("there is no probe ") + name);
  return probes_.attach(program, pid, path, offset);
}

void CaptureSession::set_goroutine_places(uint32_t pid, const capture_goroutine_places& places) {
  const int fd = bpf_map__fd(map("go_processes"));
  if (places.id_at == 0) bpf_map_delete_elem(fd, &pid);
  else bpf_map_update_elem(fd, &pid, &places, BPF_ANY);
}

void CaptureSession::decide(const capture_conversation& conversation, uint32_t payload_limit) {
  // When the map is full it forgets the least recently used; should it fail all the same, the agent goes on filtering by itself.
  bpf_map_update_elem(bpf_map__fd(map(kVerdictMap)), &conversation, &payload_limit, BPF_ANY);
}

void CaptureSession::forget(const capture_conversation& conversation) {
  bpf_map_delete_elem(bpf_map__fd(map(kVerdictMap)), &conversation);
}
