// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/names.h"

namespace npu::traces {

/// What a trace carries beside its events, so that a run can be explained from its trace alone.
struct Facts {
  std::string device = "npu1";
  int columns = 4;
  int first_column = 1;
  uint32_t clock_mhz = 1000;
  arch::Names names;
  arch::Commands configuration;
  std::map<uint32_t, arch::Commands> loads;  ///< what `Load{id}` loads
  std::map<uint32_t, arch::Names> load_names;
  arch::Commands sequence;
  std::vector<std::pair<std::string, std::string>>
      settings;  ///< tool version, options: for the reader's eye
};

/// The facts as words without white space, one per value of a waveform.
std::vector<std::string> to_words(const Facts& facts);

/// Takes the words of `to_words` one by one.
class FactsReader {
 public:
  /// Throws Error with what is wrong in the word.
  void add(std::string_view word);
  /// The facts of the words so far.
  Facts take() { return std::move(facts_); }

 private:
  arch::Commands& commands();
  void swap_names();

  Facts facts_;
  enum class Section : uint8_t { None, Configuration, Load, Sequence };
  Section section_ = Section::None;
  uint32_t load_ = 0;
};

}  // namespace npu::traces
