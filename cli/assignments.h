// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/settings.h"

namespace npu::cli {

/// Keys of a sim file and the values that a row of a table gives them.
using Assignment = std::pair<std::string, config::Node>;
using Assignments = std::vector<Assignment>;

/// Adds the single keys that an entry of a row sets: `shape: 512x512x640`, `types: bf16 bf16 f32`
/// and `herd: 4x2` stand for several, maps are taken apart, except numbers of the device that are
/// written with their origin. Throws Error with the place of a text that is none of these.
void expand(const std::string& key, const config::Node& node, Assignments& out);

/// What sets a row apart, short: `512x512x640 split-l2=legacy`; `base` when nothing does.
std::string label_of(const Assignments& all);

/// What all rows of the table in file `path` start from: a sim file that it names, or the keys
/// themselves. `base` is null when the table has none.
Draft read_base(const config::Node* base, const std::string& path);

}  // namespace npu::cli
