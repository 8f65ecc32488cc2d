// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <span>
#include <string_view>

#include "tests/e2e/differential/builder.h"

namespace npu::differential {

/// A piece of a random design. Parts share tiles and switches, never locks or buffers.
struct Part {
  std::string_view name;
  int weight;
  void (*add)(Builder&, Random&);
};

/// Parts whose outcome no order can change: every lock has one acquirer or ordered ones, every port
/// one sender at a time.
std::span<const Part> ordered_parts();

/// Parts in which two agents race for a lock or a port.
std::span<const Part> racing_parts();

// Pipelines: a stream and what happens to its words, through relays, cores and forks.
void add_pipeline(Builder& b, Random& r);
/// A memtile joins the halves that two senders bring, behind a lock that counts to two.
void add_join(Builder& b, Random& r);

// Packets.
void add_packets(Builder& b, Random& r);
void add_senders_in_turn(Builder& b, Random& r);
void add_race_for_port(Builder& b, Random& r);
void add_race_for_trunk(Builder& b, Random& r);

// Cores among themselves.
void add_shared_memory(Builder& b, Random& r);
void add_baton(Builder& b, Random& r);
void add_cascade(Builder& b, Random& r);
void add_core_stream(Builder& b, Random& r);
void add_race_for_lock(Builder& b, Random& r);
void add_race_for_credit(Builder& b, Random& r);

}  // namespace npu::differential
