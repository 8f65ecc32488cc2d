// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <array>
#include <memory>

#include "cli/commands.h"
#include "hw-model/arch/register_doc.h"

namespace npu::cli {

void add_registers(CLI::App& app, int&) {
  struct Options {
    std::string tile = "all";
    std::string device = "npu1";
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("registers", "print the register reference");
  command->add_option("tile", options->tile, "core, memtile, shim or all")
      ->type_name("TILE")
      ->check(CLI::IsMember({"core", "memtile", "shim", "all"}).description(""));
  command->add_option("--device", options->device, "npu1 or npu4")->type_name("NAME");
  command->footer("example: airlock registers core --device npu4");
  command->callback([options] {
    const arch::Device& device = arch::device_named(options->device);
    for (arch::TileKind kind :
         {arch::TileKind::Core, arch::TileKind::Memtile, arch::TileKind::Shim})
      if (options->tile == "all" || options->tile == arch::to_string(kind))
        write_stdout(arch::register_reference(kind, device.generation));
  });
}

}  // namespace npu::cli
