// SPDX-License-Identifier: Apache-2.0
#include "packet_ring.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <utility>

namespace {

constexpr uint32_t kBlockBytes = 256 * 1024;
constexpr uint32_t kBlocks = 16;
constexpr uint32_t kFrameBytes = 2048;
// A block that is not full is handed over at this age.
constexpr uint32_t kBlockMilliseconds = 20;
constexpr int kPollMilliseconds = 50;
constexpr auto kAfterError = std::chrono::milliseconds(100);
// With this many batches undelivered the ring is left to fill: the kernel then counts what it drops.
constexpr int kMaxOutstanding = 64;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + strerror(errno)); }

int64_t nanoseconds(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// The kernel stamps packets with CLOCK_REALTIME. What has to be taken off for CLOCK_MONOTONIC, now.
int64_t realtime_offset() {
  int64_t best = INT64_MAX, offset = 0;
  for (int i = 0; i < 4; i++) {
    const int64_t before = nanoseconds(CLOCK_MONOTONIC);
    const int64_t between = nanoseconds(CLOCK_REALTIME);
    const int64_t after = nanoseconds(CLOCK_MONOTONIC);
    if (after - before >= best) continue;
    best = after - before;
    offset = between - (before + best / 2);
  }
  return offset;
}

void enter_namespace(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail("the network namespace " + path + " cannot be opened");
  const int status = setns(fd, CLONE_NEWNET);
  const int error = errno;
  close(fd);
  errno = error;
  if (status != 0) fail("the network namespace " + path + " cannot be entered");
}

std::vector<std::string> own_addresses() {
  std::vector<std::string> found;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return found;
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr) continue;
    if (each->ifa_addr->sa_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
      found.emplace_back(reinterpret_cast<const char*>(&v4->sin_addr), 4);
    } else if (each->ifa_addr->sa_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr);
      found.emplace_back(reinterpret_cast<const char*>(&v6->sin6_addr), 16);
    }
  }
  freeifaddrs(list);
  return found;
}

}  // namespace

PacketRing::PacketRing(const Place& place, std::vector<sock_filter> filter) {
  try {
    // A namespace is a thread's, and a socket stays in the one it was made in.
    std::exception_ptr error;
    std::thread opener([&] {
      try {
        open(place);
      } catch (...) {
        error = std::current_exception();
      }
    });
    opener.join();
    if (error) std::rethrow_exception(error);
    attach(filter);
    map_ring();
  } catch (...) {
    release();
    throw;
  }
}

PacketRing::~PacketRing() {
  stop();
  if (thread_.joinable()) thread_.join();
  release();
}

void PacketRing::release() {
  if (memory_ != nullptr) munmap(memory_, static_cast<size_t>(kBlockBytes) * kBlocks);
  if (socket_ >= 0) close(socket_);
  memory_ = nullptr;
  socket_ = -1;
}

void PacketRing::open(const Place& place) {
  if (!place.netns_path.empty()) enter_namespace(place.netns_path);
  struct stat namespace_file = {};
  if (stat("/proc/thread-self/ns/net", &namespace_file) == 0) netns_ = namespace_file.st_ino;
  // Of no protocol yet: with one, packets would come before the filter stands. SOCK_DGRAM gives them from the IP header on.
  socket_ = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("packets cannot be read (it takes CAP_NET_RAW)");
  describe(place.interface_name);
  addresses_ = own_addresses();
}

void PacketRing::describe(const std::string& interface_name) {
  ifreq request = {};
  if (interface_name.empty() || interface_name.size() >= sizeof request.ifr_name) throw std::runtime_error("no interface has the name " + interface_name);
  memcpy(request.ifr_name, interface_name.data(), interface_name.size());
  if (ioctl(socket_, SIOCGIFINDEX, &request) != 0) fail("the interface " + interface_name + " cannot be opened");
  index_ = request.ifr_ifindex;
  if (ioctl(socket_, SIOCGIFFLAGS, &request) == 0) is_loopback_ = (request.ifr_flags & IFF_LOOPBACK) != 0;
  ethtool_drvinfo driver = {};
  driver.cmd = ETHTOOL_GDRVINFO;
  request.ifr_data = reinterpret_cast<char*>(&driver);
  if (ioctl(socket_, SIOCETHTOOL, &request) == 0) is_veth_ = strcmp(driver.driver, "veth") == 0;
}

void PacketRing::attach(const std::vector<sock_filter>& filter) {
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  if (setsockopt(socket_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) fail("the kernel refused the packet filter");
}

void PacketRing::map_ring() {
  const int version = TPACKET_V3;
  tpacket_req3 request = {};
  request.tp_block_size = kBlockBytes;
  request.tp_block_nr = kBlocks;
  request.tp_frame_size = kFrameBytes;
  request.tp_frame_nr = kBlockBytes / kFrameBytes * kBlocks;
  request.tp_retire_blk_tov = kBlockMilliseconds;
  if (setsockopt(socket_, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
      setsockopt(socket_, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) != 0) {
    fail("the ring for packets cannot be made");
  }
  void* memory = mmap(nullptr, static_cast<size_t>(kBlockBytes) * kBlocks, PROT_READ | PROT_WRITE, MAP_SHARED, socket_, 0);
  if (memory == MAP_FAILED) fail("the ring for packets cannot be mapped");
  memory_ = static_cast<uint8_t*>(memory);
}

void PacketRing::start(std::function<void(PacketBatch)> deliver, std::function<void()> finished) {
  deliver_ = std::move(deliver);
  finished_ = std::move(finished);
  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(index_);
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("the interface cannot be read");
  thread_ = std::thread([this] { run(); });
}

uint64_t PacketRing::drops() {
  // Reading sets the kernel's own count back to zero.
  tpacket_stats_v3 statistics = {};
  socklen_t length = sizeof statistics;
  if (getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) == 0) drops_ += statistics.tp_drops;
  return drops_;
}

void PacketRing::run() {
  using Clock = std::chrono::steady_clock;
  uint32_t next = 0;
  Clock::time_point last_call = Clock::time_point::max();
  for (;;) {
    uint8_t* block = memory_ + static_cast<size_t>(next) * kBlockBytes;
    auto* head = reinterpret_cast<tpacket_block_desc*>(block);
    const bool ready = (__atomic_load_n(&head->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
    const bool stopping = stopping_.load();
    if (ready && (stopping || outstanding_.load() < kMaxOutstanding)) {
      take(block);
      __atomic_store_n(&head->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
      next = (next + 1) % kBlocks;
      continue;
    }
    // What came before the stop is in a block that the kernel hands over at its age.
    if (stopping && last_call == Clock::time_point::max()) last_call = Clock::now() + std::chrono::milliseconds(3 * kBlockMilliseconds);
    if (Clock::now() >= last_call) break;
    pollfd waiting = {socket_, POLLIN | POLLERR, 0};
    if (ready || (poll(&waiting, 1, stopping ? 5 : kPollMilliseconds) > 0 && (waiting.revents & POLLERR) != 0)) {
      // The interface went down or away; it may come back.
      int error = 0;
      socklen_t length = sizeof error;
      getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &length);
      std::this_thread::sleep_for(ready ? std::chrono::milliseconds(2) : kAfterError);
    }
  }
  drops();
  finished_();
}

void PacketRing::take(uint8_t* block) {
  const auto* head = reinterpret_cast<const tpacket_block_desc*>(block);
  const uint32_t count = head->hdr.bh1.num_pkts;
  if (count == 0) return;
  const int64_t offset = realtime_offset();
  auto* data = static_cast<uint8_t*>(malloc(kBlockBytes + count * sizeof(packet_record)));
  if (data == nullptr) {
    drops_ += count;
    return;
  }
  size_t length = 0;
  const uint8_t* at = block + head->hdr.bh1.offset_to_first_pkt;
  for (uint32_t i = 0; i < count; i++) {
    const auto* packet = reinterpret_cast<const tpacket3_hdr*>(at);
    const auto* link = reinterpret_cast<const sockaddr_ll*>(at + TPACKET_ALIGN(sizeof *packet));
    const bool outgoing = link->sll_pkttype == PACKET_OUTGOING;
    // The loopback interface shows each packet as it goes and as it comes.
    if (!is_loopback_ || !outgoing) {
      packet_record record = {};
      record.record_bytes = (sizeof record + packet->tp_snaplen + 7) & ~7u;
      record.captured = packet->tp_snaplen;
      record.wire_length = packet->tp_len;
      record.outgoing = outgoing;
      record.time = packet->tp_sec * 1000000000LL + packet->tp_nsec - offset;
      memcpy(data + length, &record, sizeof record);
      memcpy(data + length + sizeof record, at + packet->tp_mac, packet->tp_snaplen);
      length += record.record_bytes;
    }
    at += packet->tp_next_offset;
  }
  if (length == 0) {
    free(data);
    return;
  }
  outstanding_.fetch_add(1);
  deliver_({data, length});
}
