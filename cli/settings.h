// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/image/select.h"
#include "compiler/matmul/problem.h"
#include "hw-model/config.h"
#include "hw-model/sim/sim.h"

namespace npu::cli {

/// What fills the operands: numbers of all sizes, or those that arithmetic trips over (zeros of
/// both signs, denormals, limits, cancellation).
enum class Inputs : uint8_t { Uniform, Special };

/// Whether values move and are computed: all, none, or all move and few elements of C are computed.
enum class Data : uint8_t { Full, Timing, Sampled };

/// What is computed: C = A B, the edges of an image, which of the two the host selects, or what a
/// design in MLIR computes.
enum class Computes : uint8_t { Matmul, Edge, Select, Design };

/// Everything that decides a run: what a sim file says, with the command line on top.
struct Settings {
  config::DeviceConfig device;
  std::optional<int> columns;  ///< missing: the widest partition
  std::optional<int> start;    ///< physical column; missing: the first that a partition can have
  Computes computes = Computes::Matmul;
  compiler::matmul::Problem problem;
  compiler::image::Problem image;
  compiler::image::Select select;
  struct {
    std::string file;
    std::string sequence;
    /// By the number of the argument, each a file or an expression.
    std::map<std::string, std::string> arguments;
    std::map<std::string, std::string> expected;
    std::map<std::string, int64_t> depths;  ///< of object fifos, in place of those in the file
    std::map<std::string, int64_t> stubs;   ///< cycles of functions that nobody knows
    // Of a container.
    std::string insts;
    std::string cores;
  } design;
  compiler::matmul::Options compiler;
  struct {
    sim::Fidelity fidelity = sim::Fidelity::Flow;
    Data data = Data::Full;
    uint64_t seed = 1;
    std::optional<uint64_t> limit_cycles;
    std::optional<uint64_t> schedule_seed;
    uint64_t schedule_seeds = 0;  ///< so many runs, to see whether the outcome depends on it
    std::set<std::string> check;  ///< `memory`, `order`

    bool timing_only() const { return data == Data::Timing; }
    bool sampled() const { return data == Data::Sampled; }
  } sim;
  struct {
    Inputs inputs = Inputs::Uniform;
    int launches = 1;
  } host;
  /// Shared objects with micro-kernels, by the operation or function that they have.
  std::map<std::string, std::string> kernels;

  arch::Partition partition() const;
  /// Whether the key has a meaning for what is computed.
  bool uses(const struct Key& key) const;
};

/// One key of a sim file. Reader, `--set`, `--print-config`, schema and documentation are loops
/// over the table.
struct Key {
  enum class Kind : uint8_t { Integer, Number, Choice, Text, Words, Files, Counts };

  std::string_view path;  ///< `problem.m`
  std::string_view sentence;
  Kind kind = Kind::Integer;
  int64_t low = 0;
  int64_t high = 0;
  std::vector<std::string_view> choices = {};
  bool required = false;
  std::vector<Computes> of = {};  ///< kernels that it belongs to; empty: all
  std::function<void(Settings&, const config::Node&)> read = {};
  std::function<std::string(const Settings&)> text = {};  ///< empty: not set
};
std::span<const Key> keys();
/// Words for kernels, in the order of `Computes`.
std::span<const std::string_view> kernel_names();

/// A value from the command line. `option` is what the user typed, for errors: `--device npu4`.
struct Override {
  std::string path;
  std::string value;
  std::string option;
};
/// The override that `problem.m=512` means. Throws Error when there is no `=`.
Override parse_override(const std::string& text);

/// Where settings come from.
struct Source {
  std::string file;                 ///< empty: none
  std::vector<Override> overrides;  ///< in order, later ones win
};

/// A sim file as a tree on which single keys are put, before it is read.
class Draft {
 public:
  /// The files that `root` names are looked for beside `file`, who holds it; empty: the command
  /// line. Throws Error when one of them is missing or wrong.
  Draft(config::Node root, std::string file);

  /// Puts a value, whose place errors will name. A bare number of the device becomes one with an
  /// origin, `source`. Files that it names are looked for beside `file`.
  void put(const std::string& path, config::Node value, const std::string& source,
           const std::string& file);
  void put(const Override& override);
  bool has(std::string_view path) const { return config::find_path(root_, path) != nullptr; }

  /// Whether the tree must say what is computed.
  enum class Problem : uint8_t { Needed, None };
  /// Throws Error with the place of what is wrong.
  Settings read(Problem problem = Problem::Needed) const;

 private:
  config::Node root_;
  std::string file_;
};

/// `path` as seen from beside `file`.
std::string beside(const std::string& file, const std::string& path);

/// Reads a sim or problem file, puts the overrides on top and reads what comes out. `problem` and
/// `device` may name files, which are looked for beside the file that names them. Throws Error with
/// file, line and column, or the option.
Settings load(const Source& source);

/// The settings, fully resolved, as a sim file that reads back to the same.
std::string print(const Settings& settings);

/// JSON Schema of sim files, of device files, and of sweep files.
std::string schema();
std::string device_schema();
std::string sweep_schema();

}  // namespace npu::cli
