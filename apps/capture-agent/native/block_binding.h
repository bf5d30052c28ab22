// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "event_block.h"

// What JavaScript is to know of `EventBlock`: see `BlockLayout` in `src/native/native-addon.ts`.
Napi::Object block_layout(Napi::Env env);

// Of {secretNames, secretFirstBytes}.
SecretHints secret_hints_of(const Napi::Object& options);

// fillBlock(memory, records, hints): puts records into a block, as if they had come from the ring. Here for tests.
Napi::Value fill_block(const Napi::CallbackInfo& info);
// findsNone(names, bytes). Here for tests.
Napi::Value finds_none(const Napi::CallbackInfo& info);

// A block's memory. Throws Napi::Error where there is too little.
EventBlock* event_block_in(Napi::ArrayBuffer memory);

std::vector<std::string> texts_of(const Napi::Array& texts);
