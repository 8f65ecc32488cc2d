// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/recorder.h"

#include <charconv>
#include <cstring>
#include <filesystem>

#include "cli/version.h"
#include "traces/gtkw.h"

namespace npu::cli {
namespace {

constexpr arch::Cycle kKeptInDirectory = 100'000;

traces::Facts facts_of(const Settings& settings, const compiler::Lowered& lowered) {
  const arch::Partition partition = settings.partition();
  traces::Facts facts;
  facts.device = partition.device->name;
  facts.columns = partition.columns;
  facts.first_column = partition.first_column;
  facts.clock_mhz = static_cast<uint32_t>(settings.device.timing.clock_mhz.value + 0.5);
  facts.names = lowered.names;
  facts.configuration = lowered.configuration;
  facts.loads = lowered.loads;
  facts.load_names = lowered.load_names;
  facts.sequence = lowered.sequence;
  facts.settings.emplace_back("tool", std::string("airlock ") + kVersion);
  for (const Key& key : keys())
    if (const std::string value = key.text(settings); settings.uses(key) && !value.empty())
      facts.settings.emplace_back(key.path, value);
  return facts;
}

std::vector<arch::Coord> tiles_of(const traces::TraceFilter& filter, int columns) {
  std::vector<arch::Coord> tiles;
  for (int col = 0; col < columns; ++col)
    for (int row = 0; row < arch::kRows; ++row) {
      const arch::Coord tile{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
      if (filter.has(tile))
        tiles.push_back(tile);
    }
  return tiles;
}

/// Two numbers around a character; either may be missing.
std::pair<std::optional<uint64_t>, std::optional<uint64_t>> parse_pair(std::string_view text,
                                                                       char between,
                                                                       std::string_view option) {
  const size_t at = text.find(between);
  const auto number = [&](std::string_view word) -> std::optional<uint64_t> {
    uint64_t value = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty())
      return std::nullopt;
    if (error != std::errc{} || stop != word.data() + word.size())
      throw Error("{} {}: `{}` is no number", option, text, word);
    return value;
  };
  if (at == std::string_view::npos)
    throw Error("{} {}: no `{}`", option, text, between);
  return {number(text.substr(0, at)), number(text.substr(at + 1))};
}

std::string save_file_of(const std::string& vcd) {
  std::filesystem::path path(vcd);
  if (path.extension() == ".gz")
    path.replace_extension();
  return path.replace_extension(".gtkw");
}

}  // namespace

void add_recorder_options(CLI::App& command, RecorderOptions& options) {
  command.add_option("--vcd", options.vcd, "waveform, and a save file for GTKWave beside it")
      ->type_name("FILE");
  command.add_option("--timeline", options.timeline, "JSON for a trace viewer")->type_name("FILE");
  command
      .add_option("--timeline-format", options.timeline_format,
                  "aie (default) or extended: counters, arrows")
      ->type_name("WORD")
      ->check(CLI::IsMember({"aie", "extended"}).description(""));
  command.add_option("--log", options.log, "every event as a line of text")->type_name("FILE");
  command.add_option("--trace-tiles", options.tiles, "only these, such as core(0,2)")
      ->type_name("TILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command.add_option("--trace-kinds", options.kinds, "only channel, lock, core, port, ddr, host")
      ->type_name("KIND")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  command.add_option("--trace-window", options.window, "only these cycles")->type_name("FROM:TO");
  command.add_option("--trace-last", options.last, "only the last N cycles before the end")
      ->type_name("N");
}

arch::Coord parse_tile(const std::string& text) {
  const size_t open = text.find('(');
  const size_t close = text.find(')');
  if (open == std::string::npos || close + 1 != text.size())
    throw Error("`{}` is no tile", text).hint("core(0,2), memtile(0,1) or shim(0,0)");
  const auto [col, row] = parse_pair(text.substr(open + 1, close - open - 1), ',', "tile");
  const bool inside = col && row && *col < arch::kMaxColumns && *row < arch::kRows;
  const arch::Coord tile{static_cast<uint8_t>(col.value_or(0)),
                         static_cast<uint8_t>(row.value_or(0))};
  if (!inside || text.substr(0, open) != arch::to_string(tile.kind()))
    throw Error("`{}` is no tile", text)
        .hint("column 0 to {}; shim in row 0, memtile in row 1, core in rows 2 to {}",
              arch::kMaxColumns - 1, arch::kRows - 1);
  return tile;
}

traces::TraceFilter filter_of(const RecorderOptions& options) {
  traces::TraceFilter filter;
  for (const std::string& tile : options.tiles)
    filter.tiles.push_back(parse_tile(tile));
  for (const std::string& kind : options.kinds)
    filter.kinds.push_back(traces::signal_kind_named(kind));
  if (!options.window.empty()) {
    const auto [from, to] = parse_pair(options.window, ':', "--trace-window");
    filter.from = from.value_or(0);
    filter.to = to.value_or(arch::kNever);
  }
  filter.ring = options.last;
  return filter;
}

Recorder::Recorder(const RecorderOptions& options, const std::string& directory,
                   const Settings& settings, const compiler::Lowered& lowered) {
  traces::TraceFilter filter = filter_of(options);
  vcd_path_ = options.vcd;
  if (vcd_path_.empty() && !directory.empty()) {
    vcd_path_ = std::filesystem::path(directory) / "trace.vcd";
    if (filter.ring == 0)
      filter.ring = kKeptInDirectory;
  }
  if (!vcd_path_.empty())
    vcd_.emplace(traces::file_sink(vcd_path_), facts_of(settings, lowered), filter);
  if (!options.timeline.empty() && options.timeline_format == "aie")
    timeline_.emplace(traces::file_sink(options.timeline),
                      tiles_of(filter, settings.partition().columns));
  else if (!options.timeline.empty())
    extended_.emplace(traces::file_sink(options.timeline), facts_of(settings, lowered));
  if (!options.log.empty()) {
    log_file_.open(options.log);
    if (!log_file_)
      throw Error("--log {}: {}", options.log, std::strerror(errno));
    log_.emplace(log_file_);
  }
}

void Recorder::attach(observe::Hub& hub) {
  if (vcd_)
    hub.attach(*vcd_);
  if (timeline_)
    hub.attach(*timeline_);
  if (extended_)
    hub.attach(*extended_);
  if (log_)
    hub.attach(*log_);
}

void Recorder::close() {
  if (timeline_)
    timeline_->close();
  if (extended_)
    extended_->close();
  if (!vcd_)
    return;
  const traces::View view{.open = vcd_->stalled_tiles(), .end = vcd_->end()};
  vcd_->close();
  const std::string name = std::filesystem::path(vcd_path_).filename();
  write_file(save_file_of(vcd_path_), traces::gtkw_text(name, vcd_->signals(), view));
}

}  // namespace npu::cli
