// SPDX-License-Identifier: Apache-2.0
// A thread that empties the ring buffer into batches.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

struct ring_buffer;

// Whole records, one after the other; `data` is freed with free().
struct Batch {
  uint8_t* data;
  size_t length;
};

class RingReader {
 public:
  // `deliver` is called on the thread with each batch, `finished` once, after the last. Throws std::runtime_error.
  RingReader(int ring_fd, std::function<void(Batch)> deliver, std::function<void()> before_last,
             std::function<void()> finished);
  ~RingReader();
  RingReader(const RingReader&) = delete;
  RingReader& operator=(const RingReader&) = delete;

  // Asks the thread to call `before_last` (which detaches), empty the ring and end. Returns at once.
  void stop();
  // The receiver has let go of a batch.
  void batch_done() { outstanding_.fetch_sub(1); }

 private:
  ring_buffer* ring_ = nullptr;
  std::function<void(Batch)> deliver_;
  std::function<void()> before_last_;
  std::function<void()> finished_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> outstanding_{0};
  Batch batch_{nullptr, 0};
  std::chrono::steady_clock::time_point batch_began_;
  std::thread thread_;

  static int on_record(void* self, void* data, size_t length);
  void run();
  void flush();
};
