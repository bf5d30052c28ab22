// SPDX-License-Identifier: Apache-2.0
// A thread that empties the ring buffer into event blocks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "event_block.h"
#include "kernel_ring.h"

// The receiver's memory bounds what is on its way: when it has given no block back, the ring is left to fill, and the kernel
// counts what it drops.
class RingReader {
 public:
  // All are called on the thread.
  struct Receiver {
    // With the number of each block; it is the receiver's until `give_back`.
    std::function<void(size_t)> deliver;
    // How many times `flush` had been called when all that had come before was delivered.
    std::function<void(uint32_t)> flushed;
    // At once with each fork, exec and exit, which is in a block, too. May be absent.
    std::function<void(const capture_event&)> process;
    // At once with each connect and accept, and with each datagram that came from nobody knows where. May be absent.
    std::function<void(const capture_event&)> opening;
    // Before the ring is emptied for the last time: detaches.
    std::function<void()> before_last;
    // Once, after the last block.
    std::function<void()> finished;
  };

  // At most 32 blocks. Throws std::runtime_error.
  RingReader(int ring_fd, std::vector<EventBlock*> blocks, SecretHints secrets, Receiver receiver);
  // What nobody has taken by then is let go.
  ~RingReader();
  RingReader(const RingReader&) = delete;
  RingReader& operator=(const RingReader&) = delete;

  // Asks the thread to end when it has emptied the ring. Returns at once.
  void stop() { stopping_.store(true); }
  // Asks for the block that is begun, though it is not full. Returns at once.
  void flush() { flushes_asked_.fetch_add(1); }
  void give_back(size_t block) { free_.fetch_or(1U << block); }

 private:
  KernelRing ring_;
  const std::vector<EventBlock*> blocks_;
  const Receiver receiver_;
  BlockWriter writer_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> abandoned_{false};
  std::atomic<uint32_t> flushes_asked_{0};
  uint32_t flushes_done_ = 0;
  // A bit for each block.
  std::atomic<uint32_t> free_;
  // The one being filled.
  size_t block_ = 0;
  bool has_block_ = false;
  std::thread thread_;

  void take(const uint8_t* record, size_t length);
  bool take_block();
  void run();
  void consume();
  void deliver();
  void flush_as_asked();
};
