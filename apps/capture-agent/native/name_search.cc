// SPDX-License-Identifier: Apache-2.0
#include "name_search.h"

#include <emmintrin.h>

namespace {

uint8_t lower(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte; }

// Of the last two bytes before `end`.
size_t end_key(const uint8_t* end) { return (end[-2] & 31) << 5 | (end[-1] & 31); }

}  // namespace

NameSearch::NameSearch(const std::vector<std::string>& names) : has_names_(!names.empty()) {
  // Blanks may stand between a name and its mark.
  for (unsigned before = 0; before < 32; before++) {
    const uint8_t end[] = {static_cast<uint8_t>(before), ' '};
    has_end_[end_key(end + 2)] = true;
  }
  for (const auto& name : names) {
    if (name.empty()) continue;
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
  const __m128i colon = _mm_set1_epi8(':'), equals = _mm_set1_epi8('=');
  size_t at = 0;
  for (; at + 16 <= length; at += 16) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
    unsigned marks = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(part, colon), _mm_cmpeq_epi8(part, equals)));
    for (; marks != 0; marks &= marks - 1) {
      if (may_follow_name(bytes, at + __builtin_ctz(marks))) return false;
    }
  }
  for (; at < length; at++) {
    if ((bytes[at] == ':' || bytes[at] == '=') && may_follow_name(bytes, at)) return false;
  }
  return true;
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
