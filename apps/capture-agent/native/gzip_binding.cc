// SPDX-License-Identifier: Apache-2.0
#include "gzip_binding.h"

#include <memory>

#include "fast_gzip.h"

namespace {

// Runs on a thread of Node's pool.
class GzipWorker : public Napi::AsyncWorker {
 public:
  GzipWorker(Napi::Env env, const Napi::Uint8Array& bytes)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        kept_(Napi::Persistent(bytes)),
        bytes_(bytes.Data()),
        length_(bytes.ByteLength()) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    out_ = std::unique_ptr<uint8_t[]>(new uint8_t[length_]);
    out_length_ = fast_gzip(bytes_, length_, out_.get());
  }

  void OnOK() override {
    if (out_length_ == 0) deferred_.Resolve(Env().Undefined());
    else deferred_.Resolve(Napi::Buffer<uint8_t>::Copy(Env(), out_.get(), out_length_));
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::Reference<Napi::Uint8Array> kept_;
  const uint8_t* bytes_;
  size_t length_;
  std::unique_ptr<uint8_t[]> out_;
  size_t out_length_ = 0;
};

}  // namespace

Napi::Value gzip(const Napi::CallbackInfo& info) {
  auto* worker = new GzipWorker(info.Env(), info[0].As<Napi::Uint8Array>());
  const auto promise = worker->promise();
  worker->Queue();
  return promise;
}
