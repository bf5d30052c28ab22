// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

// Numbers keys in the order in which they first come. `Rows` is a power of two, and the most it takes.
template <typename Key, size_t Rows>
class RowTable {
  static_assert(std::has_unique_object_representations_v<Key> && sizeof(Key) % 8 == 0, "keys are compared as bytes");
  static_assert(Rows < 0x8000 && (Rows & (Rows - 1)) == 0, "rows are numbered in 16 bits");

 public:
  RowTable() : keys_(Rows), slots_(2 * Rows, kFree) {}

  void clear() {
    if (size_ > 0) memset(slots_.data(), 0xff, slots_.size() * sizeof slots_[0]);
    size_ = last_ = 0;
  }

  // A key that is new gets the row `size()`.
  size_t row_of(const Key& key) {
    // Most records are of the same socket and thread as the one before.
    if (size_ > 0 && equal(keys_[last_], key)) return last_;
    size_t at = hash(key) % slots_.size();
    while (slots_[at] != kFree && !equal(keys_[slots_[at]], key)) at = (at + 1) % slots_.size();
    if (slots_[at] == kFree) {
      keys_[size_] = key;
      slots_[at] = static_cast<uint16_t>(size_++);
    }
    return last_ = slots_[at];
  }

  size_t size() const { return size_; }

 private:
  static constexpr uint16_t kFree = 0xffff;
  std::vector<Key> keys_;
  // Twice as many as rows, so that a free one is near.
  std::vector<uint16_t> slots_;
  size_t size_ = 0, last_ = 0;

  static bool equal(const Key& one, const Key& other) { return memcmp(&one, &other, sizeof one) == 0; }

  static size_t hash(const Key& key) {
    uint64_t words[sizeof key / 8], mixed = 0;
    memcpy(words, &key, sizeof key);
    for (const uint64_t word : words) {
      mixed = (mixed ^ word) * 0x9e3779b97f4a7c15;
      mixed ^= mixed >> 32;
    }
    return mixed;
  }
};
