// SPDX-License-Identifier: Apache-2.0
#include "name_search.h"

#include <immintrin.h>

#include <set>

namespace {

uint8_t lower(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte; }

// Of the last two bytes before `end`.
size_t end_key(const uint8_t* end) { return (end[-2] & 31) << 5 | (end[-1] & 31); }

// In place of an end of two letters: a blank, or a name of one letter, before which anything may stand.
constexpr uint8_t kAnyBefore = 0x80;
constexpr unsigned kEndBits = 7;

__attribute__((target("avx2"))) inline __m256i load(const uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

__attribute__((target("avx2"))) inline __m256i twice(const std::array<uint8_t, 16>& table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

// Each byte's entry, by its low four bits.
__attribute__((target("avx2"))) inline __m256i look_up(__m256i table, __m256i bytes) {
  return _mm256_shuffle_epi8(table, _mm256_and_si256(bytes, _mm256_set1_epi8(15)));
}

}  // namespace

NameSearch::NameSearch(const std::vector<std::string>& names) : has_names_(!names.empty()) {
  // Blanks may stand between a name and its mark.
  for (unsigned before = 0; before < 32; before++) {
    const uint8_t end[] = {static_cast<uint8_t>(before), ' '};
    has_end_[end_key(end + 2)] = true;
  }
  before_last_.fill(kAnyBefore);
  last_[' ' & 15] |= kAnyBefore;
  std::set<std::string> ends;
  for (const auto& name : names) {
    if (name.empty()) continue;
    if (name.size() == 1) {
      last_[name[0] & 15] |= kAnyBefore;
    } else if (ends.insert(name.substr(name.size() - 2)).second) {
      const uint8_t bit = 1 << ((ends.size() - 1) % kEndBits);
      last_[name.back() & 15] |= bit;
      before_last_[name[name.size() - 2] & 15] |= bit;
    }
    // Before a name of one letter may stand anything.
    const bool is_long = name.size() > 1;
    const unsigned from = is_long ? static_cast<uint8_t>(name[name.size() - 2]) : 0, to = is_long ? from : 31;
    for (unsigned before = from; before <= to; before++) {
      const uint8_t end[] = {static_cast<uint8_t>(before), static_cast<uint8_t>(name.back())};
      by_end_[end_key(end + 2)].push_back(name);
      has_end_[end_key(end + 2)] = true;
    }
  }
}

// Nearly every mark is passed over by its table entry alone.
inline bool NameSearch::may_follow_name(const uint8_t* bytes, size_t mark) const {
  if (mark < 3) return mark > 0;
  const size_t end = mark - (bytes[mark - 1] == '"');
  return has_end_[end_key(bytes + end)] && stands_before(bytes, end);
}

bool NameSearch::finds_none(const uint8_t* bytes, size_t length) const {
  if (!has_names_) return false;
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  bool found = false;
  size_t at = has_avx2 ? search_by_32(bytes, length, found) : 0;
  for (; at < length && !found; at++) {
    if (bytes[at] == ':' || bytes[at] == '=') found = may_follow_name(bytes, at);
  }
  return !found;
}

// Returns how far it came.
__attribute__((target("avx2"))) size_t NameSearch::search_by_32(const uint8_t* bytes, size_t length, bool& found) const {
  const __m256i colon = _mm256_set1_epi8(':'), equals = _mm256_set1_epi8('='), quote = _mm256_set1_epi8('"');
  const __m256i last_table = twice(last_), before_last_table = twice(before_last_);
  size_t at = 0;
  // One by one, as the vectors begin up to three bytes before a mark.
  for (; at < length && at < 3; at++) {
    if ((bytes[at] == ':' || bytes[at] == '=') && (found = may_follow_name(bytes, at))) return at;
  }
  for (; at + 32 <= length; at += 32) {
    const __m256i part = load(bytes + at);
    const __m256i marks = _mm256_or_si256(_mm256_cmpeq_epi8(part, colon), _mm256_cmpeq_epi8(part, equals));
    if (_mm256_testz_si256(marks, marks)) continue;
    // A quote may stand between a name and its mark.
    const __m256i one = load(bytes + at - 1), two = load(bytes + at - 2), three = load(bytes + at - 3);
    const __m256i is_quoted = _mm256_cmpeq_epi8(one, quote);
    const __m256i last = look_up(last_table, _mm256_blendv_epi8(one, two, is_quoted));
    const __m256i before_last = look_up(before_last_table, _mm256_blendv_epi8(two, three, is_quoted));
    const __m256i misses = _mm256_cmpeq_epi8(_mm256_and_si256(last, before_last), _mm256_setzero_si256());
    unsigned candidates = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_andnot_si256(misses, marks)));
    for (; candidates != 0; candidates &= candidates - 1) {
      if ((found = may_follow_name(bytes, at + __builtin_ctz(candidates)))) return at;
    }
  }
  return at;
}

bool NameSearch::stands_before(const uint8_t* bytes, size_t end) const {
  while (end > 0 && bytes[end - 1] == ' ') end--;
  if (end < 2) return end == 1;
  for (const auto& name : by_end_[end_key(bytes + end)]) {
    if (name.size() > end) continue;
    const uint8_t* start = bytes + end - name.size();
    size_t i = 0;
    while (i < name.size() && lower(start[i]) == static_cast<uint8_t>(name[i])) i++;
    if (i == name.size()) return true;
  }
  return false;
}
