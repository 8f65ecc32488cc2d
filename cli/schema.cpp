// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <memory>

#include "cli/commands.h"

namespace npu::cli {

void add_schema(CLI::App& app, int&) {
  auto kind = std::make_shared<std::string>("sim");
  CLI::App* command = app.add_subcommand("schema", "print the JSON Schema of the YAML files");
  command->add_option("kind", *kind, "sim (problem files too), device or sweep")
      ->type_name("KIND")
      ->check(CLI::IsMember({"sim", "device", "sweep"}).description(""));
  command->footer("example: airlock schema > configs/schema.json");
  command->callback([kind] {
    write_stdout(*kind == "sim" ? schema() : *kind == "device" ? device_schema() : sweep_schema());
  });
}

}  // namespace npu::cli
