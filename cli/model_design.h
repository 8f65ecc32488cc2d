// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/micro_kernels.h"
#include "cli/settings.h"
#include "xclbin/kernels.h"

namespace npu::cli {

/// Milliseconds that each pass of the compiler took, in the order in which they run; the last is
/// the encoding of its result.
class PassTimes {
 public:
  PassTimes();
  void add(size_t pass, double milliseconds) { times_[pass] += milliseconds; }
  void add(const PassTimes& other);
  std::vector<std::pair<std::string, double>> named() const;

 private:
  std::vector<double> times_;
};

/// A compiled design as files need it.
struct DesignFiles {
  xclbin::Bytes pdi;
  xclbin::Bytes instructions;
  xclbin::Bytes names;                     ///< of tiles, buffers and so on, as text
  std::vector<MicroKernel> micro_kernels;  ///< in the order of their texts
  int columns = 0;
  int buffers = 0;

  /// The kernel of a container that it becomes.
  xclbin::KernelImage image(const std::string& name) const;
};

/// All that decides the files of a design, as text: two settings with the same are one design.
std::string design_key(const Settings& settings);

/// Compiles. Throws Error when that cannot be done.
DesignFiles make_design(const Settings& settings, PassTimes& times);

/// As bytes to keep, and back. Reading throws Error for bytes that are something else.
xclbin::Bytes write_design(const DesignFiles& design);
DesignFiles read_design(xclbin::View bytes);

}  // namespace npu::cli
