// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "compiler/design/design.h"
#include "compiler/import/import.h"
#include "compiler/import/shim_dma.h"
#include "compiler/mlir/attributes.h"
#include "compiler/mlir/reader.h"
#include "compiler/mlir/types.h"
#include "hw-model/arch/error.h"

// What the parts of an import share. The parts run one after another, each in a file of its own.
namespace npu::compiler::import {

using mlir::Op;

struct State {
  const Op& module;
  const Op& device;
  const ImportOptions& options;
  Design design = {};
  std::unordered_map<int, mlir::Definition> definitions = {};
  std::map<int, Coord> tiles = {};        ///< by value id
  std::map<Coord, int> controllers = {};  ///< packet ids that tokens of a tile carry
  std::map<int, int> buffers = {};        ///< value id to index into Design::buffers
  std::map<int, int> locks = {};          ///< value id to index into Design::locks
  std::map<std::string, int, std::less<>> buffer_names = {};
  std::map<std::string, int, std::less<>> shim_names = {};       ///< to index into shim_channels
  std::map<std::string, Packet, std::less<>> shim_packets = {};  ///< of what goes out of them
  /// Object fifos that cores use, by name, tile and side; the addresses of values stay.
  std::map<std::tuple<std::string, Coord, bool>, CoreFifo> fifos = {};
  std::vector<ShimTask> shim_tasks = {};
  std::set<std::string, std::less<>> names = {};  ///< taken

  /// `file:line`, for Design::source.
  std::string source(const Op& op) const;
  template <typename... Args>
  Error error(const Op& op, fmt::format_string<Args...> text, Args&&... args) const {
    return Error("{}: {}", mlir::place(options.file, op),
                 fmt::format(text, std::forward<Args>(args)...));
  }

  /// The tile, buffer or lock that an operand names; throws Error when it is something else.
  Coord tile(const Op& op, size_t operand) const;
  int buffer(const Op& op, size_t operand) const;
  int lock(const Op& op, size_t operand) const;
  /// An operand that is a constant.
  std::optional<int64_t> constant(const mlir::Value& value) const;
  /// An attribute that must be there; throws Error.
  int64_t integer(const Op& op, std::string_view name) const;
  int64_t integer(const Op& op, std::string_view name, int64_t otherwise) const;
  /// Those that fit an int; what is larger throws Error, too.
  int small(const Op& op, std::string_view name) const;
  int small(const Op& op, std::string_view name, int64_t otherwise) const;
  int narrowed(const Op& op, std::string_view name, int64_t value) const;
  /// Executions of a task, one more than its `repeat_count` says.
  int repeats(const Op& op) const;
  int repeats(const Op& op, int64_t repeat_count) const;
  Direction direction(const Op& op, std::string_view name) const;
  std::optional<Packet> packet(const Op& op) const;

  /// The name, or with a number behind it when it is taken.
  std::string fresh(std::string name);
  int add_buffer(Buffer buffer);
  int add_lock(Lock lock);
};

/// The runtime sequences of a device.
std::vector<const Op*> sequences_of(const Op& device);
/// Another device of the module, all but its sequences; `op` names it.
std::unique_ptr<State> other_device(const State& state, const Op& op, std::string_view name);

/// What the host calls an `aie.external_buffer`.
std::string host_buffer_name(const Op& op);

/// Whether the `port` of an op is that of an object fifo's producer, not of a consumer; throws
/// Error when it is neither.
bool is_producer(const ImportOptions& options, const Op& op);

/// Ops of one name in the device, in the order of the text, those in regions among them.
std::vector<const Op*> all(const State& state, std::string_view name);

arch::Type element_type(const State& state, const Op& op, const std::string& type);
/// The words of an initial value.
std::vector<uint32_t> initial_words(const State& state, const Op& op, const std::string& text,
                                    const Buffer& buffer);

/// Dimensions in elements, outermost first, as words. Throws Error when an element is smaller than
/// a word and the walk does not go by words.
std::vector<Dim> dims_in_words(const State& state, const Op& op, std::vector<Dim> dims,
                               uint32_t element_bytes);
uint64_t words(const State& state, const Op& op, uint64_t elements, uint32_t element_bytes,
               std::string_view what);
/// `[<size = 2, stride = 1>, ...]` as it stands.
std::vector<Dim> dims_of(const State& state, const Op& op, std::string_view text);
std::vector<Pad> pads_of(const State& state, const Op& op, std::string_view text);
/// Dimensions of a `dma_bd` in either spelling.
std::vector<Dim> dims_of(const State& state, const Op& op);

/// What the channel that an op describes pads with: zero unless the op says otherwise, which takes
/// a memtile of the second generation. An attribute of `name`.
void import_pad_value(State& state, const Op& op, std::string_view name, Channel& channel);

/// A module in which cores do what `aie.objectfifo.register_process` says: their turns come first
/// in the cores that there are, those of a later op before those of an earlier one. Nothing when
/// the module has none.
std::optional<Op> lower_processes(const Op& module, const ImportOptions& options);

/// A module in which cores that read parameters of the host's scratchpad have a buffer for each and
/// a lock that they wait for, which the sequence fills and releases; nothing when no core does.
std::optional<Op> lower_parameters(const Op& module, const ImportOptions& options);

/// Throws Error for attributes of ops that nothing here reads, unless they are zero, false, or of a
/// dialect of their own.
void refuse_unknown_attributes(const State& state);
/// Throws Error when two ops of the device have one name.
void refuse_second_symbols(const State& state);
/// Throws Error when an op has one of the attributes, which have no meaning where it stands.
void refuse_attributes(const State& state, const Op& op,
                       std::initializer_list<std::string_view> names, std::string_view where);

/// Throws Error when the options give a number that the design does not ask for: arguments of its
/// sequence, parameters in the scratchpad, and locks of its shims' DMA programs.
void refuse_unknown_scalars(const State& state);

// The parts, in order.
void import_tiles(State& state);   ///< import.cpp
void import_memory(State& state);  ///< import.cpp: buffers and locks
void import_objectfifos(State& state);
void import_dmas(State& state);
/// Programs of `aie.shim_dma`, before streams take their channels.
void import_shim_dmas(State& state);
void import_streams(State& state);
/// Programs of object fifos with buffers of the host, whose channels have numbers.
void import_registered_buffers(State& state);
void import_cores(State& state);
/// Addresses of tiles whose buffers follow each other in the order of the text, after the stack.
void import_allocation(State& state);
void import_sequence(State& state);
/// Only the arguments of the sequence that are memory; those of unknown size have no elements.
void import_arguments(State& state);

/// A part of the streams: flows from the channels of shims to the control ports of the tiles above,
/// when the options ask for them: channel 0 for the lower three rows, channel 1 for the others,
/// each tile under its controller's id. Throws Error when a circuit has the channel.
void import_control_overlay(State& state);

/// A lock operation before or after a descriptor.
void import_lock_use(const State& state, const Op& op, Descriptor& descriptor);
/// What the blocks of a DMA program contain, for host tasks as well.
Descriptor import_descriptor(const State& state, const std::vector<const Op*>& ops);

}  // namespace npu::compiler::import
