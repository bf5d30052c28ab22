// SPDX-License-Identifier: Apache-2.0
// zlib's crc32 (ISO 3309, the polynomial 0xedb88320), at the speed of memory where the processor multiplies without carry.
#pragma once

#include <cstddef>
#include <cstdint>

// `before`: that of the bytes before these.
uint32_t crc32_of(const uint8_t* bytes, size_t length, uint32_t before = 0);
