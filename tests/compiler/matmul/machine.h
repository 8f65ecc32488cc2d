// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "compiler/design/design.h"

namespace npu::compiler::testing {

/// Runs a Design without time: agents take turns and move what they can. Written for the tests of
/// the compiler, apart from the model, so that one mistake does not hide in both.
class Machine {
 public:
  using Bytes = std::vector<std::byte>;
  /// `arguments` are the host's buffers; without `compute` kernels do nothing.
  Machine(const Design& design, std::vector<Bytes> arguments, bool compute = true);

  /// Called before each kernel call with the buffers it gets.
  std::function<void(const Core&, const arch::KernelSpec&, std::span<const int>)> on_call;

  /// Runs until nothing moves; true when the host sequence is complete.
  bool run();
  /// Lets the next run start from the beginning of the host sequence, with everything else as it
  /// is.
  void rewind();
  /// Zeroes an argument.
  void clear(int index) { arguments_[index].assign(arguments_[index].size(), std::byte{0}); }

  const Bytes& argument(int index) const { return arguments_[index]; }
  std::span<const std::byte> memory(int buffer) const;
  int lock(int index) const { return locks_[index]; }
  /// Most tasks that were in any shim channel at once.
  size_t most_outstanding() const { return most_outstanding_; }
  /// Channels that wait in the middle of a descriptor or for its lock: `name tile.direction`.
  std::vector<std::string> waiting() const;
  /// Bytes that a stream has delivered to all of its destinations.
  uint64_t delivered(const std::string& flow) const;
  /// Words that are in streams.
  size_t words_in_streams() const;

 private:
  struct Pipe {  // of a flow
    std::vector<std::deque<uint32_t>> queues;
    uint64_t delivered = 0;
  };
  struct End {
    int flow = -1;
    int branch = 0;
  };
  struct Channel {
    End end;
    int current = 0;
    bool acquired = false;
    uint64_t moved = 0;
  };
  struct Shim {
    End end;
    std::deque<const Transfer*> tasks;
    int execution = 0;
    uint64_t moved = 0;
  };
  struct Runner {
    int pc = 0;
    std::array<int64_t, arch::kProgramRegisters> registers{};
  };

  bool step_channel(size_t index);
  bool step_shim(size_t index);
  bool step_core(size_t index);
  bool step_host();
  /// Moves words of one walk between memory and a stream; true when at least one moved.
  bool move(arch::Direction direction, End end, std::byte* memory, size_t bytes, uint64_t base,
            const std::vector<Dim>& dims, uint64_t length, uint64_t& moved);
  bool has_room(const Pipe& pipe) const;
  void call(const Core& core, const arch::KernelSpec& spec, std::span<const int> buffers);

  const Design& design_;
  std::vector<Bytes> arguments_;
  bool compute_;
  std::vector<Bytes> buffers_;
  std::vector<int> locks_;
  std::vector<Pipe> pipes_;
  std::vector<Channel> channels_;
  std::vector<Shim> shims_;
  std::vector<Runner> cores_;
  std::map<int, int> tokens_;
  size_t host_ = 0;
  size_t most_outstanding_ = 0;
};

/// Element `index` of a region of that type, as a number.
double get(std::span<const std::byte> bytes, arch::Type type, int64_t index);
/// Stores with saturation of integers and round to nearest even of bf16.
void set(std::span<std::byte> bytes, arch::Type type, int64_t index, double value);

}  // namespace npu::compiler::testing
