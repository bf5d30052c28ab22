// SPDX-License-Identifier: Apache-2.0
#include "packet_binding.h"

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "batch_channel.h"
#include "packet_ring.h"

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
  BatchChannel channel_;

  PacketRing& open(Napi::Env env) {
    if (!ring_) throw Napi::Error::New(env, "the packet ring is closed");
    return *ring_;
  }

  // start(onBatch, onEnd)
  void start(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    auto& ring = open(env);
    channel_.open(env, info[0].As<Napi::Function>(), info[1].As<Napi::Function>(), "causeway packet ring", [this] {
      if (ring_) ring_->batch_done();
    });
    guard(env, [&] {
      try {
        ring.start([this](Batch batch) { channel_.deliver(batch); }, [this] { channel_.finish(); });
      } catch (...) {
        channel_.abandon();
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
