// SPDX-License-Identifier: Apache-2.0
#include "kernel_ring.h"

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

namespace {

// So many parts of the ring are given back to the kernel one by one.
constexpr size_t kParts = 256;

}  // namespace

KernelRing::KernelRing(int fd) : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
  bpf_map_info info = {};
  uint32_t length = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &length) != 0) throw std::runtime_error("the ring buffer's size is not to be had");
  bytes_ = info.max_entries;
  tell_after_ = bytes_ / kParts;
  // A page for each position, then the data.
  void* consumer = mmap(nullptr, page_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  void* producer = mmap(nullptr, page_ + 2 * bytes_, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(page_));
  if (consumer == MAP_FAILED || producer == MAP_FAILED) {
    if (consumer != MAP_FAILED) munmap(consumer, page_);
    if (producer != MAP_FAILED) munmap(producer, page_ + 2 * bytes_);
    throw std::runtime_error("the ring buffer cannot be mapped into memory");
  }
  consumed_ = static_cast<unsigned long*>(consumer);
  produced_ = static_cast<const unsigned long*>(producer);
  data_ = static_cast<const uint8_t*>(producer) + page_;
}

KernelRing::~KernelRing() {
  munmap(consumed_, page_);
  munmap(const_cast<unsigned long*>(produced_), page_ + 2 * bytes_);
}
