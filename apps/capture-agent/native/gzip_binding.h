// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

// gzip(bytes): a promise, see `src/native/native-addon.ts`.
Napi::Value gzip(const Napi::CallbackInfo& info);
