// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/file_options.h"
#include "cli/reference.h"
#include "hw-model/arch/types.h"
#include "hw-model/sim/sim.h"

namespace npu::cli {

/// What is known of a buffer of the host before its files and expressions are read.
struct HostArgument {
  std::string name = {};                ///< empty: nobody calls it anything
  std::optional<arch::Type> type = {};  ///< of its elements; missing: nobody says
  uint64_t bytes = 0;
  bool sized = false;  ///< bytes are its size, not only as far as the instructions reach
};

/// What `--size` says: bytes, a type of elements (no bytes), or both.
struct SizeText {
  uint64_t bytes = 0;
  std::optional<arch::Type> type = {};
};
/// `1024`, `bf16` or `512xbf16`; nothing for another text.
std::optional<SizeText> parse_size(std::string_view text);

/// The buffers of a run: what they hold before a launch, and what they should hold after it. One
/// way for designs in MLIR and containers, ours and others'.
class HostArguments {
 public:
  /// `owner` is who has the arguments, for errors: `the sequence`. Without `values` nothing is
  /// held, only sizes.
  HostArguments(std::string owner, std::vector<HostArgument> known, bool values);
  HostArguments() : HostArguments("the sequence", {}, true) {}

  /// The number of the argument that is called so.
  std::optional<uint32_t> named(std::string_view name) const;

  /// Takes sizes with types, contents and expectations. What is not given is zero. A size that
  /// nobody says is that of its file, or as far as the instructions reach; a type that nobody says
  /// is i32 where an expression needs one. Throws Error for arguments that there are not and files
  /// and sizes that do not fit.
  void take(const FileOptions& files, const std::vector<std::string>& fills);

  /// The buffers up to the last that has bytes.
  std::vector<sim::HostBuffer> buffers();
  /// Before each launch.
  void reset();
  /// Element by element where the type is known, else byte by byte.
  std::optional<Comparison> check() const;
  /// Writes the files that were asked for.
  void leave() const;
  /// What was taken to be so that nobody said, a sentence for each argument.
  std::vector<std::string> assumptions() const;

 private:
  struct Buffer : HostArgument {
    std::vector<std::byte> start = {};
    std::vector<std::byte> data = {};
    std::string output = {};
    std::optional<std::vector<std::byte>> expected = {};
    bool assumed_size = false;
    bool assumed_type = false;
  };
  struct Option {
    uint32_t index;
    std::string value;
  };
  /// `0=iota` or `in=iota` taken apart.
  Option option(const std::string& name, const std::string& text) const;
  void take_size(const std::string& text);
  void set_type(const std::string& text, uint32_t index, arch::Type type);
  void take_contents(const std::string& text);
  void take_expected(const std::string& text);
  /// `argument 0 (A)`
  std::string call(uint32_t index) const;
  arch::Type type_for_expression(Buffer& buffer);
  /// Throws Error when its size is known to nobody.
  void fix_size(uint32_t index);
  std::vector<std::byte> evaluate(const std::string& text, uint32_t index);
  void compare(uint32_t index, Comparison& comparison) const;

  std::string owner_;
  std::vector<Buffer> buffers_;
  bool values_;
};

}  // namespace npu::cli
