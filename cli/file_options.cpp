// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/file_options.h"

namespace npu::cli {

bool FileOptions::any() const {
  return !kernel.empty() || !insts.empty() || !inputs.empty() || !outputs.empty() ||
         !sizes.empty() || !expected.empty() || !cores.empty() || !programs.empty();
}

void add_file_options(CLI::App& command, FileOptions& options) {
  const auto add = [&](const std::string& name, auto& value, const char* type,
                       const char* sentence) {
    return command.add_option(name, value, sentence)->type_name(type);
  };
  const auto add_list = [&](const std::string& name, auto& value, const char* type,
                            const char* sentence) {
    add(name, value, type, sentence)->expected(1)->take_all();
  };
  add("--kernel", options.kernel, "NAME", "of an xclbin with several");
  add("--insts", options.insts, "FILE", "instruction stream of an xclbin");
  add_list("--arg", options.inputs, "N=FILE|EXPR",
           "contents of argument N or NAME: a file, 2*iota+1, or a number");
  add_list("--out", options.outputs, "N=FILE", "write argument N there");
  add_list("--expect", options.expected, "N=FILE|EXPR",
           "what argument N should be: a file or arg0+1");
  add_list("--size", options.sizes, "N=BYTES|TYPE",
           "of argument N where nothing says: 1024, bf16 or 512xbf16");
  add_list("--core", options.cores, "COL,ROW=WHAT",
           "a kernel or a program file instead of its code");
  add_programs_option(command, options);
}

void add_programs_option(CLI::App& command, FileOptions& options) {
  command
      .add_option("--cores", options.programs, "of an xclbin: bodies for its cores, with addresses")
      ->type_name("FILE.mlir");
}

}  // namespace npu::cli
