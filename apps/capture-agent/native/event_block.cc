// SPDX-License-Identifier: Apache-2.0
#include "event_block.h"

#include <cstring>

void BlockWriter::begin(EventBlock* block) {
  block_ = block;
  block->rows = block->sockets = block->threads = block->text_bytes = block->payload_bytes = 0;
  sockets_.clear();
  threads_.clear();
}

bool BlockWriter::is_full() const {
  const EventBlock& block = *block_;
  return block.rows == kBlockRows || block.payload_bytes >= kBlockPayloadBytes || block.sockets == kBlockTableRows ||
         block.threads == kBlockTableRows || kBlockTextBytes - block.text_bytes < sizeof(uint32_t) + CAPTURE_MAX_PAYLOAD;
}

void BlockWriter::add(const capture_event& head, const uint8_t* payload) {
  EventBlock& block = *block_;
  const uint32_t row = block.rows;
  if (row == 0) block.base = head.enter;
  const bool has_socket = head.family != 0;
  // Differences stay exact where times would not fit a double.
  block.enter[row] = static_cast<double>(static_cast<int64_t>(head.enter - block.base));
  block.exit[row] = static_cast<double>(static_cast<int64_t>(head.exit - block.base));
  block.result[row] = static_cast<double>(head.result);
  block.thread[row] = thread_row(head);
  block.socket[row] = has_socket ? socket_row(head) : kNone;
  block.fd[row] = head.fd;
  block.tcp_seq_enter[row] = head.tcp_seq_enter;
  block.tcp_seq_exit[row] = head.tcp_seq_exit;
  block.rtt[row] = head.rtt;
  block.detail[row] = head.detail;
  block.payload_length[row] = 0;
  block.flags[row] = head.flags;
  block.kind[row] = head.kind;
  block.abi[row] = head.abi;
  block.direction[row] = head.direction;
  block.loop_turn[row] = head.loop_turn;
  block.findings[row] = 0;
  if (head.kind == CAPTURE_DATA) {
    if (has_socket && head.result > 0 && head.payload_length > 0) keep_payload(head, payload, row);
  } else if (head.kind == CAPTURE_EXEC || head.kind == CAPTURE_CONNECT || head.kind == CAPTURE_ACCEPT) {
    block.detail[row] = keep_text(head, payload);
  }
  block.rows = row + 1;
}

// Copied first: the ring's bytes come from another processor, and a copy does not wait for each of them in turn.
void BlockWriter::keep_payload(const capture_event& head, const uint8_t* payload, uint32_t row) {
  EventBlock& block = *block_;
  uint8_t* kept = block.payload + block.payload_bytes;
  memcpy(kept, payload, head.payload_length);
  block.payload_length[row] = head.payload_length;
  block.payload_bytes += head.payload_length;
  block.findings[row] = (secrets_.names.finds_none(kept, head.payload_length) ? 0 : kMayHoldName) |
                        (secrets_.first_bytes[kept[0]] ? kMayHoldSecret : 0);
}

uint32_t BlockWriter::keep_text(const capture_event& head, const uint8_t* text) {
  EventBlock& block = *block_;
  const uint32_t at = block.text_bytes, length = head.payload_length;
  memcpy(block.texts + at, &length, sizeof length);
  memcpy(block.texts + at + sizeof length, text, length);
  block.text_bytes += sizeof length + length;
  return at;
}

uint32_t BlockWriter::socket_row(const capture_event& head) {
  SocketKey key = {head.socket, {}, head.inode, head.local_port, head.remote_port, head.family, head.transport};
  memcpy(key.addresses, head.local_address, 16);
  memcpy(key.addresses + 16, head.remote_address, 16);
  const uint32_t row = sockets_.row_of(key);
  if (row == block_->sockets) block_->socket_heads[block_->sockets++] = head;
  return row;
}

uint32_t BlockWriter::thread_row(const capture_event& head) {
  ThreadKey key = {head.pid, head.tid, head.coroutine, head.pseudo_thread, {}};
  memcpy(key.comm, head.comm, sizeof key.comm);
  const uint32_t row = threads_.row_of(key);
  if (row == block_->threads) block_->thread_heads[block_->threads++] = head;
  return row;
}
