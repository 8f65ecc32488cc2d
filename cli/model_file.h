// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/settings.h"

namespace npu::cli {

/// One matmul of a model.
struct ModelEntry {
  std::string name;
  std::string where;      ///< in the file
  int64_t repeat = 1;     ///< how often the model has it
  std::string container;  ///< that it is to be in; empty: the model's
  size_t settings = 0;    ///< index into `Model::settings`
};

/// A list of matmuls that are compiled together.
struct Model {
  std::string name;  ///< of the file, without directory and ending
  std::string title;
  std::vector<ModelEntry> entries;
  std::vector<Settings> settings;  ///< what entries ask for; those written alike share one

  /// Matmuls, repetitions counted.
  int64_t matmuls() const;
};

/// Reads a model; nothing when the file is none, which has no `entries`, or cannot be read. `base`
/// is a sim file or its content, `entries` a list of maps with `name`, optionally `repeat` and
/// `container`, and any keys of a sim file (`shape`, `types` and `herd` are short for several).
/// `overrides` go on top of all. Throws Error with file, line and column.
std::optional<Model> load_model(const std::string& path, const std::vector<Override>& overrides);

}  // namespace npu::cli
