// SPDX-License-Identifier: Apache-2.0
#include "ring_reader.h"

#include <netinet/in.h>

#include <chrono>
#include <cstring>
#include <utility>

namespace {

// How often the ring is looked at: the kernel never wakes us.
constexpr auto kInterval = std::chrono::microseconds(1500);

bool is_opening(const capture_event& event) {
  if (event.kind != CAPTURE_DATA) return event.kind == CAPTURE_CONNECT || event.kind == CAPTURE_ACCEPT;
  return event.transport == IPPROTO_UDP && event.direction == CAPTURE_INGRESS && event.remote_port == 0;
}

}  // namespace

RingReader::RingReader(int ring_fd, std::vector<EventBlock*> blocks, SecretHints secrets, Receiver receiver)
    : ring_(ring_fd),
      blocks_(std::move(blocks)),
      receiver_(std::move(receiver)),
      writer_(std::move(secrets)),
      free_(blocks_.size() >= 32 ? ~0U : (1U << blocks_.size()) - 1) {
  thread_ = std::thread([this] { run(); });
}

RingReader::~RingReader() {
  abandoned_.store(true);
  stop();
  if (thread_.joinable()) thread_.join();
}

void RingReader::consume() {
  ring_.consume([this](const uint8_t* record, size_t length) { take(record, length); });
}

void RingReader::take(const uint8_t* record, size_t length) {
  capture_event head;
  if (length < sizeof head) return;
  memcpy(&head, record, sizeof head);
  if (!has_block_ && !take_block()) return;
  writer_.add(head, record + sizeof head);
  if (receiver_.process && head.kind >= CAPTURE_FORK && head.kind <= CAPTURE_EXIT) receiver_.process(head);
  if (receiver_.opening && is_opening(head)) receiver_.opening(head);
  if (writer_.is_full()) deliver();
}

// Waits for one. False when nobody will give any back.
bool RingReader::take_block() {
  uint32_t available = 0;
  while ((available = free_.load()) == 0) {
    if (abandoned_.load()) return false;
    std::this_thread::sleep_for(kInterval);
  }
  block_ = __builtin_ctz(available);
  free_.fetch_and(~(1U << block_));
  writer_.begin(blocks_[block_]);
  has_block_ = true;
  return true;
}

void RingReader::deliver() {
  if (!has_block_) return;
  has_block_ = false;
  receiver_.deliver(block_);
}

// Each is answered, though there be nothing to deliver.
void RingReader::flush_as_asked() {
  const uint32_t asked = flushes_asked_.load();
  if (asked == flushes_done_) return;
  // What came before it was asked.
  consume();
  deliver();
  flushes_done_ = asked;
  receiver_.flushed(asked);
}

void RingReader::run() {
  while (!stopping_.load()) {
    consume();
    flush_as_asked();
    std::this_thread::sleep_for(kInterval);
  }
  receiver_.before_last();
  consume();
  deliver();
  flush_as_asked();
  receiver_.finished();
}
