// SPDX-License-Identifier: Apache-2.0
// The reading side of a BPF ring buffer (BPF_MAP_TYPE_RINGBUF). libbpf's own tells the kernel after each record how far it
// is: the processors that write records then wait for that cache line at every one. This one tells it now and then.
#pragma once

#include <cstddef>
#include <cstdint>

class KernelRing {
 public:
  // Throws std::runtime_error.
  explicit KernelRing(int fd);
  ~KernelRing();
  KernelRing(const KernelRing&) = delete;
  KernelRing& operator=(const KernelRing&) = delete;

  // Calls `take(const uint8_t* record, size_t length)` with each record that was whole when it was called, in order.
  template <typename Take>
  void consume(Take take) {
    unsigned long at = *consumed_, told = at;
    const unsigned long end = __atomic_load_n(produced_, __ATOMIC_ACQUIRE);
    while (at < end) {
      const uint8_t* record = data_ + (at & (bytes_ - 1));
      const uint32_t head = __atomic_load_n(reinterpret_cast<const uint32_t*>(record), __ATOMIC_ACQUIRE);
      if (head & kBusy) break;
      const uint32_t length = head & ~kDiscarded;
      if (!(head & kDiscarded)) take(record + kHeadBytes, size_t{length});
      at += (length + kHeadBytes + 7) & ~7UL;
      if (at - told >= tell_after_) __atomic_store_n(consumed_, told = at, __ATOMIC_RELEASE);
    }
    __atomic_store_n(consumed_, at, __ATOMIC_RELEASE);
  }

 private:
  // The kernel's BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT and BPF_RINGBUF_HDR_SZ.
  static constexpr uint32_t kBusy = 1U << 31, kDiscarded = 1U << 30, kHeadBytes = 8;

  size_t page_ = 0, bytes_ = 0, tell_after_ = 0;
  unsigned long* consumed_ = nullptr;
  const unsigned long* produced_ = nullptr;
  // Mapped twice, one behind the other, so that each record is in one piece.
  const uint8_t* data_ = nullptr;
};
