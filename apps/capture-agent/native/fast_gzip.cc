// SPDX-License-Identifier: Apache-2.0
// One deflate block (RFC 1951) with the fixed codes, so that nothing is counted first. A repetition is found by the last
// place where the same four bytes stood; where none is found for long, bytes are passed over in growing steps.
#include "fast_gzip.h"

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "crc32.h"

namespace {

constexpr size_t kHeadBytes = 10, kTrailerBytes = 8;
constexpr size_t kMinMatch = 4, kMaxMatch = 258, kWindow = 32768;
constexpr int kHashBits = 13;
// Bytes read at once, and the most that a symbol and a flush write.
constexpr size_t kMargin = 32;
// Summed before they are looked at for repetitions, while they are near.
constexpr size_t kSlice = 16 * 1024;
// At most 9 bits each: what is held between two flushes has room for them.
constexpr int kLiteralsAtOnce = 4;
// Steps grow by one after so many misses (as a power of two).
constexpr int kPatience = 5;

// Bits in the order in which they are written, lowest first.
struct Code {
  uint32_t bits;
  uint32_t length;
};

constexpr uint32_t reversed(uint32_t value, int length) {
  uint32_t result = 0;
  for (int i = 0; i < length; i++) result |= ((value >> i) & 1) << (length - 1 - i);
  return result;
}

// RFC 1951, 3.2.6.
constexpr Code fixed_code(uint32_t symbol) {
  if (symbol < 144) return {reversed(0x30 + symbol, 8), 8};
  if (symbol < 256) return {reversed(0x190 + symbol - 144, 9), 9};
  if (symbol < 280) return {reversed(symbol - 256, 7), 7};
  return {reversed(0xc0 + symbol - 280, 8), 8};
}

// The code of a length of 3 to 258 with its extra bits: eight lengths have a code of their own, then each four codes have one
// extra bit more; 258 again has one of its own (3.2.5).
constexpr Code length_code(uint32_t length) {
  if (length == kMaxMatch) return fixed_code(285);
  const uint32_t above = length - 3;
  uint32_t extra = 0;
  while ((above >> extra) >= 8) extra++;
  const Code code = fixed_code(257 + 4 * extra + (above >> extra));
  return {code.bits | (above & ((1U << extra) - 1)) << code.length, code.length + extra};
}

struct Codes {
  std::array<Code, 256> literals{};
  std::array<Code, kMaxMatch + 1> lengths{};
};

constexpr Codes make_codes() {
  Codes codes;
  for (uint32_t i = 0; i < 256; i++) codes.literals[i] = fixed_code(i);
  for (uint32_t i = 3; i <= kMaxMatch; i++) codes.lengths[i] = length_code(i);
  return codes;
}

constexpr Codes kCodes = make_codes();

// Two distances have each of the first two codes' lengths, then each two codes have one extra bit more.
Code distance_code(uint32_t distance) {
  const uint32_t above = distance - 1;
  if (above < 4) return {reversed(above, 5), 5};
  const uint32_t extra = 30 - __builtin_clz(above);
  const uint32_t symbol = 2 * extra + (above >> extra);
  return {reversed(symbol, 5) | (above & ((1U << extra) - 1)) << 5, 5 + extra};
}

uint32_t load32(const uint8_t* at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

class BitWriter {
 public:
  BitWriter(uint8_t* out, size_t room) : at_(out), end_(out + room) {}

  // At most 57 bits between two flushes.
  void put(Code code) {
    held_ |= static_cast<uint64_t>(code.bits) << count_;
    count_ += code.length;
  }

  // At most seven bits stay held. Writes eight bytes, of which the last ones are written over.
  void flush() {
    memcpy(at_, &held_, sizeof held_);
    at_ += count_ / 8;
    held_ >>= count_ & ~7U;
    count_ %= 8;
  }

  bool is_full() const { return static_cast<size_t>(end_ - at_) < kMargin; }

  uint8_t* finish() {
    count_ += 7;
    flush();
    return at_;
  }

 private:
  uint8_t* at_;
  uint8_t* end_;
  uint64_t held_ = 0;
  uint32_t count_ = 0;
};

__m128i load128(const uint8_t* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

// How many bytes are the same from both places on, at most `most`; 16 bytes behind it may be read.
size_t same_bytes(const uint8_t* one, const uint8_t* other, size_t most) {
  for (size_t i = 0; i < most; i += 16) {
    const unsigned same = _mm_movemask_epi8(_mm_cmpeq_epi8(load128(one + i), load128(other + i)));
    if (same == 0xffff) continue;
    return std::min(most, i + __builtin_ctz(~same));
  }
  return most;
}

bool put_literals(BitWriter& writer, const uint8_t* from, const uint8_t* to) {
  for (; to - from >= kLiteralsAtOnce; from += kLiteralsAtOnce) {
    for (int i = 0; i < kLiteralsAtOnce; i++) writer.put(kCodes.literals[from[i]]);
    writer.flush();
    if (writer.is_full()) return false;
  }
  for (; from < to; from++) writer.put(kCodes.literals[*from]);
  writer.flush();
  return !writer.is_full();
}

// False when there is no room. `crc` becomes that of all bytes.
bool deflate(const uint8_t* bytes, size_t length, BitWriter& writer, uint32_t& crc) {
  // A final block with fixed codes.
  writer.put({3, 3});
  const size_t last = length > kMargin ? length - kMargin : 0;
  std::vector<uint32_t> places(1 << kHashBits, 0);
  size_t done = 0, summed = 0;
  const auto sum_up_to = [&](size_t end) {
    crc = crc32_of(bytes + summed, end - summed, crc);
    summed = end;
  };
  for (size_t at = 1, misses = 0; at < last;) {
    if (at >= summed) sum_up_to(std::min(length, at + kSlice));
    const uint32_t four = load32(bytes + at);
    uint32_t& place = places[(four * 2654435761U) >> (32 - kHashBits)];
    const size_t before = place;
    place = at;
    if (load32(bytes + before) != four || at - before > kWindow) {
      at += 1 + (misses++ >> kPatience);
      continue;
    }
    misses = 0;
    if (!put_literals(writer, bytes + done, bytes + at)) return false;
    const Code distance = distance_code(at - before);
    size_t left = kMinMatch + same_bytes(bytes + before + kMinMatch, bytes + at + kMinMatch, last - at);
    at += left;
    while (left > 0) {
      // No rest that is too short for a code is left over.
      size_t part = left < kMaxMatch ? left : kMaxMatch;
      if (left - part > 0 && left - part < 3) part -= 3;
      writer.put(kCodes.lengths[part]);
      writer.put(distance);
      writer.flush();
      if (writer.is_full()) return false;
      left -= part;
    }
    done = at;
  }
  if (!put_literals(writer, bytes + done, bytes + length)) return false;
  writer.put(fixed_code(256));
  writer.flush();
  sum_up_to(length);
  return true;
}

}  // namespace

size_t fast_gzip(const uint8_t* bytes, size_t length, uint8_t* out) {
  if (length < kHeadBytes + kTrailerBytes + kMargin || length > UINT32_MAX) return 0;
  // No time stamp, no name; the operating system is not told.
  constexpr uint8_t head[kHeadBytes] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
  memcpy(out, head, sizeof head);
  BitWriter writer(out + kHeadBytes, length - kHeadBytes - kTrailerBytes);
  uint32_t crc = 0;
  if (!deflate(bytes, length, writer, crc)) return 0;
  uint8_t* end = writer.finish();
  const uint32_t trailer[] = {crc, static_cast<uint32_t>(length)};
  memcpy(end, trailer, sizeof trailer);
  return end + sizeof trailer - out;
}
