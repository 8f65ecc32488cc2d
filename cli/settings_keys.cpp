// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The keys of sim and problem files: one table, for reading, printing, the schema and sweeps.
#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <type_traits>

#include <fmt/ranges.h>

#include "cli/settings.h"
#include "compiler/matmul/strategy.h"
#include "compiler/matmul/variant.h"

namespace npu::cli {
namespace {

using compiler::matmul::Herd;
using compiler::matmul::L2Locks;
using compiler::matmul::SplitL2;
using compiler::matmul::WrapTiling;
using config::Node;

constexpr int64_t kMaxSize = 1 << 20;
constexpr int64_t kMaxSeed = INT64_MAX;

template <typename T>
struct is_optional : std::false_type {};
template <typename T>
struct is_optional<std::optional<T>> : std::true_type {
  using Value = T;
};

/// A whole number. `at` gives the field, which may be optional.
template <typename At>
Key integer(std::string_view path, int64_t low, int64_t high, std::string_view sentence, At at) {
  Key key{.path = path, .sentence = sentence, .low = low, .high = high};
  key.read = [=](Settings& settings, const Node& node) {
    auto& field = at(settings);
    using Field = std::remove_reference_t<decltype(field)>;
    const int64_t value = config::to_integer(node, path, low, high);
    if constexpr (is_optional<Field>::value)
      field = static_cast<typename is_optional<Field>::Value>(value);
    else
      field = static_cast<Field>(value);
  };
  key.text = [=](const Settings& settings) -> std::string {
    const auto& field = at(const_cast<Settings&>(settings));
    if constexpr (is_optional<std::remove_cvref_t<decltype(field)>>::value)
      return field ? fmt::format("{}", *field) : "";
    else
      return fmt::format("{}", field);
  };
  return key;
}

/// A number of f32.
template <typename At>
Key number(std::string_view path, std::string_view sentence, At at) {
  constexpr double kMost = std::numeric_limits<float>::max();
  Key key{.path = path, .sentence = sentence, .kind = Key::Kind::Number};
  key.read = [=](Settings& settings, const Node& node) {
    at(settings) = static_cast<float>(config::to_number(node, path, -kMost, kMost));
  };
  key.text = [=](const Settings& settings) {
    return fmt::format("{}", at(const_cast<Settings&>(settings)));
  };
  return key;
}

/// A word out of a list; the field is an enumeration or bool in the order of the list, or the word
/// itself.
template <typename At>
Key choice(std::string_view path, std::vector<std::string_view> choices, std::string_view sentence,
           At at) {
  Key key{.path = path, .sentence = sentence, .kind = Key::Kind::Choice, .choices = choices};
  key.read = [=](Settings& settings, const Node& node) {
    auto& field = at(settings);
    const size_t index = config::to_choice(node, path, choices);
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(field)>, std::string>)
      field = choices[index];
    else
      field = static_cast<std::remove_cvref_t<decltype(field)>>(index);
  };
  key.text = [=](const Settings& settings) -> std::string {
    const auto& field = at(const_cast<Settings&>(settings));
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(field)>, std::string>)
      return field;
    else
      return std::string(choices[static_cast<size_t>(field)]);
  };
  return key;
}

/// A list of words, each in it once; the field is a set of the words. A single word is a list of
/// one.
template <typename At>
Key words(std::string_view path, std::vector<std::string_view> choices, std::string_view sentence,
          At at) {
  Key key{.path = path, .sentence = sentence, .kind = Key::Kind::Words, .choices = choices};
  key.read = [=](Settings& settings, const Node& node) {
    auto& field = at(settings);
    field.clear();
    if (node.kind != Node::Kind::List)
      field.insert(std::string(choices[config::to_choice(node, path, choices)]));
    for (const Node& item : node.items)
      field.insert(std::string(choices[config::to_choice(item, path, choices)]));
  };
  key.text = [=](const Settings& settings) -> std::string {
    const auto& field = at(const_cast<Settings&>(settings));
    return field.empty() ? "" : fmt::format("[{}]", fmt::join(field, ", "));
  };
  return key;
}

/// The file of a place in one: `configs/a.yaml:12:3`; empty for an option.
std::string file_of(const std::string& where) {
  const size_t column = where.rfind(':');
  const size_t line = column == std::string::npos ? column : where.rfind(':', column - 1);
  return line == std::string::npos || where.starts_with("-") ? "" : where.substr(0, line);
}

/// A map from names to values; so is the field. `entry` reads a value, `value_text` writes it;
/// `things` and `example` are for the error.
template <typename At, typename Read, typename Write>
Key map(Key key, std::string_view things, std::string_view example, At at, Read entry,
        Write value_text) {
  key.read = [=, path = key.path](Settings& settings, const Node& node) {
    if (node.kind != Node::Kind::Map)
      throw Error("{}: `{}` is no map of {}", node.where, path, things)
          .hint("{}: {}", path, example);
    for (const config::Entry& each : node.entries)
      at(settings)[each.key] = entry(each);
  };
  key.text = [=](const Settings& settings) -> std::string {
    std::string text;
    for (const auto& [name, value] : at(const_cast<Settings&>(settings)))
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", config::yaml_scalar(name),
                          value_text(value));
    return text.empty() ? "" : "{" + text + "}";
  };
  return key;
}

/// Files by name. Relative ones lie beside the file that names them.
template <typename At>
Key files(std::string_view path, std::string_view sentence, At at) {
  return map(
      {.path = path, .sentence = sentence, .kind = Key::Kind::Files}, "files",
      "{matmul: my_kernels.so}", at,
      [](const config::Entry& entry) {
        return beside(file_of(entry.value.where), config::to_text(entry.value, entry.key));
      },
      [](const std::string& file) {
        return config::yaml_scalar(std::filesystem::absolute(file).string());
      });
}

/// A text; of a file, the name is looked for beside the file that has it.
template <typename At>
Key text(std::string_view path, bool file, std::string_view sentence, At at) {
  Key key{.path = path, .sentence = sentence, .kind = Key::Kind::Text};
  key.read = [=](Settings& settings, const Node& node) {
    const std::string value = config::to_text(node, path);
    at(settings) = file ? beside(file_of(node.where), value) : value;
  };
  key.text = [=](const Settings& settings) -> std::string {
    const std::string& value = at(const_cast<Settings&>(settings));
    return file && !value.empty() ? std::filesystem::absolute(value).string() : value;
  };
  return key;
}

/// Numbers by name.
template <typename At>
Key counts(std::string_view path, int64_t low, int64_t high, std::string_view sentence, At at) {
  return map(
      {.path = path, .sentence = sentence, .kind = Key::Kind::Counts, .low = low, .high = high},
      "numbers", "{of_in: 2}", at,
      [=](const config::Entry& entry) {
        return config::to_integer(entry.value, fmt::format("{}.{}", path, entry.key), low, high);
      },
      [](int64_t number) { return fmt::format("{}", number); });
}

/// Arguments by number, each a file, which may lie beside the file that names it, or an expression.
template <typename At>
Key arguments(std::string_view path, std::string_view sentence, At at) {
  return map(
      {.path = path, .sentence = sentence, .kind = Key::Kind::Files}, "arguments",
      "{0: iota, 1: b.bin}", at,
      [](const config::Entry& entry) {
        const std::string value = config::to_text(entry.value, entry.key);
        const std::string file = beside(file_of(entry.value.where), value);
        return std::filesystem::exists(file) ? file : value;
      },
      [](const std::string& value) {
        return config::yaml_scalar(
            std::filesystem::exists(value) ? std::filesystem::absolute(value).string() : value);
      });
}

Key required(Key key) {
  key.required = true;
  return key;
}

Key only(std::vector<Computes> kernels, Key key) {
  key.of = std::move(kernels);
  return key;
}

/// A side of the herd: both sides or none, which `load` checks.
Key herd_side(std::string_view path, int high, std::string_view sentence, int Herd::*side) {
  Key key{.path = path, .sentence = sentence, .low = 1, .high = high};
  key.read = [=](Settings& settings, const Node& node) {
    if (!settings.compiler.herd)
      settings.compiler.herd.emplace();
    (*settings.compiler.herd).*side = static_cast<int>(config::to_integer(node, path, 1, high));
  };
  key.text = [=](const Settings& settings) {
    const auto& herd = settings.compiler.herd;
    return herd ? fmt::format("{}", (*herd).*side) : std::string();
  };
  return key;
}

std::vector<std::string_view> type_names() {
  std::vector<std::string_view> names;
  for (const arch::TypeRow& row : arch::kMatrixTypes)
    names.push_back(row.name);
  return names;
}

std::vector<std::string_view> strategy_names() {
  std::vector<std::string_view> names;
  for (const auto& strategy : compiler::matmul::strategies())
    names.push_back(strategy.name);
  return names;
}

std::vector<std::string_view> schedule_names() {
  std::vector<std::string_view> names;
  for (const auto& variant : compiler::matmul::variants())
    names.push_back(variant.name);
  return names;
}

// clang-format off
std::vector<Key> make_keys() {
  const std::vector<std::string_view> layouts{"row", "column"};
  const std::vector<std::string_view> kernels(kernel_names().begin(), kernel_names().end());
  const auto matmul = [](Key key) { return only({Computes::Matmul}, std::move(key)); };
  const auto select = [](Key key) { return only({Computes::Select}, std::move(key)); };
  const auto cores = [](Key key) { return only({Computes::Matmul, Computes::Edge}, std::move(key)); };
  const auto design = [](Key key) { return only({Computes::Design}, std::move(key)); };
  const auto edge = [](Key key) { return only({Computes::Edge}, std::move(key)); };
  return {
      integer("columns", 1, arch::kMaxColumns, "columns of the partition; missing: all the device has", [](Settings& s) -> auto& { return s.columns; }),
      integer("start", 0, arch::kMaxColumns - 1, "physical column of the partition's first; missing: the first that fits", [](Settings& s) -> auto& { return s.start; }),
      choice("problem.kernel", kernels, "what is computed: C = A B, the edges of a grey image, either by a run-time parameter, or what a design in MLIR does", [](Settings& s) -> auto& { return s.computes; }),
      matmul(required(integer("problem.m", 1, kMaxSize, "rows of A and C", [](Settings& s) -> auto& { return s.problem.m; }))),
      matmul(required(integer("problem.k", 1, kMaxSize, "columns of A, rows of B", [](Settings& s) -> auto& { return s.problem.k; }))),
      matmul(required(integer("problem.n", 1, kMaxSize, "columns of B and C", [](Settings& s) -> auto& { return s.problem.n; }))),
      matmul(choice("problem.a", type_names(), "element type of A", [](Settings& s) -> auto& { return s.problem.a; })),
      matmul(choice("problem.b", type_names(), "element type of B", [](Settings& s) -> auto& { return s.problem.b; })),
      matmul(choice("problem.c", type_names(), "element type of C", [](Settings& s) -> auto& { return s.problem.c; })),
      matmul(integer("problem.batch", 1, 4096, "matmuls of this kind, their matrices one after another", [](Settings& s) -> auto& { return s.problem.batch; })),
      matmul(choice("problem.epilogue.bias", {"none", "row"}, "a row of N values of B's type is added to every row of sums", [](Settings& s) -> auto& { return s.problem.epilogue.bias; })),
      matmul(integer("problem.epilogue.shift", 0, 31, "a cast to i8 or i16 divides by 2 to this, rounding down", [](Settings& s) -> auto& { return s.problem.epilogue.shift; })),
      matmul(number("problem.epilogue.scale", "sums are multiplied by it in f32; integers are then narrowed to nearest even", [](Settings& s) -> auto& { return s.problem.epilogue.scale; })),
      matmul(choice("problem.epilogue.rounding", {"floor", "nearest-even"}, "of a cast to bf16", [](Settings& s) -> auto& { return s.problem.epilogue.rounding; })),
      matmul(choice("problem.epilogue.activation", {"none", "relu"}, "after the cast; relu: what has a sign becomes 0", [](Settings& s) -> auto& { return s.problem.epilogue.relu; })),
      matmul(choice("problem.a_layout", layouts, "order of A in host memory; a transposed A is in column order", [](Settings& s) -> auto& { return s.problem.a_layout; })),
      matmul(choice("problem.b_layout", layouts, "order of B in host memory; a transposed B is in column order", [](Settings& s) -> auto& { return s.problem.b_layout; })),
      edge(required(integer("problem.width", 4, kMaxSize, "pixels of a line, a multiple of 4", [](Settings& s) -> auto& { return s.image.width; }))),
      edge(required(integer("problem.height", 1, kMaxSize, "lines of the image", [](Settings& s) -> auto& { return s.image.height; }))),
      only({Computes::Edge, Computes::Select}, integer("problem.threshold", 0, 255, "edges that are no stronger become black", [](Settings& s) -> auto& { return s.image.threshold; })),
      select(choice("problem.function", {"matmul", "edge"}, "which function the host selects at run time", [](Settings& s) -> auto& { return s.select.function; })),
      select(integer("problem.side", 8, 1 << 10, "a line is side x side bytes: a tile of A, or pixels", [](Settings& s) -> auto& { return s.select.side; })),
      select(integer("problem.lines", 1, 1 << 16, "lines of the image, or tiles of A", [](Settings& s) -> auto& { return s.select.lines; })),
      design(required(text("problem.file", true, "the design, MLIR in the aie and aiex dialects or an xclbin", [](Settings& s) -> auto& { return s.design.file; }))),
      design(text("problem.sequence", false, "of a design with several", [](Settings& s) -> auto& { return s.design.sequence; })),
      design(arguments("problem.arg", "contents of arguments, by number or name: a file, an expression such as iota; numbers by name", [](Settings& s) -> auto& { return s.design.arguments; })),
      design(arguments("problem.expect", "what arguments should be, by number or name: a file, or an expression such as arg0+1", [](Settings& s) -> auto& { return s.design.expected; })),
      design(counts("problem.depth", 1, 256, "of object fifos, by name, in place of those in the file: {of_in: 1}", [](Settings& s) -> auto& { return s.design.depths; })),
      design(counts("problem.stub", 0, 1'000'000'000, "external functions that only take time, by name, in cycles: {conv2dk1_i8: 5000}", [](Settings& s) -> auto& { return s.design.stubs; })),
      design(text("problem.insts", true, "of an xclbin: its instruction stream", [](Settings& s) -> auto& { return s.design.insts; })),
      design(text("problem.cores", true, "of an xclbin: MLIR with the bodies of its cores, with addresses", [](Settings& s) -> auto& { return s.design.cores; })),
      matmul(choice("compiler.strategy", strategy_names(), "how tile sizes are chosen", [](Settings& s) -> auto& { return s.compiler.strategy; })),
      cores(herd_side("compiler.herd.columns", arch::kMaxColumns, "columns of cores, along M or down the image; missing: the compiler decides", &Herd::columns)),
      cores(herd_side("compiler.herd.rows", arch::kRows - arch::kFirstCoreRow, "rows of cores, along N or down the image", &Herd::rows)),
      matmul(choice("compiler.schedule", schedule_names(), "what is copied where in the loops", [](Settings& s) -> auto& { return s.compiler.schedule; })),
      matmul(choice("compiler.split-l2", {"fixed", "legacy"}, "into how many pieces an L2 buffer is cut", [](Settings& s) -> auto& { return s.compiler.split_l2; })),
      matmul(choice("compiler.l2-locks", {"shared", "per-writer"}, "locks of an L2 buffer that several cores write", [](Settings& s) -> auto& { return s.compiler.l2_locks; })),
      matmul(integer("compiler.depth.a-l2", 1, 4, "slices of A that L2 holds", [](Settings& s) -> auto& { return s.compiler.depths.a_l2; })),
      matmul(integer("compiler.depth.b-l2", 1, 4, "slices of B that L2 holds", [](Settings& s) -> auto& { return s.compiler.depths.b_l2; })),
      matmul(integer("compiler.depth.a-l1", 1, 2, "slices of A that a core holds", [](Settings& s) -> auto& { return s.compiler.depths.a_l1; })),
      matmul(integer("compiler.depth.b-l1", 1, 2, "slices of B that a core holds", [](Settings& s) -> auto& { return s.compiler.depths.b_l1; })),
      matmul(choice("compiler.wraps", {"default", "legacy"}, "how a dimension beyond a descriptor's wrap field is cut", [](Settings& s) -> auto& { return s.compiler.wraps; })),
      files("kernels", "shared objects with micro-kernels, by operation or function: {matmul: my_kernels.so}", [](Settings& s) -> auto& { return s.kernels; }),
      choice("sim.fidelity", {"flow", "word"}, "streams in closed form, or word by word", [](Settings& s) -> auto& { return s.sim.fidelity; }),
      choice("sim.data", {"full", "timing", "sampled"}, "move and compute values, time only, or move all and compute some elements of C", [](Settings& s) -> auto& { return s.sim.data; }),
      integer("sim.seed", 0, kMaxSeed, "of the operands", [](Settings& s) -> auto& { return s.sim.seed; }),
      integer("sim.limit-cycles", 1, kMaxSeed, "stop there; missing: never", [](Settings& s) -> auto& { return s.sim.limit_cycles; }),
      integer("sim.schedule-seed", 0, kMaxSeed, "permutes events of one cycle; missing: arrival order", [](Settings& s) -> auto& { return s.sim.schedule_seed; }),
      integer("sim.schedule-seeds", 0, 1'000'000, "so many runs with seeds of their own: does the outcome depend on the order?", [](Settings& s) -> auto& { return s.sim.schedule_seeds; }),
      words("sim.check", {"memory", "order"}, "what to look for besides: misuse of memory, orders that nothing fixes", [](Settings& s) -> auto& { return s.sim.check; }),
      choice("host.inputs", {"uniform", "special"}, "operands of all sizes, or those that arithmetic trips over", [](Settings& s) -> auto& { return s.host.inputs; }),
      integer("host.launches", 1, 1000, "runs of the host sequence, one after another", [](Settings& s) -> auto& { return s.host.launches; }),
  };
}
// clang-format on

}  // namespace

std::span<const std::string_view> kernel_names() {
  static constexpr std::array<std::string_view, 4> kNames{"matmul", "edge", "select", "design"};
  return kNames;
}

std::span<const Key> keys() {
  static const std::vector<Key> table = make_keys();
  return table;
}

}  // namespace npu::cli
