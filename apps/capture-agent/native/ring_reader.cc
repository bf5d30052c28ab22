// SPDX-License-Identifier: Apache-2.0
#include "ring_reader.h"

#include <bpf/libbpf.h>

#include <cstring>
#include <stdexcept>
#include <utility>

#include "../../../bpf/capture_event.h"

namespace {

using Clock = std::chrono::steady_clock;
// How often the ring is looked at: the kernel never wakes us.
constexpr auto kInterval = std::chrono::microseconds(1500);
// A batch that is not full is delivered at this age.
constexpr auto kMaxAge = std::chrono::milliseconds(20);

}  // namespace

RingReader::RingReader(int ring_fd, std::vector<BatchSpace> spaces, NameSearch secrets, Receiver receiver)
    : spaces_(std::move(spaces)),
      secrets_(std::move(secrets)),
      receiver_(std::move(receiver)),
      free_(spaces_.size() >= 32 ? ~0U : (1U << spaces_.size()) - 1) {
  ring_ = ring_buffer__new(ring_fd, on_record, this, nullptr);
  if (ring_ == nullptr) throw std::runtime_error("the ring buffer cannot be mapped into memory");
  thread_ = std::thread([this] { run(); });
}

RingReader::~RingReader() {
  abandoned_.store(true);
  stop();
  if (thread_.joinable()) thread_.join();
  ring_buffer__free(ring_);
}

int RingReader::on_record(void* self, void* data, size_t length) {
  static_cast<RingReader*>(self)->take(static_cast<const uint8_t*>(data), length);
  return 0;
}

void RingReader::take(const uint8_t* record, size_t length) {
  capture_event head;
  if (length < sizeof head) return;
  memcpy(&head, record, sizeof head);
  const uint8_t* payload = record + sizeof head;
  if (has_space_) {
    const BatchSpace& space = spaces_[batch_.space];
    if (batch_.heads == space.most_heads || space.payload_bytes - batch_.payload_bytes < head.payload_length) flush();
  }
  if (!has_space_ && !take_space()) return;
  const BatchSpace& space = spaces_[batch_.space];
  head.searched = secrets_.finds_none(payload, head.payload_length) ? 1 : 0;
  memcpy(space.heads + batch_.heads * sizeof head, &head, sizeof head);
  memcpy(space.payload + batch_.payload_bytes, payload, head.payload_length);
  batch_.heads += 1;
  batch_.payload_bytes += head.payload_length;
}

// Waits for one. False when nobody will give any back.
bool RingReader::take_space() {
  uint32_t available = 0;
  while ((available = free_.load()) == 0) {
    if (abandoned_.load()) return false;
    std::this_thread::sleep_for(kInterval);
  }
  const size_t space = __builtin_ctz(available);
  free_.fetch_and(~(1U << space));
  batch_ = {space, 0, 0};
  has_space_ = true;
  batch_began_ = Clock::now();
  return true;
}

void RingReader::flush() {
  if (!has_space_) return;
  has_space_ = false;
  receiver_.deliver(batch_);
}

void RingReader::run() {
  while (!stopping_.load()) {
    ring_buffer__consume(ring_);
    if (has_space_ && Clock::now() - batch_began_ >= kMaxAge) flush();
    std::this_thread::sleep_for(kInterval);
  }
  receiver_.before_last();
  ring_buffer__consume(ring_);
  flush();
  receiver_.finished();
}
