// SPDX-License-Identifier: Apache-2.0
// One recording in the kernel: the programs loaded, attached and, at the end, gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../../../bpf/capture_event.h"
#include "process_probes.h"

struct bpf_link;
struct bpf_map;
struct bpf_object;

class CaptureSession {
 public:
  // Loads the programs, unattached. `ring_bytes` is a power of two. Throws std::runtime_error with what libbpf said.
  CaptureSession(const capture_config& config, uint32_t ring_bytes, bool without_casts);
  ~CaptureSession();
  CaptureSession(const CaptureSession&) = delete;
  CaptureSession& operator=(const CaptureSession&) = delete;

  // From here on events are recorded. Throws std::runtime_error.
  void attach();
  // Whether the kernel tells of calls at its sockets, as socket_calls.bpf.h needs.
  static bool can_attach_to_sockets();
  // What is not in the list of existing sockets is new from here on. For a config with at_sockets.
  void has_listed_sockets();
  // From here on the returns of system calls are seen too (call_returns.bpf.h). For a config with at_sockets; otherwise they always are.
  void watch_returns();
  // From here on none are. What is in the ring stays there.
  void detach();

  // What the process starts from then on goes the same way.
  void set_target(uint32_t pid, bool wanted);
  bool is_target(uint32_t pid) const;
  // By CPU.
  std::vector<capture_counters> counters() const;
  // The sockets that targets hold: a run of capture_event of kind CAPTURE_EXISTING. Throws std::runtime_error.
  std::vector<uint8_t> existing_sockets() const;
  int ring_fd() const;
  // Attaches the named uprobe program to one process. False, with errno, when the kernel says no: the process may be gone.
  bool attach_probe(const char* program, uint32_t pid, const std::string& path, uint64_t offset);
  // The process runs Go, whose goroutines are found so; `id_at` 0 = it does not.
  void set_goroutine_places(uint32_t pid, const capture_goroutine_places& places);
  // From the conversation's next call on: bytes kept of each call, or CAPTURE_LEAVE_OUT. For a config with verdicts.
  void decide(const capture_conversation& conversation, uint32_t payload_limit);
  void forget(const capture_conversation& conversation);
  // The process has ended.
  void release_probes(uint32_t pid) { probes_.release(pid); }

 private:
  bpf_object* object_ = nullptr;
  std::vector<bpf_link*> links_;
  uint64_t* targets_ = nullptr;
  ProcessProbes probes_;
  bool all_processes_ = false;
  uint32_t phases_ = 0;

  bpf_map* map(const char* name) const;
  void configure(const capture_config& config, uint32_t ring_bytes);
  void choose_programs(const capture_config& config);
  void attach(bpf_program* program);
  void reach(capture_phase phase);
  void release();
};
