// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>

#include "compiler/matmul/padding.h"
#include "compiler/matmul/problem.h"
#include "compiler/matmul/strategy.h"
#include "hw-model/arch/device.h"
#include "hw-model/arch/timing.h"

namespace npu::compiler::matmul {

/// Cycles for which a matmul keeps each part of the device busy: none of them can be undercut.
struct Bounds {
  double compute = 0;  ///< a core, in its kernels
  double l2_l1 = 0;    ///< the busiest stream to the cores
  double l1_l2 = 0;    ///< a core's stream of C
  double l3 = 0;       ///< DDR, or the busiest shim channel
  double host = 0;     ///< the command processor
};

struct Prediction {
  Bounds bounds;
  double cycles = 0;    ///< of the whole run
  uint64_t staged = 0;  ///< bytes of the host's copies, before and after the run
};

/// Predicts a run from the tiles alone.
Prediction predict(const Problem& problem, const arch::Partition& partition,
                   const arch::Timing& timing, const Options& options, const Tiles& tiles);

}  // namespace npu::compiler::matmul
