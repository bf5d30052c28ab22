// SPDX-License-Identifier: Apache-2.0
// A thread that empties the ring buffer into batches.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "name_search.h"

struct ring_buffer;

// The receiver's memory for one batch: heads (`capture_event`) one after the other, and apart from them their payloads.
struct BatchSpace {
  uint8_t* heads;
  size_t most_heads;
  uint8_t* payload;
  size_t payload_bytes;
};

// How much of a space is filled.
struct Batch {
  size_t space;
  size_t heads;
  size_t payload_bytes;
};

// The spaces bound what is on its way: when the receiver has given none back, the ring is left to fill, and the kernel
// counts what it drops.
class RingReader {
 public:
  struct Receiver {
    // Called on the thread with each batch; the space is the receiver's until `give_back`.
    std::function<void(Batch)> deliver;
    // Before the ring is emptied for the last time: detaches.
    std::function<void()> before_last;
    // Once, after the last batch.
    std::function<void()> finished;
  };

  // At most 32 spaces, each with room for a record of the largest size. Throws std::runtime_error.
  RingReader(int ring_fd, std::vector<BatchSpace> spaces, NameSearch secrets, Receiver receiver);
  // What nobody has taken by then is let go.
  ~RingReader();
  RingReader(const RingReader&) = delete;
  RingReader& operator=(const RingReader&) = delete;

  // Asks the thread to end when it has emptied the ring. Returns at once.
  void stop() { stopping_.store(true); }
  void give_back(size_t space) { free_.fetch_or(1U << space); }

 private:
  ring_buffer* ring_ = nullptr;
  const std::vector<BatchSpace> spaces_;
  const NameSearch secrets_;
  const Receiver receiver_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> abandoned_{false};
  // A bit for each space.
  std::atomic<uint32_t> free_;
  Batch batch_{0, 0, 0};
  bool has_space_ = false;
  std::chrono::steady_clock::time_point batch_began_;
  std::thread thread_;

  static int on_record(void* self, void* data, size_t length);
  void take(const uint8_t* record, size_t length);
  bool take_space();
  void run();
  void flush();
};
