// SPDX-License-Identifier: Apache-2.0
// Uprobes of the processes that are recorded. Attached to one process each: others that map the same file pay nothing.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

struct bpf_link;
struct bpf_program;

class ProcessProbes {
 public:
  ProcessProbes() = default;
  ~ProcessProbes();
  ProcessProbes(const ProcessProbes&) = delete;
  ProcessProbes& operator=(const ProcessProbes&) = delete;

  // `offset` of the instruction in the file. False, with errno, when it cannot be attached: the process may be gone.
  bool attach(bpf_program* program, uint32_t pid, const std::string& path, uint64_t offset);
  // Lets go of the probes of a process, in the background: the kernel takes its time.
  void release(uint32_t pid);
  // Returns when all are gone.
  void release_all();

 private:
  std::unordered_map<uint32_t, std::vector<bpf_link*>> links_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::vector<bpf_link*> leaving_;
  bool ending_ = false;
  std::vector<std::thread> workers_;

  void leave(std::vector<bpf_link*> links);
  void work();
};
