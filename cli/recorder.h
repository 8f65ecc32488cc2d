// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "compiler/lower/lower.h"
#include "hw-model/observe/text_log.h"
#include "traces/extended_timeline.h"
#include "traces/timeline.h"
#include "traces/vcd.h"

namespace npu::cli {

/// Which traces a run leaves.
struct RecorderOptions {
  std::string vcd;
  std::string timeline;
  std::string timeline_format = "aie";
  std::string log;
  // Narrowing.
  std::vector<std::string> tiles;
  std::vector<std::string> kinds;
  std::string window;
  uint64_t last = 0;
};
void add_recorder_options(CLI::App& command, RecorderOptions& options);

/// `core(0,2)` back to a tile. Throws Error when the text or the kind of tile is wrong.
arch::Coord parse_tile(const std::string& text);

/// The filter that the options mean. Throws Error with the option.
traces::TraceFilter filter_of(const RecorderOptions& options);

/// The observers that write files. Attach before the run, close after it.
class Recorder {
 public:
  /// With a directory and no waveform asked for, one that keeps the last cycles goes there.
  Recorder(const RecorderOptions& options, const std::string& directory, const Settings& settings,
           const compiler::Lowered& lowered);

  void attach(observe::Hub& hub);
  /// Ends the files and writes the save file of the waveform.
  void close();

 private:
  std::string vcd_path_;
  std::optional<traces::VcdWriter> vcd_;
  std::optional<traces::AieTimeline> timeline_;
  std::optional<traces::ExtendedTimeline> extended_;
  std::ofstream log_file_;
  std::optional<observe::TextLog> log_;
};

}  // namespace npu::cli
