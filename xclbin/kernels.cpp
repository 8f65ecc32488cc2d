// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/kernels.h"

#include <algorithm>

#include "xclbin/names_json.h"
#include "xclbin/sections.h"

namespace npu::xclbin {

std::vector<ContainedKernel> NpuContents::contained() const {
  std::vector<ContainedKernel> result;
  for (const KernelInfo& info : kernels) {
    ContainedKernel& kernel = result.emplace_back(ContainedKernel{info});
    for (const PartitionPdi& pdi : partition.pdis) {
      const bool serves = std::ranges::any_of(pdi.groups, [&](const CdoGroup& group) {
        return std::ranges::find(group.kernel_ids, info.id) != group.kernel_ids.end();
      });
      if (serves) {
        kernel.pdi = &pdi;
        break;
      }
    }
  }
  return result;
}

ContainedKernel NpuContents::kernel(std::string_view name) const {
  std::vector<ContainedKernel> all = contained();
  std::string names;
  for (const ContainedKernel& kernel : all) {
    if (kernel.info.name == name || (name.empty() && all.size() == 1))
      return kernel;
    names += (names.empty() ? "" : ", ") + kernel.info.name;
  }
  throw Error("xclbin: there is no kernel `{}`", name).hint("kernels: {}", names);
}

NpuContents read_contents(const Container& container) {
  return {read_partition(container.bytes_of(SectionKind::AiePartition)),
          read_metadata(container.bytes_of(SectionKind::EmbeddedMetadata))};
}

std::vector<uint16_t> start_columns(const arch::Device& device, int columns) {
  constexpr int kPhysicalNpu1 = 5;
  std::vector<uint16_t> starts;
  if (columns != device.max_partition)
    for (int start = 1; start <= kPhysicalNpu1 - columns; ++start)
      starts.push_back(static_cast<uint16_t>(start));
  if (starts.empty())
    starts.push_back(0);
  return starts;
}

std::vector<std::vector<size_t>> split(size_t kernels, const Limits& limits) {
  const size_t most = static_cast<size_t>(std::clamp(limits.pdis, 1, kMostKernels));
  std::vector<std::vector<size_t>> containers;
  for (size_t kernel = 0; kernel < kernels; ++kernel) {
    if (kernel % most == 0)
      containers.emplace_back();
    containers.back().push_back(kernel);
  }
  return containers;
}

arch::Names names_of(const Container& container, std::string_view kernel) {
  for (const Section& section : container.sections()) {
    if (section.kind != SectionKind::UserMetadata || !is_names(section.bytes))
      continue;
    const KernelNames names = read_names(section.bytes);
    if (const auto found = names.find(std::string(kernel)); found != names.end())
      return found->second;
  }
  return {};
}

}  // namespace npu::xclbin
