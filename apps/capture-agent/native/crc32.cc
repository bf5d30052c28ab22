// SPDX-License-Identifier: Apache-2.0
// Folding, after Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009).
#include "crc32.h"

#include <immintrin.h>

#include <array>

namespace {

constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0xedb88320 : value >> 1;
    table[i] = value;
  }
  return table;
}

constexpr auto kTable = make_table();

// Both take and give the register as it is between bytes, not inverted.
uint32_t by_table(const uint8_t* bytes, size_t length, uint32_t crc) {
  for (size_t i = 0; i < length; i++) crc = crc >> 8 ^ kTable[(crc ^ bytes[i]) & 0xff];
  return crc;
}

__attribute__((target("pclmul,sse4.1"))) __m128i fold(__m128i value, __m128i by, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(value, by, 0x00), high = _mm_clmulepi64_si128(value, by, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// A multiple of 16 bytes, 64 at least. What is left at the end is 16 bytes that have the same remainder as all.
__attribute__((target("pclmul,sse4.1"))) uint32_t by_folding(const uint8_t* bytes, size_t length, uint32_t crc) {
  // x to the powers 4·128±32 and 128±32, modulo the polynomial, bits reversed.
  const __m128i by_four = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4), by_one = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const auto load = [&](size_t at) __attribute__((target("pclmul,sse4.1"))) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
  };
  __m128i parts[4] = {_mm_xor_si128(load(0), _mm_cvtsi32_si128(static_cast<int>(crc))), load(16), load(32), load(48)};
  size_t at = 64;
  for (; at + 64 <= length; at += 64) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) parts[i] = fold(parts[i], by_four, load(at + 16 * i));
  }
  __m128i rest = parts[0];
  for (int i = 1; i < 4; i++) rest = fold(rest, by_one, parts[i]);
  for (; at < length; at += 16) rest = fold(rest, by_one, load(at));
  alignas(16) uint8_t last[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(last), rest);
  return by_table(last, sizeof last, 0);
}

}  // namespace

uint32_t crc32_of(const uint8_t* bytes, size_t length, uint32_t before) {
  static const bool can_fold = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  const size_t folded = can_fold && length >= 64 ? length & ~size_t{15} : 0;
  const uint32_t crc = folded > 0 ? by_folding(bytes, folded, ~before) : ~before;
  return ~by_table(bytes + folded, length - folded, crc);
}
