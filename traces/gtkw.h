// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "traces/signals.h"

namespace npu::traces {

/// A view of a waveform.
struct View {
  std::vector<Coord> open;  ///< tiles whose group is unfolded
  Cycle end = 0;            ///< the marker
  Cycle span = 0;           ///< cycles to show before `end`; 0: all
};

/// A save file of GTKWave for a waveform with these signals: a group per tile, what stalls in red,
/// kernels in green, the marker at the end. `vcd` is the name of the waveform as GTKWave should
/// open it.
std::string gtkw_text(const std::string& vcd, const std::vector<Signal>& signals, const View& view);

}  // namespace npu::traces
