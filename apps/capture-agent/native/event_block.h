// SPDX-License-Identifier: Apache-2.0
// An event block as it is put together: columns, tables and payload, in memory that JavaScript owns and finishes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../../../bpf/capture_event.h"
#include "name_search.h"
#include "row_table.h"

constexpr size_t kBlockRows = 8192;
constexpr size_t kBlockTableRows = 4096;
constexpr size_t kBlockTextBytes = 64 * 1024;
constexpr size_t kBlockPayloadBytes = 3 * 1024 * 1024;
// What stands before the payload in the encoded block: nearly always less.
constexpr size_t kBlockHeadBytes = 768 * 1024;
// In place of a row or a text: none.
constexpr uint32_t kNone = 0xffffffff;

// What was found in the payload of a row.
enum BlockFinding : uint8_t {
  kMayHoldName = 1,      // of a secret, before a mark
  kMayHoldSecret = 2,    // it begins with one of `SecretHints::first_bytes`
};

// JavaScript knows the places by `block_layout` in block_binding.cc. Columns as docs/capture-format.md has them, where that
// says so.
struct EventBlock {
  uint32_t rows;
  uint32_t sockets;
  uint32_t threads;
  uint32_t text_bytes;
  uint32_t payload_bytes;
  uint32_t reserved;
  // `enter` of the first row: what the times are offsets from.
  uint64_t base;
  double enter[kBlockRows];
  double exit[kBlockRows];
  double result[kBlockRows];
  uint32_t thread[kBlockRows];
  uint32_t socket[kBlockRows];
  int32_t fd[kBlockRows];
  uint32_t tcp_seq_enter[kBlockRows];
  uint32_t tcp_seq_exit[kBlockRows];
  uint32_t rtt[kBlockRows];
  // Of exec, connect and accept: where their path stands in `texts`, its length first.
  uint32_t detail[kBlockRows];
  uint32_t payload_length[kBlockRows];
  uint16_t flags[kBlockRows];
  uint8_t kind[kBlockRows];
  uint8_t abi[kBlockRows];
  uint8_t direction[kBlockRows];
  uint8_t loop_turn[kBlockRows];
  // `BlockFinding`s; not of the format.
  uint8_t findings[kBlockRows];
  // Rows of the tables: the first record of each socket (with its addresses) and thread.
  capture_event socket_heads[kBlockTableRows];
  capture_event thread_heads[kBlockTableRows];
  uint8_t texts[kBlockTextBytes];
  uint8_t head[kBlockHeadBytes];
  // One record more than it takes to be full.
  uint8_t payload[kBlockPayloadBytes + CAPTURE_MAX_PAYLOAD];
};

// How to tell payload that hides nothing: the names, in lower case, and bytes with which a secret without a name may begin.
struct SecretHints {
  NameSearch names;
  std::array<bool, 256> first_bytes{};
};

// Puts records into one block after the other.
class BlockWriter {
 public:
  explicit BlockWriter(SecretHints secrets) : secrets_(std::move(secrets)) {}

  // The next records go into this one, which is emptied.
  void begin(EventBlock* block);
  // Then another must be begun.
  bool is_full() const;
  // The payload follows the head.
  void add(const capture_event& head, const uint8_t* payload);

 private:
  struct SocketKey {
    uint64_t socket;
    uint8_t addresses[32];
    uint32_t inode;
    uint16_t local_port, remote_port;
    uint32_t family, transport;
  };
  struct ThreadKey {
    uint32_t pid, tid, coroutine, pseudo_thread;
    char comm[CAPTURE_COMM_LENGTH];
  };

  const SecretHints secrets_;
  EventBlock* block_ = nullptr;
  RowTable<SocketKey, kBlockTableRows> sockets_;
  RowTable<ThreadKey, kBlockTableRows> threads_;

  uint32_t socket_row(const capture_event& head);
  uint32_t thread_row(const capture_event& head);
  uint32_t keep_text(const capture_event& head, const uint8_t* text);
  void keep_payload(const capture_event& head, const uint8_t* payload, uint32_t row);
};
