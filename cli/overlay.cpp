// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/overlay.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/markup.h"
#include "hw-model/config.h"

namespace npu::cli {
namespace {

using Span = TraceTracks::Span;
using Spans = std::vector<Span>;
using Json = nlohmann::json;

/// The tile of `core_trace for tile2,0`: row before column.
std::optional<arch::Coord> tile_of(const std::string& unit) {
  unsigned row = 0;
  unsigned col = 0;
  const size_t at = unit.rfind("tile");
  if (at == std::string::npos || std::sscanf(unit.c_str() + at, "tile%u,%u", &row, &col) != 2 ||
      row >= arch::kRows || col >= arch::kMaxColumns)
    return std::nullopt;
  return arch::Coord{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
}

/// Records one after another into tracks.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  void take(const Json& record) {
    ++number_;
    if (record.is_object() && record.empty())
      return;  // some writers end with one
    const std::string phase = text(record, "ph");
    const int64_t pid = number(record, "pid");
    if (phase == "M")
      return describe(record, pid);
    if (phase != "B" && phase != "E")
      return;
    const auto name = std::pair{unit_name(pid), text(record, "name")};
    const auto at = static_cast<arch::Cycle>(std::max<int64_t>(number(record, "ts"), 0));
    Spans& spans = out_.spans[name];
    if (phase == "B")
      spans.push_back({at, at});
    else if (!spans.empty())
      spans.back().end = std::max(at, spans.back().begin);
  }

  TraceTracks finish() { return std::move(out_); }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw Error("{}: record {}: {}", path_, number_, what)
        .hint("a trace of mlir-aie's tools: records with `name`, `ph`, `pid` and `ts`");
  }
  std::string text(const Json& record, const char* key) const {
    const auto found = record.is_object() ? record.find(key) : record.end();
    if (!record.is_object() || found == record.end() || !found->is_string())
      fail(fmt::format("no text `{}`", key));
    return found->get<std::string>();
  }
  int64_t number(const Json& record, const char* key) const {
    const auto found = record.find(key);
    if (found == record.end() || !found->is_number())
      fail(fmt::format("no number `{}`", key));
    return found->get<int64_t>();
  }
  std::string unit_name(int64_t pid) const {
    const auto found = units_.find(pid);
    if (found == units_.end())
      fail(fmt::format("no `process_name` came before for process {}", pid));
    return found->second;
  }
  void describe(const Json& record, int64_t pid) {
    if (text(record, "name") != "process_name")
      return;
    const auto args = record.find("args");
    if (args == record.end())
      fail("no `args`");
    units_[pid] = text(*args, "name");
    const std::optional<arch::Coord> tile = tile_of(units_[pid]);
    if (tile && std::find(out_.tiles.begin(), out_.tiles.end(), *tile) == out_.tiles.end())
      out_.tiles.push_back(*tile);
  }

  const std::string& path_;
  size_t number_ = 0;
  std::map<int64_t, std::string> units_;
  TraceTracks out_;
};

arch::Cycle high(const Spans& spans) {
  arch::Cycle sum = 0;
  for (const Span& span : spans)
    sum += span.end - span.begin;
  return sum;
}

struct Row {
  std::string name;
  const Spans* device;
  const Spans* simulated;
};

/// Bars of one trace, those too near to be told apart as one.
std::string bars(const Spans& spans, double scale, arch::Cycle from, double x0, int y,
                 std::string_view colour) {
  std::string out;
  double drawn = -1;
  for (size_t i = 0; i < spans.size(); ++i) {
    const auto x = [&](arch::Cycle cycle) {
      return x0 + static_cast<double>(cycle - std::min(cycle, from)) * scale;
    };
    const double begin = std::max(x(spans[i].begin), drawn);
    const double end = std::max(x(spans[i].end), x(spans[i].begin) + 0.5);
    if (end - drawn < 0.5)
      continue;
    drawn = end;
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"7\" fill=\"{}\">"
        "<title>cycles {} to {}</title></rect>",
        begin, y, end - begin, colour, spans[i].begin, spans[i].end);
  }
  return out;
}

constexpr std::string_view kDeviceColour = "#e07b00";
constexpr std::string_view kModelColour = "#1e88e5";

std::string picture(const std::vector<Row>& rows, arch::Cycle device_start,
                    arch::Cycle model_start) {
  constexpr double kLeft = 330;
  constexpr double kWidth = 710;
  constexpr int kHigh = 22;
  arch::Cycle length = 1;
  for (const Row& row : rows) {
    if (!row.device->empty())
      length =
          std::max(length, row.device->back().end - std::min(device_start, row.device->back().end));
    if (!row.simulated->empty())
      length = std::max(
          length, row.simulated->back().end - std::min(model_start, row.simulated->back().end));
  }
  const double scale = kWidth / static_cast<double>(length);
  const int height = kHigh * static_cast<int>(rows.size()) + 26;
  std::string out = fmt::format("<svg viewBox=\"0 0 1060 {}\" width=\"1060\">\n", height);
  for (size_t i = 0; i < rows.size(); ++i) {
    const int y = 6 + kHigh * static_cast<int>(i);
    out += fmt::format("<text x=\"8\" y=\"{}\">{}</text>", y + 11, escaped(rows[i].name));
    out += bars(*rows[i].device, scale, device_start, kLeft, y, kDeviceColour);
    out += bars(*rows[i].simulated, scale, model_start, kLeft, y + 8, kModelColour) + "\n";
  }
  for (int tick = 0; tick <= 4; ++tick)
    out += fmt::format("<text x=\"{:.0f}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                       kLeft + kWidth * tick / 4, height - 6,
                       length * static_cast<unsigned>(tick) / 4);
  return out + "</svg>\n";
}

std::string table(const std::vector<Row>& rows) {
  std::string out =
      "<table><tr><th>event</th><th>device: times</th><th>cycles</th><th>model: times</th>"
      "<th>cycles</th></tr>\n";
  for (const Row& row : rows)
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       escaped(row.name), row.device->size(), high(*row.device),
                       row.simulated->size(), high(*row.simulated));
  return out + "</table>\n";
}

TraceTracks read_trace(const std::string& path) {
  return parse_trace(config::read_file(path), path);
}

}  // namespace

TraceTracks parse_trace(const std::string& json, const std::string& path) {
  Json all;
  try {
    all = Json::parse(json);
  } catch (const Json::parse_error& error) {
    throw Error("{}: not JSON: byte {}", path, error.byte).hint("a trace of mlir-aie's tools");
  }
  const Json& records = all.is_object() && all.contains("traceEvents") ? all["traceEvents"] : all;
  if (!records.is_array())
    throw Error("{}: not an array of trace records", path).hint("a trace of mlir-aie's tools");
  Reader reader(path);
  for (const Json& record : records)
    reader.take(record);
  return reader.finish();
}

Overlay::Overlay(const std::string& path)
    : path_(path),
      device_(read_trace(path)),
      timeline_([this](std::string_view piece) { simulated_ += piece; }, device_.tiles) {}

std::string Overlay::html() {
  timeline_.close();
  const TraceTracks model = parse_trace(simulated_, "the model's trace");
  static const Spans kNone;
  std::vector<Row> rows;
  std::optional<std::pair<arch::Cycle, arch::Cycle>> start;
  for (const auto& [name, spans] : device_.spans) {
    const auto found = model.spans.find(name);
    const Spans& simulated = found == model.spans.end() ? kNone : found->second;
    rows.push_back({name.first + " " + name.second, &spans, &simulated});
    if (!spans.empty() && !simulated.empty() && (!start || spans.front().begin < start->first))
      start = {spans.front().begin, simulated.front().begin};
  }
  if (!start)
    return fmt::format("<h2>The device's trace</h2>\n<p>{} shares no event with this run.</p>\n",
                       escaped(path_));
  // Both begin where the first event that they share begins.
  const arch::Cycle before = std::min(start->first, start->second);
  std::string out = fmt::format(
      "<h2>The device's trace over the model's</h2>\n<p class=\"key\"><span><i "
      "style=\"background:{}\"></i>device</span><span><i style=\"background:{}\"></i>model</span>"
      "cycles after {} of the device and {} of the model</p>\n",
      kDeviceColour, kModelColour, start->first - before, start->second - before);
  return out + picture(rows, start->first - before, start->second - before) + table(rows);
}

}  // namespace npu::cli
