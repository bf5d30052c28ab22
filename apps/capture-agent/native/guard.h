// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <stdexcept>

// What our classes throw becomes an error of JavaScript's.
template <typename Body>
void guard(Napi::Env env, Body body) {
  try {
    body();
  } catch (const std::runtime_error& error) {
    throw Napi::Error::New(env, error.what());
  }
}
