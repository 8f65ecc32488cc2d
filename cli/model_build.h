// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/build_cache.h"
#include "cli/model_file.h"

namespace npu::cli {

struct ModelOptions {
  int jobs = 1;
  bool dedup = true;       ///< false: every matmul by itself, nothing is taken from the cache
  std::string directory;   ///< where containers, instructions and index go; empty: nowhere
  BuildCache* cache = {};  ///< may be null
};

/// A micro-kernel and how many of the model's designs call it.
struct MicroKernelUse {
  std::string kernel;  ///< text form
  std::string origin;  ///< `built in`, `generated`, `external: mm.so`
  size_t designs = 0;
};

/// What was done, and what it took.
struct ModelReport {
  size_t entries = 0;
  int64_t matmuls = 0;  ///< repetitions counted
  size_t designs = 0;
  size_t from_cache = 0;
  size_t containers = 0;
  size_t linked = 0;  ///< containers that were not in the cache
  size_t files = 0;
  size_t written = 0;  ///< files that were not there as they are
  int damaged = 0;     ///< files of the cache
  std::vector<MicroKernelUse> kernels;
  int jobs = 1;
  double milliseconds = 0;
  std::vector<std::pair<std::string, double>> stages;  ///< of the build, in milliseconds
  std::vector<std::pair<std::string, double>> passes;  ///< of the compiler, all threads together
  uint64_t peak_bytes = 0;                             ///< memory of the process at its largest
};

/// Compiles a model: gathers the designs of all entries, makes each distinct one once, in parallel,
/// puts each into every container that has an entry of it, and writes, besides containers and
/// instruction streams, `index.json`, which tells where each entry is. The files depend on the
/// model alone, not on jobs or cache. Throws Error naming the first entry that cannot be compiled.
ModelReport build_model(const Model& model, const ModelOptions& options);

/// For people, and for programs.
std::string report_text(const Model& model, const ModelReport& report);
std::string report_json(const Model& model, const ModelReport& report);

}  // namespace npu::cli
