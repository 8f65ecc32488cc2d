// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hw-model/arch/names.h"
#include "hw-model/arch/timing.h"
#include "hw-model/diagnosis/diagnose.h"
#include "hw-model/diagnosis/explore.h"
#include "hw-model/diagnosis/rules.h"

namespace npu::diagnosis {

/// What can be said of a design without running it.
struct Check {
  Exploration exploration;
  std::vector<Finding> findings;
  Diagnosis hang;          ///< of an error
  std::string unfairness;  ///< who overtook whom on the way to it; empty: nobody
  /// Configurations, of which each is judged by itself when the sequence loads others, and from
  /// which command on the one holds that an error is about.
  size_t stages = 1;
  size_t begin = 0;
};

/// Checks the rules and tries the orders of events. Host buffers are taken to be as large as the
/// sequence needs them, and a descriptor or queue that the host fills again is taken to be free
/// when the words it has waited for say so. What a sequence loads is judged by itself, with
/// `of_loads` for its names, as if what was there before had come to rest.
Check check(const Image& image, const arch::Names& names, const arch::Timing& timing,
            const ExploreLimits& limits = {}, const std::map<uint32_t, arch::Names>& of_loads = {});

/// The verdict in a line, the hang's diagnosis, the findings.
std::string to_text(const Check& check);

}  // namespace npu::diagnosis
