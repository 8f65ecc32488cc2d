// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/variant.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

// clang-format off
constexpr std::array kVariants{
    // name, sentence, broadcast, shared slices, A and B from L3, C out of L1, fill, merged
    Variant{"S0", "copies at their own level of K, fill in L1, C leaves once, broadcast", true, true, Level::OuterK, Level::Launch, Fill::L1, true},
    Variant{"S1", "S0 without broadcast", false, true, Level::OuterK, Level::Launch, Fill::L1, true},
    Variant{"S2", "S1 with the copy from L3 in the inner loop", false, true, Level::InnerK, Level::Launch, Fill::L1, true},
    Variant{"S3", "copies from L3 in the inner loop of every core, and C packed and unpacked there", false, false, Level::InnerK, Level::InnerK, Fill::L2, true},
    Variant{"S4", "copies from L3 at their own level, C packed and unpacked in the inner loop", true, true, Level::OuterK, Level::InnerK, Fill::L2, true},
    Variant{"S5", "C hoisted out of the inner loop only", true, true, Level::OuterK, Level::OuterK, Fill::L2, true},
    Variant{"S6", "C hoisted out of both loops, fill in L2", true, true, Level::OuterK, Level::Launch, Fill::L2, true},
    Variant{"S7", "S0 with the first step of K peeled: it overwrites, nothing fills", true, true, Level::OuterK, Level::Launch, Fill::Overwrite, true},
    Variant{"S7-unmerged", "S7 with movers of its own for the peeled step", true, true, Level::OuterK, Level::Launch, Fill::Overwrite, false},
};
// clang-format on

}  // namespace

std::span<const Variant> variants() {
  return kVariants;
}

const Variant& variant_named(std::string_view name) {
  const auto row = std::ranges::find(kVariants, name, &Variant::name);
  if (row != kVariants.end())
    return *row;
  std::string names;
  for (const Variant& variant : kVariants)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", variant.name);
  throw Error("schedule: `{}` is not known", name).hint("one of: {}", names);
}

}  // namespace npu::compiler::matmul
