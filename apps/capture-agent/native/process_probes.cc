// SPDX-License-Identifier: Apache-2.0
#include "process_probes.h"

#include <bpf/libbpf.h>

#include <cstring>
#include <utility>

namespace {

// To remove a probe is to wait for the whole system to have seen it: many waits side by side cost little more than one.
constexpr size_t kWorkers = 32;

bool is_return_probe(const bpf_program* program) {
  return strstr(bpf_program__section_name(program), "uretprobe") != nullptr;
}

}  // namespace

ProcessProbes::~ProcessProbes() { release_all(); }

bool ProcessProbes::attach(bpf_program* program, uint32_t pid, const std::string& path, uint64_t offset) {
  LIBBPF_OPTS(bpf_uprobe_opts, options, .retprobe = is_return_probe(program));
  bpf_link* link = bpf_program__attach_uprobe_opts(program, static_cast<pid_t>(pid), path.c_str(), offset, &options);
  if (link == nullptr) return false;
  links_[pid].push_back(link);
  return true;
}

void ProcessProbes::release(uint32_t pid) {
  const auto found = links_.find(pid);
  if (found == links_.end()) return;
  leave(std::move(found->second));
  links_.erase(found);
}

void ProcessProbes::release_all() {
  for (auto& [pid, links] : links_) leave(std::move(links));
  links_.clear();
  {
    const std::lock_guard guard(lock_);
    ending_ = true;
  }
  changed_.notify_all();
  for (auto& worker : workers_) worker.join();
  workers_.clear();
  ending_ = false;
}

void ProcessProbes::leave(std::vector<bpf_link*> links) {
  const std::lock_guard guard(lock_);
  leaving_.insert(leaving_.end(), links.begin(), links.end());
  while (workers_.size() < kWorkers && workers_.size() < leaving_.size()) workers_.emplace_back([this] { work(); });
  changed_.notify_all();
}

void ProcessProbes::work() {
  std::unique_lock guard(lock_);
  for (;;) {
    changed_.wait(guard, [this] { return ending_ || !leaving_.empty(); });
    if (leaving_.empty()) return;
    bpf_link* link = leaving_.back();
    leaving_.pop_back();
    guard.unlock();
    bpf_link__destroy(link);
    guard.lock();
  }
}
