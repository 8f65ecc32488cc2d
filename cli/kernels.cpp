// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/kernels.h"

#include <filesystem>

#include "cli/compiled.h"
#include "cli/container_files.h"
#include "cli/mlir_workload.h"
#include "xclbin/design_files.h"

namespace npu::cli {
std::vector<NamedFile> named_files(const std::vector<std::string>& texts, NameOf name_of) {
  std::vector<NamedFile> files;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    NamedFile file{.path = text};
    if (equals != std::string::npos && !std::filesystem::exists(text)) {
      file = {text.substr(0, equals), text.substr(equals + 1)};
      if (file.name.empty())
        throw Error("{}: a kernel without a name", text).hint("mm={}", file.path);
    } else {
      file.name = name_of == NameOf::Compiler ? xclbin::KernelImage().name
                                              : std::filesystem::path(text).stem().string();
    }
    files.push_back(std::move(file));
  }
  return files;
}

namespace {

/// What a design in MLIR or a problem becomes, and where it runs.
std::pair<compiler::Lowered, arch::Partition> lower_file(const std::string& path,
                                                         const std::vector<Override>& overrides,
                                                         const MlirOptions& mlir) {
  if (is_mlir(path)) {
    MlirDesign read = read_design(path, mlir, overrides);
    const arch::Partition partition = read.settings.partition();
    compiler::Lowered lowered = compiler::lower(std::move(read.design));
    if (!lowered.loads.empty())
      throw Error("{}: its sequence loads devices, and a kernel of a container is one", path)
          .hint("airlock run {} runs it", path);
    return {std::move(lowered), partition};
  }
  const Settings settings = load({path, overrides});
  return {in_words(path, [&] { return lower_design(settings); }), settings.partition()};
}

}  // namespace

CompiledKernel compile_kernel(const NamedFile& file, const std::vector<Override>& overrides,
                              const MlirOptions& mlir) {
  const auto [lowered, partition] = lower_file(file.path, overrides, mlir);
  xclbin::KernelImage image =
      xclbin::kernel_image(file.name, lowered.configuration, lowered.names, partition);
  image.source = file.path;
  return {std::move(image), xclbin::instruction_file(lowered.sequence, partition),
          partition.device};
}

std::vector<xclbin::KernelImage> images_of(const std::vector<CompiledKernel>& kernels) {
  std::vector<xclbin::KernelImage> images;
  for (const CompiledKernel& kernel : kernels)
    images.push_back(kernel.image);
  return images;
}

void add_device_option(CLI::App& command, std::vector<Override>& overrides) {
  command
      .add_option_function<std::string>(
          "--device",
          [&overrides](const std::string& value) {
            overrides.push_back({"device", value, "--device " + value});
          },
          "npu1, npu4 or a device file")
      ->type_name("NAME");
}

std::string write_kernels(const std::vector<CompiledKernel>& kernels, const ContainerFiles& files) {
  for (const CompiledKernel& kernel : kernels)
    if (kernel.device != kernels.front().device)
      throw Error("kernels `{}` and `{}` are for {} and {}", kernels.front().image.name,
                  kernel.image.name, kernels.front().device->name, kernel.device->name)
          .hint("a container is for one device");
  std::vector<std::vector<size_t>> groups(1);
  for (size_t i = 0; i < kernels.size(); ++i)
    groups.front().push_back(i);
  if (files.split)
    groups = xclbin::split(kernels.size());
  const auto images = images_of(kernels);
  std::vector<xclbin::Container> containers;
  for (size_t begin = 0; const auto& group : groups) {
    containers.push_back(
        make_container(std::span(images).subspan(begin, group.size()), *kernels.front().device));
    begin += group.size();
  }
  std::string text;
  for (size_t i = 0, kernel = 0; i < groups.size(); ++i) {
    const std::string path =
        groups.size() == 1 ? files.container : marked_path(files.container, std::to_string(i + 1));
    xclbin::write_file(path, write_container(containers[i]));
    for (const xclbin::KernelInfo& info : xclbin::read_contents(containers[i]).kernels) {
      text += fmt::format("{}: kernel {} ({:#x})", path, info.name, info.id);
      if (!files.instructions.empty()) {
        const std::string instructions =
            kernels.size() == 1 ? files.instructions : marked_path(files.instructions, info.name);
        xclbin::write_file(instructions, kernels[kernel].instructions);
        text += ", instructions " + instructions;
      }
      text += "\n";
      ++kernel;
    }
  }
  return text;
}

}  // namespace npu::cli
