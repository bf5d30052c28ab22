// SPDX-License-Identifier: Apache-2.0
#include "packet_binding.h"

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "packet_ring.h"
#include "script_calls.h"

namespace {

class PacketRingObject : public Napi::ObjectWrap<PacketRingObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "PacketRing",
                       {InstanceMethod<&PacketRingObject::start>("start"), InstanceMethod<&PacketRingObject::stop>("stop"),
                        InstanceMethod<&PacketRingObject::close>("close"), InstanceMethod<&PacketRingObject::drops>("drops"),
                        InstanceMethod<&PacketRingObject::place>("place")});
  }

  // PacketRing(interface, path of the namespace or '', filter: sock_filter as they lie in memory).
  explicit PacketRingObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PacketRingObject>(info) {
    const auto bytes = info[2].As<Napi::Uint8Array>();
    std::vector<sock_filter> filter(bytes.ByteLength() / sizeof(sock_filter));
    memcpy(filter.data(), bytes.Data(), filter.size() * sizeof(sock_filter));
    guard(info.Env(), [&] {
      const PacketRing::Place place = {info[0].As<Napi::String>().Utf8Value(), info[1].As<Napi::String>().Utf8Value()};
      ring_ = std::make_unique<PacketRing>(place, std::move(filter));
    });
  }

 private:
  std::unique_ptr<PacketRing> ring_;
  Napi::ThreadSafeFunction to_script_;

  PacketRing& open(Napi::Env env) {
    if (!ring_) throw Napi::Error::New(env, "the packet ring is closed");
    return *ring_;
  }

  // start(onBatch, onEnd)
  void start(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    auto& ring = open(env);
    to_script_ = Napi::ThreadSafeFunction::New(env, info[0].As<Napi::Function>(), "causeway packet ring", 0, 1);
    auto deliver = [this](PacketBatch batch) {
      const auto hand_over = [this, batch](Napi::Env env, Napi::Function on_batch) {
        if (ring_) ring_->batch_done();
        if (static_cast<napi_env>(env) == nullptr) {
          free(batch.data);
          return;
        }
        on_batch.Call({Napi::ArrayBuffer::New(env, batch.data, batch.length, [](Napi::Env, void* data) { free(data); })});
      };
      if (to_script_.NonBlockingCall(hand_over) != napi_ok) free(batch.data);
    };
    const auto finished = ending(to_script_, info[1].As<Napi::Function>());
    guard(env, [&] {
      try {
        ring.start(deliver, finished);
      } catch (...) {
        to_script_.Release();
        throw;
      }
    });
  }

  void stop(const Napi::CallbackInfo&) {
    if (ring_) ring_->stop();
  }

  void close(const Napi::CallbackInfo&) { ring_.reset(); }

  Napi::Value drops(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(open(info.Env()).drops()));
  }

  Napi::Value place(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    const auto& ring = open(env);
    auto result = Napi::Object::New(env);
    auto addresses = Napi::Array::New(env, ring.addresses().size());
    for (uint32_t i = 0; i < ring.addresses().size(); i++) {
      const auto& bytes = ring.addresses()[i];
      addresses[i] = Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
    }
    result["netns"] = ring.netns();
    result["isVeth"] = Napi::Boolean::New(env, ring.is_veth());
    result["addresses"] = addresses;
    return result;
  }
};

}  // namespace

Napi::Function define_packet_ring(Napi::Env env) { return PacketRingObject::define(env); }
