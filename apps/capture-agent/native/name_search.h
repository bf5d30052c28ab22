// SPDX-License-Identifier: Apache-2.0
// Looks for the names of secrets, so that payload without any need not be searched again: most has none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

class NameSearch {
 public:
  // Lower-case names, as `src/redact/name-set.ts` holds them. Without any, nothing is searched and nothing ruled out.
  explicit NameSearch(const std::vector<std::string>& names);

  // No name stands before a colon or an equals sign: then `maskNamedValues` would change nothing. It may say false of bytes
  // that turn out to be harmless, never the other way round.
  bool finds_none(const uint8_t* bytes, size_t length) const;

 private:
  bool has_names_;
  // By the low bits of their last two letters, which are the same for small and capital ones.
  std::array<std::vector<std::string>, 1024> by_end_;
  // Whether there is any, or a blank before which one may stand.
  std::array<bool, 1024> has_end_{};

  // The same for 32 marks at once, by the low four bits of the last letter and of the one before it: a bit that both have in
  // common stands for one end of names, or for a few.
  std::array<uint8_t, 16> last_{};
  std::array<uint8_t, 16> before_last_{};

  size_t search_by_32(const uint8_t* bytes, size_t length, bool& found) const;
  bool may_follow_name(const uint8_t* bytes, size_t mark) const;
  bool stands_before(const uint8_t* bytes, size_t end) const;
};
