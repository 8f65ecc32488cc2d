// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/explain.h"

namespace npu::cli {

/// A thing that two designs have differently.
struct Difference {
  std::string thing;
  std::string a;  ///< empty: it has none
  std::string b;
};

/// Where memory of the tiles begins differently, a line for each buffer, with the first element
/// that differs and how many do; what no buffer names, word by word of a tile. Memory that nothing
/// writes is zero. Of the `foreign` tiles only buffers with a place in a file are looked at: what
/// else their code brings along is its own.
std::vector<Difference> content_differences(const DesignFacts& a, const DesignFacts& b,
                                            const std::set<arch::Coord>& foreign);

}  // namespace npu::cli
