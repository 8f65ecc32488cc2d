// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/design_files.h"

#include <algorithm>

#include "hw-model/arch/program.h"
#include "xclbin/dpu_text.h"
#include "xclbin/elf.h"
#include "xclbin/hex_text.h"
#include "xclbin/info.h"
#include "xclbin/pdi.h"

namespace npu::xclbin {

namespace {

constexpr uint8_t kGenerationAie2 = 3;

/// Whether none of the segments of a core holds a program of ours.
bool is_foreign(const Elf& elf) {
  return std::ranges::none_of(elf.segments, [](const ElfSegment& segment) {
    if (segment.address != 0 || segment.bytes.size() < 4)
      return false;
    return words_of(View(segment.bytes).first(4), "program").front() == arch::kProgramMagic;
  });
}

}  // namespace

KernelImage kernel_image(std::string name, std::span<const arch::Command> configuration,
                         const arch::Names& names, const arch::Partition& partition) {
  const int buffers = static_cast<int>(names.arguments.size());
  npu_arguments(buffers);  // refuses more than a call can have
  return {.name = std::move(name),
          .pdi = write_pdi(make_pdi(configuration)),
          .columns = partition.columns,
          .buffers = std::max(buffers, kLeastBuffers),
          .names = names};
}

Bytes instruction_file(std::span<const arch::Command> sequence, const arch::Partition& partition) {
  return write_txn(to_txn(sequence, txn_header(partition.device->generation, partition.columns)));
}

Container open_container(View file) {
  if (identify(file) != FileKind::Pdi)
    return read_container(file);
  int columns = 1;
  for (const arch::Command& command : to_commands(read_pdi(file).cdo).commands)
    if (const auto tile = arch::last_tile(command))
      columns = std::max(columns, tile->col + 1);
  const KernelImage image{.pdi = Bytes(file.begin(), file.end()), .columns = columns};
  const arch::Device& device = columns > arch::kNpu1.columns ? arch::kNpu4 : arch::kNpu1;
  return make_container({&image, 1}, device);
}

LoadedKernel load_kernel(const Container& container, std::string_view name) {
  const NpuContents contents = read_contents(container);
  const ContainedKernel kernel = contents.kernel(name);
  if (!kernel.pdi)
    throw Error("kernel `{}`: no PDI serves its id {:#x}", kernel.info.name, kernel.info.id);
  Decoded decoded = to_commands(read_pdi(kernel.pdi->image).cdo);
  LoadedKernel loaded{.info = kernel.info,
                      .columns = contents.partition.columns,
                      .configuration = std::move(decoded.commands),
                      .names = names_of(container, kernel.info.name),
                      .unmodelled = std::move(decoded.unmodelled)};
  for (const CoreElf& core : core_elfs(loaded.configuration))
    if (is_foreign(core.elf))
      loaded.foreign_cores.push_back(core.tile);
  return loaded;
}

std::map<uint32_t, arch::Commands> load_images(const Container& container) {
  std::map<uint32_t, arch::Commands> images;
  uint32_t id = 0;
  for (const PartitionPdi& pdi : read_contents(container).partition.pdis)
    images[++id] = to_commands(read_pdi(pdi.image).cdo).commands;
  return images;
}

std::map<uint32_t, arch::Names> image_names(const Container& container) {
  std::map<uint32_t, arch::Names> names;
  const NpuContents contents = read_contents(container);
  for (const ContainedKernel& kernel : contents.contained()) {
    arch::Names own = names_of(container, kernel.info.name);
    if (kernel.pdi && !(own.locks.empty() && own.buffers.empty()))
      names[static_cast<uint32_t>(kernel.pdi - contents.partition.pdis.data()) + 1] =
          std::move(own);
  }
  return names;
}

LoadedInstructions load_instructions(View file, Aperture aperture, uint32_t translated) {
  if (identify(file) == FileKind::DpuText) {
    LoadedInstructions loaded;
    static_cast<Decoded&>(loaded) =
        dpu_commands(parse_hex_text({reinterpret_cast<const char*>(file.data()), file.size()}));
    return loaded;
  }
  const Bytes stream = instructions_of(file);
  if (identify(file) == FileKind::Elf)
    aperture = Aperture::Runtime;
  const TxnHeader header = for_each_op(stream, [](const TxnOpView&) {});
  return {to_commands(stream, aperture, translated),
          header.generation == kGenerationAie2 ? arch::Generation::Aie2 : arch::Generation::Aie2p,
          header.columns, aperture};
}

}  // namespace npu::xclbin
