// SPDX-License-Identifier: Apache-2.0
// The packets of one interface: an AF_PACKET socket, the ring it shares with the kernel, and a thread that empties it.
#pragma once

#include <linux/filter.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

// One packet of a batch: this head, then the packet from its IP header on, then zeros up to a multiple of eight.
struct packet_record {
  uint32_t record_bytes;
  uint32_t captured;
  uint32_t wire_length;
  uint32_t outgoing;
  uint64_t time;  // CLOCK_MONOTONIC nanoseconds
};
static_assert(sizeof(packet_record) == 24);

// Whole records, one after the other; `data` is freed with free().
struct PacketBatch {
  uint8_t* data;
  size_t length;
};

class PacketRing {
 public:
  struct Place {
    std::string interface_name;
    std::string netns_path;  // empty = the agent's own
  };

  // Opens the interface; nothing comes before `start`. Throws std::runtime_error.
  PacketRing(const Place& place, std::vector<sock_filter> filter);
  ~PacketRing();
  PacketRing(const PacketRing&) = delete;
  PacketRing& operator=(const PacketRing&) = delete;

  // `deliver` is called on the thread with each batch, `finished` once, after the last. Throws std::runtime_error.
  void start(std::function<void(PacketBatch)> deliver, std::function<void()> finished);
  // Asks the thread to take what has come and to end. Returns at once.
  void stop() { stopping_.store(true); }
  // The receiver has let go of a batch.
  void batch_done() { outstanding_.fetch_sub(1); }

  // Packets that found no room in the ring, since it was opened.
  uint64_t drops();
  uint32_t netns() const { return netns_; }
  // Both ends of the cable are interfaces of this host, and the other one may be in another namespace.
  bool is_veth() const { return is_veth_; }
  // 4 or 16 bytes each: those of every interface in the namespace.
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  int socket_ = -1;
  uint32_t index_ = 0;
  uint32_t netns_ = 0;
  bool is_loopback_ = false;
  bool is_veth_ = false;
  std::vector<std::string> addresses_;
  uint8_t* memory_ = nullptr;
  std::atomic<uint64_t> drops_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<int> outstanding_{0};
  std::function<void(PacketBatch)> deliver_;
  std::function<void()> finished_;
  std::thread thread_;

  void open(const Place& place);
  void describe(const std::string& interface_name);
  void attach(const std::vector<sock_filter>& filter);
  void map_ring();
  void run();
  void take(uint8_t* block);
  void release();
};
