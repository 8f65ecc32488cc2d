// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/import/import_state.h"

namespace npu::compiler::import {

/// One end of an object fifo as it is written.
struct FifoTile {
  Coord tile = {};
  std::vector<Dim> dims = {};  ///< elements, outermost first
  int depth = 1;
};

/// An `aie.objectfifo` as it is written.
struct Fifo {
  const Op* op = nullptr;
  std::string name = {};
  FifoTile producer = {};
  std::vector<FifoTile> consumers = {};
  std::optional<Coord> delegate = {};    ///< whose memory both ends are to share
  std::optional<int> shared_depth = {};  ///< of one pool for both ends; missing: the producer's
  arch::Type type = arch::Type::I32;
  std::vector<int64_t> shape = {};
  bool via_dma = false;
  bool disable_synchronization = false;
  std::optional<int> repeat = {};
  std::vector<Pad> pads = {};  ///< elements, innermost first
  std::vector<std::string> initial = {};

  uint64_t elements() const;
  uint64_t words() const;
};

/// Fifos whose objects pass from one to another in a memtile or core without being copied.
struct FifoLink {
  const Op* op = nullptr;
  std::vector<int> in = {};
  std::vector<int> out = {};
  std::vector<int64_t> in_offsets = {};   ///< elements, of a join
  std::vector<int64_t> out_offsets = {};  ///< elements, of a distribution
};

std::vector<Fifo> read_fifos(const State& state);
std::vector<FifoLink> read_links(const State& state, const std::vector<Fifo>& fifos);

}  // namespace npu::compiler::import
