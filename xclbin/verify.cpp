// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/verify.h"

#include <algorithm>
#include <map>

#include "xclbin/cdo.h"
#include "xclbin/kernels.h"
#include "xclbin/mirror.h"
#include "xclbin/pdi.h"
#include "xclbin/sections.h"

namespace npu::xclbin {

namespace {

/// Runs the checks and collects what they say.
class Verifier {
 public:
  explicit Verifier(View bytes) : bytes_(bytes) {}

  std::vector<std::string> run() {
    Container container;
    if (!attempt([&] { container = read_container(bytes_); }))
      return std::move(findings_);
    attempt([&] { mirror(container); });
    attempt([&] { kernels(container); });
    attempt([&] { memory(container); });
    return std::move(findings_);
  }

 private:
  template <typename Check>
  bool attempt(Check check) {
    try {
      check();
      return true;
    } catch (const Error& error) {
      findings_.emplace_back(error.what());
      return false;
    }
  }

  template <typename... Args>
  void finding(fmt::format_string<Args...> text, Args&&... args) {
    findings_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  void mirror(const Container& container) {
    const Bytes again = write_container(container);
    if (!std::ranges::equal(again, bytes_))
      finding("{}", container.has_mirror()
                        ? "the copy of the headers at the end is not true, or the sections are not "
                          "in the usual places"
                        : "the sections are not in the usual places");
  }

  void kernels(const Container& container) {
    const NpuContents contents = read_contents(container);
    const AiePartition& partition = contents.partition;
    if (partition.columns == 0 || partition.start_columns.empty())
      finding("the partition has {} columns and {} places to start", partition.columns,
              partition.start_columns.size());
    if (contents.kernels.size() > kMostKernels)
      finding("{} kernels, the driver takes {}", contents.kernels.size(), kMostKernels);
    if (partition.pdis.size() > static_cast<size_t>(Limits().pdis))
      finding("{} PDIs, {} are known to work", partition.pdis.size(), Limits().pdis);
    std::map<std::string, int> names;
    std::map<uint32_t, std::string> ids;
    for (const ContainedKernel& kernel : contents.contained()) {
      if (kernel.info.type != "dpu")
        continue;  // overlays of the vendor carry one of another kind along
      if (++names[kernel.info.name] == 2)
        finding("two kernels are called `{}`", kernel.info.name);
      const auto [owner, fresh] = ids.emplace(kernel.info.id, kernel.info.name);
      if (!fresh)
        finding("kernels `{}` and `{}` both have the id {:#x}", owner->second, kernel.info.name,
                kernel.info.id);
      if (!kernel.pdi)
        finding("kernel `{}`: no PDI serves its id {:#x}", kernel.info.name, kernel.info.id);
    }
    pdis(partition);
    layout_of(container, contents);
  }

  void pdis(const AiePartition& partition) {
    std::map<Uuid, size_t> uuids;
    for (size_t i = 0; i < partition.pdis.size(); ++i) {
      const PartitionPdi& pdi = partition.pdis[i];
      const auto [first, fresh] = uuids.emplace(pdi.uuid, i);
      if (!fresh)
        finding("PDIs {} and {} both have the uuid {}", first->second, i, to_string(pdi.uuid));
      if (pdi.uuid.is_zero())
        finding("PDI {} has a uuid of zeros", i);
      attempt([&] {
        for (const std::string& text : pdi_findings(pdi.image))
          finding("PDI {}: {}", i, text);
        const Decoded decoded = to_commands(read_pdi(pdi.image).cdo);
        for (const auto& [name, count] : decoded.unmodelled)
          finding("PDI {}: {} times {}, which no NPU image has", i, count, name);
      });
    }
  }

  /// Every kernel has its line in the layout, and every line of a kernel its id in the partition.
  void layout_of(const Container& container, const NpuContents& contents) {
    const IpLayout ips = read_ip_layout(container.bytes_of(SectionKind::IpLayout));
    for (const KernelInfo& kernel : contents.kernels)
      for (const std::string& instance : kernel.instances)
        if (std::ranges::find(ips, kernel.name + ":" + instance, &Ip::name) == ips.end())
          finding("kernel `{}`: {}:{} is not in the ip layout", kernel.name, kernel.name, instance);
    for (const Ip& ip : ips) {
      if (!ip.is_dpu())
        continue;
      bool served = false;
      for (const PartitionPdi& pdi : contents.partition.pdis)
        for (const CdoGroup& group : pdi.groups)
          served |= std::ranges::find(group.kernel_ids, ip.kernel_id()) != group.kernel_ids.end();
      if (!served)
        finding("{}: no PDI serves its id {:#x}", ip.name, ip.kernel_id());
    }
  }

  void memory(const Container& container) {
    const Topology banks = read_topology(container.bytes_of(SectionKind::MemTopology));
    const IpLayout ips = read_ip_layout(container.bytes_of(SectionKind::IpLayout));
    for (const Connection& c : read_connectivity(container.bytes_of(SectionKind::Connectivity)))
      if (c.ip < 0 || c.bank < 0 || static_cast<size_t>(c.ip) >= ips.size() ||
          static_cast<size_t>(c.bank) >= banks.size())
        finding("connectivity: argument {} of ip {} in bank {}: there are {} ips and {} banks",
                c.argument, c.ip, c.bank, ips.size(), banks.size());
  }

  View bytes_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> verify(View bytes) {
  return Verifier(bytes).run();
}

}  // namespace npu::xclbin
