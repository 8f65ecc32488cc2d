// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "compiler/mlir/tree.h"

// Cases of the dialects' enumerations: an op's assembly has their names, a dictionary has their
// numbers. Both sides, printing and reading, go by these tables.
namespace npu::compiler::mlir {

struct Case {
  int number;
  std::string_view name;
};

inline constexpr std::array kLockActions{Case{0, "Acquire"}, Case{1, "Release"},
                                         Case{2, "AcquireGreaterEqual"}};
inline constexpr std::array kPorts{Case{0, "Produce"}, Case{1, "Consume"}};
inline constexpr std::array kDevices{
    Case{4, "npu1"},       Case{5, "npu1_1col"},  Case{6, "npu1_2col"},  Case{7, "npu1_3col"},
    Case{8, "npu2"},       Case{9, "npu2_1col"},  Case{10, "npu2_2col"}, Case{11, "npu2_3col"},
    Case{12, "npu2_4col"}, Case{13, "npu2_5col"}, Case{14, "npu2_6col"}, Case{15, "npu2_7col"}};

/// The name of the case that an attribute says by name or by number; empty when it says none.
std::string_view case_of(const Op& op, std::string_view attribute, std::span<const Case> cases);
/// An attribute that says a case of the table, by its name.
Attribute enumeration(std::string attribute, std::span<const Case> cases, std::string_view name);
/// `Produce, Consume`.
std::string names(std::span<const Case> cases);

}  // namespace npu::compiler::mlir
