// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "hw-model/observe/hub.h"
#include "traces/timeline.h"

namespace npu::cli {

/// Events of trace units, as mlir-aie's trace tools write them.
struct TraceTracks {
  struct Span {
    arch::Cycle begin = 0;
    arch::Cycle end = 0;
  };
  /// Trace unit (`core_trace for tile2,0`) and event, when it was high.
  std::map<std::pair<std::string, std::string>, std::vector<Span>> spans;
  std::vector<arch::Coord> tiles;  ///< that have a trace unit
};

/// Reads the trace-viewer JSON of such a trace: an array of records, or an object that holds one in
/// `traceEvents`; time in cycles. Throws Error with the path and the number of the record.
TraceTracks parse_trace(const std::string& json, const std::string& path);

/// A trace of the real device, laid over that of a run.
class Overlay {
 public:
  /// Throws Error when the file cannot be read.
  explicit Overlay(const std::string& path);
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;

  /// Follows the same trace units of the model. Attach before the run.
  void attach(observe::Hub& hub) { hub.attach(timeline_); }
  /// Both, event by event, in one picture, shifted so that the first event they share begins
  /// together. Call it after the run, once.
  std::string html();

 private:
  std::string path_;
  TraceTracks device_;
  std::string simulated_;
  traces::AieTimeline timeline_;
};

}  // namespace npu::cli
