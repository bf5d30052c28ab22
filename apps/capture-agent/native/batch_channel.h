// SPDX-License-Identifier: Apache-2.0
// From a thread that reads records to JavaScript.
#pragma once

#include <napi.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>

#include "ring_reader.h"

// What our classes throw becomes an error of JavaScript's.
template <typename Body>
void guard(Napi::Env env, Body body) {
  try {
    body();
  } catch (const std::runtime_error& error) {
    throw Napi::Error::New(env, error.what());
  }
}

// Hands over batches as ArrayBuffers of whole records, then says that there are no more.
class BatchChannel {
 public:
  // `batch_done` is called on JavaScript's thread, once it has a batch.
  void open(Napi::Env env, const Napi::Function& on_batch, const Napi::Function& on_end, const char* name,
            std::function<void()> batch_done) {
    on_end_ = std::make_shared<Napi::FunctionReference>(Napi::Persistent(on_end));
    batch_done_ = std::move(batch_done);
    to_script_ = Napi::ThreadSafeFunction::New(env, on_batch, name, 0, 1);
  }

  // On any thread.
  void deliver(Batch batch) {
    const auto hand_over = [this, batch](Napi::Env env, Napi::Function on_batch) {
      batch_done_();
      if (static_cast<napi_env>(env) == nullptr) {
        free(batch.data);
        return;
      }
      on_batch.Call({Napi::ArrayBuffer::New(env, batch.data, batch.length, [](Napi::Env, void* data) { free(data); })});
    };
    if (to_script_.NonBlockingCall(hand_over) != napi_ok) free(batch.data);
  }

  // On any thread, after the last batch.
  void finish() {
    to_script_.NonBlockingCall([on_end = on_end_](Napi::Env env, Napi::Function) {
      if (static_cast<napi_env>(env) != nullptr) on_end->Call({});
      on_end->Reset();
    });
    to_script_.Release();
  }

  // In place of `finish`, when nothing could begin.
  void abandon() { to_script_.Release(); }

 private:
  Napi::ThreadSafeFunction to_script_;
  std::shared_ptr<Napi::FunctionReference> on_end_;
  std::function<void()> batch_done_;
};
