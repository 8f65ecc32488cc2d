// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "compiler/matmul/schedule.h"

namespace npu::compiler::matmul {

// One file each; see pipeline.cpp for their order and what they do.
void choose_tiles(Schedule& schedule);
void pad(Schedule& schedule);
void place(Schedule& schedule);
void promote(Schedule& schedule);
void pack(Schedule& schedule);
void hoist(Schedule& schedule);
void fill(Schedule& schedule);
void peel(Schedule& schedule);
void split_l2(Schedule& schedule);
void connect(Schedule& schedule);
void descriptors(Schedule& schedule);
void program(Schedule& schedule);
void sequence(Schedule& schedule);
void report(Schedule& schedule);

}  // namespace npu::compiler::matmul
