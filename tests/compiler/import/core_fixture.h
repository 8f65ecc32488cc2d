// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/compiler/import/core_bench.h"

namespace npu::compiler {

using Ints = std::vector<int32_t>;

/// A core with an input and an output of 64 words.
class CoreBody : public ::testing::Test {
 protected:
  CoreBody() {
    bench.buffer("in", "memref<64xi32>");
    bench.buffer("out", "memref<64xi32>");
    Ints values(64);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<int32_t>(10 * i);
    bench.write("in", values);
  }

  Ints out(const std::string& body, size_t count) {
    bench.run(body);
    return bench.read<int32_t>("out", count);
  }
  std::string error(const std::string& body) {
    try {
      bench.compile(body);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

  CoreBench bench;
};

inline constexpr const char* kConstants = R"(
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
)";

}  // namespace npu::compiler
