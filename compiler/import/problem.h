// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "compiler/matmul/problem.h"
#include "compiler/mlir/tree.h"

namespace npu::compiler {

/// Whether a module says what is to be computed, as linalg on tensors, and not a design for it.
bool is_problem(const mlir::Op& module);

/// A matmul and where it stands.
struct ImportedProblem {
  matmul::Problem problem = {};
  mlir::Location location = {};
};

/// The problem that a module states: a function whose result is a matmul of its arguments, written
/// as one of linalg's named ops or as a `linalg.generic` in that form, into zeros. Throws Error
/// with the place in the file for all else.
ImportedProblem import_problem(const mlir::Op& module, const std::string& file);

}  // namespace npu::compiler
