// SPDX-License-Identifier: Apache-2.0
// What JavaScript sees: `src/native/native-addon.ts` holds the types.
#include <napi.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "block_binding.h"
#include "capture_session.h"
#include "gzip_binding.h"
#include "packet_binding.h"
#include "ring_reader.h"
#include "script_calls.h"

namespace {

uint32_t number_of(const Napi::Object& options, const char* name) {
  return options.Get(name).As<Napi::Number>().Uint32Value();
}

bool flag_of(const Napi::Object& options, const char* name) { return options.Get(name).As<Napi::Boolean>().Value(); }

// Returns how many there are.
uint32_t set_ports(uint64_t (&bits)[1024], const Napi::Object& options, const char* name) {
  const auto ports = options.Get(name).As<Napi::Array>();
  for (uint32_t i = 0; i < ports.Length(); i++) {
    const uint32_t port = ports.Get(i).As<Napi::Number>().Uint32Value() & 0xffff;
    bits[port / 64] |= 1ULL << (port % 64);
  }
  return ports.Length();
}

// Each is {family, address, mask}, the last two as 16 bytes.
void set_prefixes(capture_config& config, const Napi::Array& prefixes) {
  if (prefixes.Length() > CAPTURE_MAX_PREFIXES) throw std::runtime_error("at most 16 networks can be recorded at once");
  for (uint32_t i = 0; i < prefixes.Length(); i++) {
    const auto prefix = prefixes.Get(i).As<Napi::Object>();
    auto& kept = config.prefixes[i];
    kept.family = number_of(prefix, "family");
    const auto copy = [&](uint32_t (&to)[4], const char* name) {
      const auto bytes = prefix.Get(name).As<Napi::Uint8Array>();
      memcpy(to, bytes.Data(), std::min(sizeof to, bytes.ByteLength()));
    };
    copy(kept.address, "address");
    copy(kept.mask, "mask");
  }
  config.prefix_count = prefixes.Length();
}

void set_cgroups(capture_config& config, const Napi::Array& cgroups) {
  if (cgroups.Length() > CAPTURE_MAX_CGROUPS) throw std::runtime_error("at most 8 control groups can be recorded at once");
  for (uint32_t i = 0; i < cgroups.Length(); i++) {
    const auto cgroup = cgroups.Get(i).As<Napi::Object>();
    bool lossless = false;
    config.cgroups[i].id = cgroup.Get("id").As<Napi::BigInt>().Uint64Value(&lossless);
    config.cgroups[i].level = number_of(cgroup, "level");
  }
  config.cgroup_count = cgroups.Length();
}

capture_config config_of(const Napi::Object& options) {
  capture_config config = {};
  config.filter_ports = set_ports(config.ports, options, "ports") > 0;
  config.exclude_ports = set_ports(config.excluded_ports, options, "excludedPorts") > 0;
  set_prefixes(config, options.Get("prefixes").As<Napi::Array>());
  set_cgroups(config, options.Get("cgroups").As<Napi::Array>());
  const auto comms = options.Get("comms").As<Napi::Array>();
  if (comms.Length() > CAPTURE_MAX_COMMS) throw std::runtime_error("at most 16 command names can be recorded at once");
  for (uint32_t i = 0; i < comms.Length(); i++) {
    const std::string comm = comms.Get(i).As<Napi::String>().Utf8Value();
    memcpy(config.comms[i], comm.data(), std::min<size_t>(comm.size(), CAPTURE_COMM_LENGTH - 1));
  }
  config.comm_count = comms.Length();
  config.payload_limit = std::min<uint32_t>(number_of(options, "payloadLimit"), CAPTURE_MAX_PAYLOAD);
  const auto turn_limit = options.Get("turnLimit");
  config.limits_turns = turn_limit.IsNumber();
  if (turn_limit.IsNumber()) config.turn_limit = turn_limit.As<Napi::Number>().Uint32Value();
  config.verdicts = flag_of(options, "verdicts");
  config.agent_pid = number_of(options, "agentPid");
  config.all_processes = flag_of(options, "allProcesses");
  config.lifecycle = flag_of(options, "lifecycle");
  config.unix_sockets = flag_of(options, "unixSockets");
  config.tls = flag_of(options, "tls");
  config.coroutines = flag_of(options, "coroutines");
  config.at_sockets = flag_of(options, "atSockets");
  return config;
}

class Session : public Napi::ObjectWrap<Session> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Session",
                       {InstanceMethod<&Session::start>("start"), InstanceMethod<&Session::stop>("stop"),
                        InstanceMethod<&Session::flush>("flush"), InstanceMethod<&Session::give_back>("giveBack"),
                        InstanceMethod<&Session::close>("close"), InstanceMethod<&Session::set_target>("setTarget"),
                        InstanceMethod<&Session::is_target>("isTarget"),
                        InstanceMethod<&Session::decide>("decide"), InstanceMethod<&Session::forget>("forget"),
                        InstanceMethod<&Session::counters>("counters"),
                        InstanceMethod<&Session::existing_sockets>("existingSockets"),
                        InstanceMethod<&Session::attach_probe>("attachProbe"),
                        InstanceMethod<&Session::set_goroutine_places>("setGoroutinePlaces"),
                        InstanceMethod<&Session::release_probes>("releaseProbes"),
                        InstanceMethod<&Session::has_listed_sockets>("hasListedSockets"),
                        InstanceMethod<&Session::watch_returns>("watchReturns")});
  }

  explicit Session(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Session>(info) {
    guard(info.Env(), [&] {
      const auto options = info[0].As<Napi::Object>();
      session_ = std::make_unique<CaptureSession>(config_of(options), number_of(options, "ringBytes"),
                                                  flag_of(options, "withoutCasts"));
      secrets_ = secret_hints_of(options);
    });
  }

 private:
  std::unique_ptr<CaptureSession> session_;
  std::unique_ptr<RingReader> reader_;
  SecretHints secrets_{NameSearch({}), {}};
  Napi::Reference<Napi::Array> kept_spaces_;
  Napi::ObjectReference receiver_;
  Napi::ThreadSafeFunction to_script_;
  std::atomic<bool> wants_openings_{false};

  CaptureSession& open(Napi::Env env) {
    if (!session_) throw Napi::Error::New(env, "the recording is closed");
    return *session_;
  }

  // start(spaces, receiver, onEnd): attaches, and fills the ArrayBuffers in turn, each with an event block.
  void start(const Napi::CallbackInfo& info) {
    const auto env = info.Env();
    auto& session = open(env);
    const auto blocks = blocks_in(info[0].As<Napi::Array>());
    receiver_ = Napi::Persistent(info[1].As<Napi::Object>());
    guard(env, [&] { session.attach(); });
    to_script_ = Napi::ThreadSafeFunction::New(env, info[2].As<Napi::Function>(), "causeway ring reader", 0, 1);
    const auto finished = ending(to_script_, info[2].As<Napi::Function>());
    RingReader::Receiver receiver;
    receiver.deliver = [this](size_t space) { tell("block", {static_cast<double>(space)}); };
    receiver.flushed = [this](uint32_t count) { tell("flushed", {static_cast<double>(count)}); };
    if (receiver_.Get("process").IsFunction()) {
      receiver.process = [this](const capture_event& event) {
        tell("process", {static_cast<double>(event.kind), static_cast<double>(event.kind == CAPTURE_FORK ? event.detail : event.pid)});
      };
    }
    wants_openings_ = receiver_.Get("opening").IsFunction();
    receiver.opening = [this](const capture_event& event) {
      if (wants_openings_) tell("opening", {static_cast<double>(event.kind), static_cast<double>(event.pid)});
    };
    receiver.before_last = [this] { session_->detach(); };
    receiver.finished = finished;
    guard(env, [&] {
      try {
        reader_ = std::make_unique<RingReader>(session.ring_fd(), blocks, secrets_, receiver);
      } catch (...) {
        session.detach();
        to_script_.Release();
        throw;
      }
    });
  }

  // Calls the receiver's method, from the reader's thread.
  void tell(const char* method, std::vector<double> numbers) {
    to_script_.NonBlockingCall([this, method, numbers](Napi::Env env, Napi::Function) {
      if (static_cast<napi_env>(env) == nullptr) return;
      std::vector<napi_value> values;
      for (const double number : numbers) values.push_back(Napi::Number::New(env, number));
      receiver_.Get(method).As<Napi::Function>().Call(receiver_.Value(), values);
    });
  }

  // The memory stays where it is as long as the ArrayBuffers live.
  std::vector<EventBlock*> blocks_in(const Napi::Array& buffers) {
    kept_spaces_ = Napi::Persistent(buffers);
    std::vector<EventBlock*> blocks;
    for (uint32_t i = 0; i < buffers.Length(); i++) blocks.push_back(event_block_in(buffers.Get(i).As<Napi::ArrayBuffer>()));
    return blocks;
  }

  // flush(): the receiver's `flushed` answers, with how often it had been called.
  void flush(const Napi::CallbackInfo&) {
    if (reader_) reader_->flush();
  }

  // giveBack(space): the block in it is no longer needed.
  void give_back(const Napi::CallbackInfo& info) {
    if (reader_) reader_->give_back(info[0].As<Napi::Number>().Uint32Value());
  }

  void stop(const Napi::CallbackInfo&) {
    if (reader_) reader_->stop();
  }

  // After onEnd.
  void close(const Napi::CallbackInfo&) {
    reader_.reset();
    session_.reset();
  }

  void set_target(const Napi::CallbackInfo& info) {
    open(info.Env()).set_target(info[0].As<Napi::Number>().Uint32Value(), info[1].As<Napi::Boolean>().Value());
  }

  Napi::Value is_target(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), open(info.Env()).is_target(info[0].As<Napi::Number>().Uint32Value()));
  }

  // The first two arguments are the halves of the socket's kernel address.
  static capture_conversation conversation_of(const Napi::CallbackInfo& info) {
    const auto number = [&](size_t index) { return info[index].As<Napi::Number>().Uint32Value(); };
    return {static_cast<uint64_t>(number(1)) << 32 | number(0), number(2), info[3].As<Napi::Boolean>().Value() ? 1U : 0U};
  }

  // decide(socketLow, socketHigh, inode, plaintext, payloadLimit)
  void decide(const Napi::CallbackInfo& info) {
    open(info.Env()).decide(conversation_of(info), info[4].As<Napi::Number>().Uint32Value());
  }

  // forget(socketLow, socketHigh, inode, plaintext)
  void forget(const Napi::CallbackInfo& info) { open(info.Env()).forget(conversation_of(info)); }

  // attachProbe(program, pid, path, offset): false when the process or the file is gone.
  Napi::Value attach_probe(const Napi::CallbackInfo& info) {
    bool attached = false;
    guard(info.Env(), [&] {
      attached = open(info.Env()).attach_probe(info[0].As<Napi::String>().Utf8Value().c_str(),
                                               info[1].As<Napi::Number>().Uint32Value(),
                                               info[2].As<Napi::String>().Utf8Value(),
                                               static_cast<uint64_t>(info[3].As<Napi::Number>().Int64Value()));
    });
    return Napi::Boolean::New(info.Env(), attached);
  }

  void set_goroutine_places(const Napi::CallbackInfo& info) {
    open(info.Env()).set_goroutine_places(info[0].As<Napi::Number>().Uint32Value(),
                                          {.id_at = info[1].As<Napi::Number>().Uint32Value(),
                                           .thread_place = info[2].As<Napi::Number>().Int32Value()});
  }

  void release_probes(const Napi::CallbackInfo& info) {
    open(info.Env()).release_probes(info[0].As<Napi::Number>().Uint32Value());
  }

  void has_listed_sockets(const Napi::CallbackInfo& info) { open(info.Env()).has_listed_sockets(); }

  void watch_returns(const Napi::CallbackInfo& info) {
    guard(info.Env(), [&] { open(info.Env()).watch_returns(); });
    wants_openings_ = false;
  }

  Napi::Value counters(const Napi::CallbackInfo& info) {
    const auto values = open(info.Env()).counters();
    auto dropped = Napi::Array::New(info.Env(), values.size());
    for (uint32_t i = 0; i < values.size(); i++) dropped[i] = static_cast<double>(values[i].dropped);
    double spliced = 0, io_uring = 0, tls_unplaced = 0, filtered = 0;
    for (const auto& value : values) {
      spliced += static_cast<double>(value.spliced);
      io_uring += static_cast<double>(value.io_uring);
      tls_unplaced += static_cast<double>(value.tls_unplaced);
      filtered += static_cast<double>(value.filtered);
    }
    auto result = Napi::Object::New(info.Env());
    result["splicedBytes"] = spliced;
    result["ioUringRequests"] = io_uring;
    result["tlsUnplacedBytes"] = tls_unplaced;
    result["filtered"] = filtered;
    result["dropped"] = dropped;
    return result;
  }

  Napi::Value existing_sockets(const Napi::CallbackInfo& info) {
    Napi::Value result;
    guard(info.Env(), [&] {
      const auto records = open(info.Env()).existing_sockets();
      auto buffer = Napi::ArrayBuffer::New(info.Env(), records.size());
      if (!records.empty()) memcpy(buffer.Data(), records.data(), records.size());
      result = buffer;
    });
    return result;
  }
};

uint64_t nanoseconds(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

// The same instant on both clocks, as near as it gets: the tightest of a few readings.
Napi::Value clock_pair(const Napi::CallbackInfo& info) {
  uint64_t best = UINT64_MAX, monotonic = 0, realtime = 0;
  for (int i = 0; i < 8; i++) {
    const uint64_t before = nanoseconds(CLOCK_MONOTONIC);
    const uint64_t between = nanoseconds(CLOCK_REALTIME);
    const uint64_t after = nanoseconds(CLOCK_MONOTONIC);
    if (after - before >= best) continue;
    best = after - before;
    monotonic = before + best / 2;
    realtime = between;
  }
  auto pair = Napi::Object::New(info.Env());
  pair["monotonic"] = Napi::BigInt::New(info.Env(), monotonic);
  pair["realtime"] = Napi::BigInt::New(info.Env(), realtime);
  return pair;
}

Napi::Value library_version(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), libbpf_version_string());
}

// Becomes another program. Returns when that program cannot be started.
void execute(const Napi::CallbackInfo& info) {
  std::vector<std::string> texts = texts_of(info[0].As<Napi::Array>());
  std::vector<char*> arguments;
  for (auto& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  // Node has marked all its descriptors, these three too.
  for (int fd = 0; fd <= 2; fd++) fcntl(fd, F_SETFD, 0);
  if (!texts.empty()) execv(arguments[0], arguments.data());
}

Napi::Value can_attach_to_sockets(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), CaptureSession::can_attach_to_sockets());
}

Napi::Object define(Napi::Env env, Napi::Object exports) {
  exports["Session"] = Session::define(env);
  exports["PacketRing"] = define_packet_ring(env);
  exports["clockPair"] = Napi::Function::New(env, clock_pair);
  exports["blockLayout"] = block_layout(env);
  exports["fillBlock"] = Napi::Function::New(env, fill_block);
  exports["findsNone"] = Napi::Function::New(env, finds_none);
  exports["canAttachToSockets"] = Napi::Function::New(env, can_attach_to_sockets);
  exports["gzip"] = Napi::Function::New(env, gzip);
  exports["execute"] = Napi::Function::New(env, execute);
  exports["libraryVersion"] = Napi::Function::New(env, library_version);
  return exports;
}

}  // namespace

NODE_API_MODULE(causeway, define)
