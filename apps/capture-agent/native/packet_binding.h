// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

// The class PacketRing as JavaScript sees it.
Napi::Function define_packet_ring(Napi::Env env);
