// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>
#include <vector>

#include "cli/model_file.h"

namespace npu::cli {

/// What is to be made of a model: which designs, which containers, and where each matmul is.
struct ModelPlan {
  struct Design {
    std::string name;  ///< of its kernels and its instruction file: that of the first entry
    std::string where;
    size_t settings = 0;  ///< index into `Model::settings`
    std::string key;      ///< all that decides it
  };
  struct Container {
    std::string file;
    std::vector<size_t> designs;
  };
  /// An entry; or, without deduplication, one repetition of it.
  struct Row {
    size_t entry = 0;
    std::string name;
    int64_t repeat = 1;
    size_t design = 0;
    size_t container = 0;
  };
  std::vector<Design> designs;
  std::vector<Container> containers;
  std::vector<Row> rows;
};

/// Gathers designs and places them. Entries with equal keys share a design, unless `dedup` is
/// false. A container has the designs of entries that name it and have the same partition, as many
/// as fit; further ones follow with a number in their name.
ModelPlan plan_model(const Model& model, bool dedup);

}  // namespace npu::cli
