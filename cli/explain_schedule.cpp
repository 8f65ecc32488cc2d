// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// `airlock explain`: what a schedule copies, how often, and what of it need not be.
#include <algorithm>
#include <array>
#include <memory>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "compiler/explain/nest.h"
#include "compiler/explain/reuse.h"
#include "compiler/explain/traffic.h"
#include "compiler/mlir/reader.h"
#include "hw-model/yaml.h"

namespace npu::cli {
namespace {

using compiler::explain::Loop;
using compiler::explain::Move;
using compiler::explain::Nest;
using compiler::explain::Reuse;
using compiler::explain::Space;
using compiler::explain::Traffic;
using Json = nlohmann::ordered_json;

struct Options {
  std::string file;
  bool json = false;
};

/// What the command says of a file.
struct Schedule {
  std::string file;
  Nest nest;
  compiler::explain::Matmul matmul;
  std::vector<std::string> like;       ///< schedules of the compiler that move as much
  std::vector<std::string> broadcast;  ///< those of them that broadcast
};

struct Hop {
  std::string_view name;
  std::string_view key;
  int64_t Traffic::*bytes;
  bool moved = true;  ///< counts in the sum
};
constexpr std::array<Hop, 5> kHops{{
    {"L3 to L2", "l3_to_l2", &Traffic::l3_l2},
    {"L2 to L1, sent", "l2_to_l1_sent", &Traffic::l2_l1},
    {"L2 to L1, received", "l2_to_l1_received", &Traffic::received, false},
    {"L1 to L2", "l1_to_l2", &Traffic::l1_l2},
    {"L2 to L3", "l2_to_l3", &Traffic::l2_l3},
}};

int64_t total(const Traffic& traffic) {
  int64_t sum = 0;
  for (const Hop& hop : kHops)
    sum += hop.moved ? traffic.*hop.bytes : 0;
  return sum;
}

std::string size(int64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits{"B", "KiB", "MiB", "GiB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit)
    value /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

Schedule read(const std::string& file) {
  const std::string text = config::read_file(file);
  const compiler::mlir::Op module = compiler::mlir::read(text, file);
  Schedule schedule{.file = file, .nest = compiler::explain::read_nest(module, text, file)};
  if (std::ranges::none_of(schedule.nest.moves,
                           [&](const Move& m) { return schedule.nest.crosses(m); }))
    throw Error("{}: copies nothing from one memory to another", file)
        .hint("linalg.copy, memref.copy, pack and unpack between memory spaces 0, 1 and 2");
  schedule.matmul = compiler::explain::matmul_of(schedule.nest);
  if (schedule.matmul.sizes)
    for (const auto& variant : compiler::matmul::variants())
      if (traffic(variant, *schedule.matmul.sizes) ==
          traffic(schedule.nest, variant.broadcast, false))
        (variant.broadcast ? schedule.broadcast : schedule.like).emplace_back(variant.name);
  return schedule;
}

const Loop& loop(const Nest& nest, int number) {
  return nest.loops[static_cast<size_t>(number)];
}

/// `%x, %y`
std::string names(const Nest& nest, const std::vector<int>& loops) {
  std::vector<std::string> text;
  for (const int number : loops)
    text.push_back(loop(nest, number).name);
  return fmt::format("{}", fmt::join(text, ", "));
}

std::string hop(const Nest& nest, const Move& move) {
  return fmt::format("{} to {}", to_string(nest.from(move)), to_string(nest.to(move)));
}

/// The loops as a tree, each copy in its place.
std::string tree(const Nest& nest) {
  std::string text = "loops:\n";
  std::vector<int> open;
  for (const Move& move : nest.moves) {
    if (move.kind == Move::Kind::Compute || !nest.crosses(move))
      continue;
    size_t same = 0;
    while (same < open.size() && same < move.loops.size() && open[same] == move.loops[same])
      ++same;
    open = move.loops;
    for (size_t i = same; i < open.size(); ++i) {
      const Loop& l = loop(nest, open[i]);
      text += fmt::format("  {:{}}{} (line {}): {} {}\n", "", 2 * i, l.name, l.location.line,
                          l.trips, l.cores ? "cores" : "steps");
    }
    const int64_t times = nest.times(move);
    text += fmt::format("  {:{}}{} (line {}): {}, {} x {} = {}\n", "", 2 * open.size(), move.op,
                        move.location.line, hop(nest, move), times, size(move.bytes),
                        size(times * move.bytes));
  }
  return text;
}

std::string table(const Schedule& schedule) {
  std::vector<std::pair<std::string_view, Traffic>> columns{
      {"as written", traffic(schedule.nest, false, false)},
      {"no repeats", traffic(schedule.nest, true, true)}};
  if (schedule.matmul.sizes)
    columns.emplace_back("S0",
                         traffic(compiler::matmul::variants().front(), *schedule.matmul.sizes));
  std::string text = fmt::format("{:22}", "bytes:");
  for (const auto& [title, bytes] : columns)
    text += fmt::format("{:>14}", title);
  text += '\n';
  for (const Hop& row : kHops) {
    text += fmt::format("  {:20}", row.name);
    for (const auto& [title, bytes] : columns)
      text += fmt::format("{:>14}", size(bytes.*row.bytes));
    text += '\n';
  }
  text += fmt::format("  {:20}", "moved in all");
  for (const auto& [title, bytes] : columns)
    text += fmt::format("{:>14}", size(total(bytes)));
  return text + '\n';
}

/// Bytes that a copy need not move.
int64_t saved(const Nest& nest, const Move& move, const Reuse& again) {
  const bool zeros = again.zeros || (move.kind == Move::Kind::Fill && nest.crosses(move));
  return move.bytes * (again.times - (zeros ? 0 : again.shared));
}

std::string advice(const Nest& nest, const Move& move, const Reuse& again) {
  std::vector<std::string> parts;
  if (!again.out_of.empty())
    parts.push_back(fmt::format("the same in every step of {} (line {}): {} that loop is enough",
                                names(nest, again.out_of),
                                loop(nest, again.out_of.back()).location.line,
                                nest.from(move) == Space::L1 ? "after" : "before"));
  if (!again.along.empty())
    parts.push_back(fmt::format(
        "the same for the cores along {}: {}", names(nest, again.along),
        nest.to(move) == Space::L1 ? "one broadcast serves them" : "they can share it in L2"));
  if (move.kind == Move::Kind::Fill)
    parts.emplace_back("zeros for L2 come from L3, as a memory tile has no core: fill in L1");
  else if (again.zeros)
    parts.emplace_back("brings zeros: fill in L1");
  return fmt::format("{}", fmt::join(parts, "; "));
}

struct Finding {
  const Move* move;
  Reuse reuse;
  int64_t saved;
};

std::vector<Finding> findings(const Nest& nest) {
  std::vector<Finding> found;
  for (const Move& move : nest.moves) {
    if (move.kind == Move::Kind::Compute || !nest.crosses(move))
      continue;
    const Reuse again = reuse(nest, move);
    if (const int64_t bytes = saved(nest, move, again); bytes > 0)
      found.push_back({&move, again, bytes});
  }
  std::ranges::stable_sort(found, std::ranges::greater{}, &Finding::saved);
  return found;
}

std::string matmul_text(const Schedule& schedule) {
  if (!schedule.matmul.sizes)
    return fmt::format("matmul: none to compare with: {}\n", schedule.matmul.why_not);
  const auto& [whole, tiles, a, b, c] = *schedule.matmul.sizes;
  std::string text = fmt::format(
      "matmul: m={} k={} n={}, elements of {}, {} and {} bytes, herd {}\n"
      "tiles:  {}x{}x{} (m n k) in L2, {}x{}x{} in a core\n",
      whole.m, whole.k, whole.n, a, b, c, to_string(tiles.herd()), tiles.l2.m, tiles.l2.n,
      tiles.l2.k, tiles.core.m, tiles.core.n, tiles.core.k);
  if (!schedule.like.empty() || !schedule.broadcast.empty())
    text += fmt::format("moves as much as: {}{}{}{}{}\n", fmt::join(schedule.broadcast, ", "),
                        schedule.broadcast.empty() ? "" : " with broadcast",
                        schedule.broadcast.empty() || schedule.like.empty() ? "" : ", ",
                        fmt::join(schedule.like, ", "),
                        schedule.like.empty() ? "" : " without broadcast");
  return text;
}

std::string text_of(const Schedule& schedule) {
  std::string text = matmul_text(schedule) + tree(schedule.nest) + table(schedule);
  const std::vector<Finding> found = findings(schedule.nest);
  text +=
      found.empty() ? "nothing is copied more often than needed\n" : "more often than needed:\n";
  for (const Finding& each : found)
    text += fmt::format("  {}:{}:{}: {}: {}; saves {}\n", schedule.file, each.move->location.line,
                        each.move->location.column, each.move->op,
                        advice(schedule.nest, *each.move, each.reuse), size(each.saved));
  return text;
}

Json json_of(const Traffic& traffic) {
  Json json;
  for (const Hop& row : kHops)
    json[std::string(row.key)] = traffic.*row.bytes;
  json["total"] = total(traffic);
  return json;
}

Json json_of(const Nest& nest, const Move& move) {
  const Reuse again = reuse(nest, move);
  Json json{{"op", move.op},
            {"line", move.location.line},
            {"column", move.location.column},
            {"from", to_string(nest.from(move))},
            {"to", to_string(nest.to(move))},
            {"bytes", move.bytes},
            {"times", again.times},
            {"loops", Json::array()},
            {"enough", again.shared},
            {"saves", saved(nest, move, again)}};
  for (const int number : move.loops)
    json["loops"].push_back(loop(nest, number).name);
  if (const std::string text = advice(nest, move, again); !text.empty())
    json["advice"] = text;
  return json;
}

Json json_of(const Schedule& schedule) {
  const Nest& nest = schedule.nest;
  Json json{{"file", schedule.file}};
  if (const auto& sizes = schedule.matmul.sizes) {
    const auto shape = [](const compiler::matmul::Shape& s) {
      return Json{{"m", s.m}, {"n", s.n}, {"k", s.k}};
    };
    json["matmul"] = shape(sizes->whole);
    json["l2_tile"] = shape(sizes->tiles.l2);
    json["core_tile"] = shape(sizes->tiles.core);
    json["like"] = {{"with_broadcast", schedule.broadcast}, {"without_broadcast", schedule.like}};
  } else {
    json["no_matmul"] = schedule.matmul.why_not;
  }
  json["loops"] = Json::array();
  for (const Loop& each : nest.loops)
    json["loops"].push_back({{"name", each.name},
                             {"line", each.location.line},
                             {"trips", each.trips},
                             {"cores", each.cores}});
  json["copies"] = Json::array();
  for (const Move& move : nest.moves)
    if (move.kind != Move::Kind::Compute && nest.crosses(move))
      json["copies"].push_back(json_of(nest, move));
  json["bytes"] = {{"as_written", json_of(traffic(nest, false, false))},
                   {"with_broadcast", json_of(traffic(nest, true, false))},
                   {"no_repeats", json_of(traffic(nest, true, true))}};
  if (schedule.matmul.sizes)
    for (const auto& variant : compiler::matmul::variants())
      json["schedules"][std::string(variant.name)] =
          json_of(traffic(variant, *schedule.matmul.sizes));
  return json;
}

int explain(const Options& options) {
  const Schedule schedule = read(options.file);
  write_stdout(options.json ? json_of(schedule).dump(2) + "\n" : text_of(schedule));
  return kRight;
}

}  // namespace

void add_explain(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("explain", "what a schedule in MLIR copies, and what of it too often");
  command->add_option("file", options->file, "loops around copies, fills and computations")
      ->type_name("SCHEDULE.mlir")
      ->required();
  command->add_flag("--json", options->json, "loops, copies, bytes and all schedules as JSON");
  command->footer(
      "reads scf.forall, scf.for, linalg.copy, pack, unpack, linalg.fill and linalg.generic on\n"
      "memory spaces 0 (L3), 1 (L2) and 2 (L1); lowers nothing\n"
      "exit status: 0 read, 2 bad input");
  command->callback([options, &status] { status = explain(*options); });
}

}  // namespace npu::cli
