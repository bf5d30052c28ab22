// SPDX-License-Identifier: Apache-2.0
#include "block_binding.h"

#include <cstddef>
#include <cstring>
#include <string>

namespace {

struct Place {
  const char* name;
  size_t offset;
};

// Columns as the capture format names them, and `findings`.
constexpr Place kColumns[] = {
    {"kind", offsetof(EventBlock, kind)},
    {"enter", offsetof(EventBlock, enter)},
    {"exit", offsetof(EventBlock, exit)},
    {"abi", offsetof(EventBlock, abi)},
    {"direction", offsetof(EventBlock, direction)},
    {"flags", offsetof(EventBlock, flags)},
    {"thread", offsetof(EventBlock, thread)},
    {"socket", offsetof(EventBlock, socket)},
    {"fd", offsetof(EventBlock, fd)},
    {"result", offsetof(EventBlock, result)},
    {"tcpSeqEnter", offsetof(EventBlock, tcp_seq_enter)},
    {"tcpSeqExit", offsetof(EventBlock, tcp_seq_exit)},
    {"rtt", offsetof(EventBlock, rtt)},
    {"loopTurn", offsetof(EventBlock, loop_turn)},
    {"detail", offsetof(EventBlock, detail)},
    {"payloadLength", offsetof(EventBlock, payload_length)},
    {"findings", offsetof(EventBlock, findings)},
};

constexpr Place kPlaces[] = {
    {"base", offsetof(EventBlock, base)},
    {"socketHeads", offsetof(EventBlock, socket_heads)},
    {"threadHeads", offsetof(EventBlock, thread_heads)},
    {"texts", offsetof(EventBlock, texts)},
    {"head", offsetof(EventBlock, head)},
    {"payload", offsetof(EventBlock, payload)},
    {"bytes", sizeof(EventBlock)},
    {"rows", kBlockRows},
    {"tableRows", kBlockTableRows},
};

template <size_t Count>
Napi::Object object_of(Napi::Env env, const Place (&places)[Count]) {
  auto object = Napi::Object::New(env);
  for (const auto& [name, offset] : places) object[name] = static_cast<double>(offset);
  return object;
}

}  // namespace

std::vector<std::string> texts_of(const Napi::Array& texts) {
  std::vector<std::string> found;
  for (uint32_t i = 0; i < texts.Length(); i++) found.push_back(texts.Get(i).As<Napi::String>().Utf8Value());
  return found;
}

Napi::Object block_layout(Napi::Env env) {
  auto layout = object_of(env, kPlaces);
  layout["columns"] = object_of(env, kColumns);
  return layout;
}

SecretHints secret_hints_of(const Napi::Object& options) {
  SecretHints hints = {NameSearch(texts_of(options.Get("secretNames").As<Napi::Array>())), {}};
  const auto bytes = options.Get("secretFirstBytes").As<Napi::Array>();
  for (uint32_t i = 0; i < bytes.Length(); i++) hints.first_bytes[bytes.Get(i).As<Napi::Number>().Uint32Value() & 255] = true;
  return hints;
}

EventBlock* event_block_in(Napi::ArrayBuffer memory) {
  if (memory.ByteLength() < sizeof(EventBlock)) throw Napi::Error::New(memory.Env(), "too little memory for a block");
  return static_cast<EventBlock*>(memory.Data());
}

// Returns how many bytes of the records went in: all, unless the block became full.
Napi::Value fill_block(const Napi::CallbackInfo& info) {
  const auto records = info[1].As<Napi::Uint8Array>();
  BlockWriter writer(secret_hints_of(info[2].As<Napi::Object>()));
  writer.begin(event_block_in(info[0].As<Napi::ArrayBuffer>()));
  size_t at = 0;
  capture_event head;
  while (!writer.is_full() && at + sizeof head <= records.ByteLength()) {
    memcpy(&head, records.Data() + at, sizeof head);
    if (records.ByteLength() - at - sizeof head < head.payload_length) break;
    writer.add(head, records.Data() + at + sizeof head);
    at += sizeof head + head.payload_length;
  }
  return Napi::Number::New(info.Env(), static_cast<double>(at));
}

Napi::Value finds_none(const Napi::CallbackInfo& info) {
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const NameSearch names(texts_of(info[0].As<Napi::Array>()));
  return Napi::Boolean::New(info.Env(), names.finds_none(bytes.Data(), bytes.ByteLength()));
}
