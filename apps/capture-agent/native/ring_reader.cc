// SPDX-License-Identifier: Apache-2.0
#include "ring_reader.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kBatchBytes = 256 * 1024;
// How often the ring is looked at: the kernel never wakes us.
constexpr auto kInterval = std::chrono::microseconds(1500);
// A batch that is not full is delivered at this age.
constexpr auto kMaxAge = std::chrono::milliseconds(20);
// With this many batches undelivered the ring is left to fill: the kernel then counts what it drops, and memory stays bounded.
constexpr int kMaxOutstanding = 128;

}  // namespace

RingReader::RingReader(int ring_fd, std::function<void(Batch)> deliver, std::function<void()> before_last,
                       std::function<void()> finished)
    : deliver_(std::move(deliver)), before_last_(std::move(before_last)), finished_(std::move(finished)) {
  ring_ = ring_buffer__new(ring_fd, on_record, this, nullptr);
  if (ring_ == nullptr) throw std::runtime_error("the ring buffer cannot be mapped into memory");
  thread_ = std::thread([this] { run(); });
}

RingReader::~RingReader() {
  stop();
  if (thread_.joinable()) thread_.join();
  ring_buffer__free(ring_);
  free(batch_.data);
}

void RingReader::stop() { stopping_.store(true); }

int RingReader::on_record(void* self, void* data, size_t length) {
  auto* reader = static_cast<RingReader*>(self);
  if (reader->batch_.length + length > kBatchBytes) reader->flush();
  if (reader->batch_.data == nullptr) {
    reader->batch_.data = static_cast<uint8_t*>(malloc(kBatchBytes));
    if (reader->batch_.data == nullptr) return -ENOMEM;
    reader->batch_began_ = Clock::now();
  }
  memcpy(reader->batch_.data + reader->batch_.length, data, length);
  reader->batch_.length += length;
  return 0;
}

void RingReader::flush() {
  if (batch_.length == 0) return;
  while (outstanding_.load() >= kMaxOutstanding && !stopping_.load()) std::this_thread::sleep_for(kInterval);
  outstanding_.fetch_add(1);
  deliver_(batch_);
  batch_ = {nullptr, 0};
}

void RingReader::run() {
  while (!stopping_.load()) {
    ring_buffer__consume(ring_);
    if (batch_.length > 0 && Clock::now() - batch_began_ >= kMaxAge) flush();
    std::this_thread::sleep_for(kInterval);
  }
  before_last_();
  ring_buffer__consume(ring_);
  flush();
  finished_();
}
