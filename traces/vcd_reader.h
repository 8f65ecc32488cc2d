// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "hw-model/observe/event.h"
#include "traces/facts.h"
#include "traces/signals.h"

namespace npu::traces {

/// A run as its trace tells it.
struct Recording {
  Facts facts;
  TraceFilter filter;  ///< what the trace was narrowed to
  std::vector<observe::Event>
      initial;  ///< when it begins late: the last event of each kind before that, at `begin`
  std::vector<observe::Event> events;
  Cycle begin = 0;
  Cycle end = 0;          ///< last cycle that the trace reaches
  bool complete = false;  ///< the run came to its end; else the file was cut or its writer killed
};

struct ReadLimits {
  size_t events = 20'000'000;
};

/// Reads a trace that `VcdWriter` wrote, or a copy of it that went through gzip or through FST and
/// back. A file that ends too early gives what it holds. Throws Error with path and line when the
/// file is something else or broken, or holds more than `limits`.
Recording read_vcd(const std::string& path, const ReadLimits& limits = {});

}  // namespace npu::traces
