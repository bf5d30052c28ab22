// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
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

// To be called once, on any thread, after the last call through `to_script`: calls `on_end` and lets go of both.
inline std::function<void()> ending(Napi::ThreadSafeFunction& to_script, const Napi::Function& on_end) {
  auto kept = std::make_shared<Napi::FunctionReference>(Napi::Persistent(on_end));
  return [&to_script, kept] {
    to_script.NonBlockingCall([kept](Napi::Env env, Napi::Function) {
      if (static_cast<napi_env>(env) != nullptr) kept->Call({});
      kept->Reset();
    });
    to_script.Release();
  };
}
