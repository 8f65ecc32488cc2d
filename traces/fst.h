// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

namespace npu::traces {

/// A waveform as VCD: the file itself, or, of an FST file, a copy made by the program `fst2vcd`
/// that goes when this does.
class VcdCopy {
 public:
  /// Throws Error when the file cannot be read, or when `fst2vcd` is missing or refuses it.
  explicit VcdCopy(const std::string& path);
  ~VcdCopy();
  VcdCopy(const VcdCopy&) = delete;
  VcdCopy& operator=(const VcdCopy&) = delete;

  /// To be given to `read_vcd`.
  const std::string& path() const { return copy_.empty() ? original_ : copy_; }

 private:
  std::string original_;
  std::string copy_;
};

}  // namespace npu::traces
