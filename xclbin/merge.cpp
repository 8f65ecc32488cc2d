// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <map>
#include <set>

#include "xclbin/kernels.h"
#include "xclbin/names_json.h"
#include "xclbin/sections.h"

namespace npu::xclbin {

namespace {

constexpr uint32_t kFirstKernelId = 0x901;
constexpr const char* kNamesSection = "airlock_names";

View view(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Who has a name, an id or a uuid: a second owner is a clash.
template <typename Key>
class Owners {
 public:
  explicit Owners(std::string_view what) : what_(what) {}

  bool has(const Key& key) const { return owners_.contains(key); }
  /// Of a container that is there already: what its own kernels share is its own affair.
  void note(const Key& key, const std::string& kernel) {
    owners_.emplace(key, fmt::format("`{}` of the container", kernel));
  }
  void add(const Key& key, const KernelImage& kernel, const std::string& printed) {
    const std::string name = kernel.source.empty()
                                 ? fmt::format("`{}`", kernel.name)
                                 : fmt::format("`{}` of {}", kernel.name, kernel.source);
    const auto [owner, fresh] = owners_.emplace(key, name);
    if (!fresh)
      throw Error("kernels {} and {} both have {} {}", owner->second, name, what_, printed)
          .hint("a container needs each once");
  }

 private:
  std::string what_;
  std::map<Key, std::string> owners_;
};

/// A container's sections in the making.
class Merger {
 public:
  Merger(const Container& base, const Limits& limits)
      : container_(base),
        limits_(limits),
        contents_(read_contents(base)),
        banks_(read_topology(base.bytes_of(SectionKind::MemTopology))),
        ips_(read_ip_layout(base.bytes_of(SectionKind::IpLayout))),
        connections_(read_connectivity(base.bytes_of(SectionKind::Connectivity))) {
    for (const Section& section : base.sections())
      if (section.kind == SectionKind::UserMetadata && is_names(section.bytes))
        names_ = read_names(section.bytes);
    for (const ContainedKernel& kernel : contents_.contained()) {
      kernel_names_.note(kernel.info.name, kernel.info.name);
      ids_.note(kernel.info.id, kernel.info.name);
    }
    repair_uuids();
  }

  /// Refuses what cannot be, before anything is built.
  void check(std::span<const KernelImage> kernels) {
    const size_t pdis = contents_.partition.pdis.size() + kernels.size();
    const size_t all = contents_.kernels.size() + kernels.size();
    if (all > kMostKernels)
      throw Error("{} kernels do not fit into a container", all)
          .hint("at most {}: the driver takes no more compute units", kMostKernels);
    if (pdis > static_cast<size_t>(limits_.pdis))
      throw Error("{} PDIs do not fit into a container", pdis)
          .hint("at most {}; split the kernels over several containers", limits_.pdis);
    for (const KernelImage& kernel : kernels) {
      if (kernel.columns != contents_.partition.columns)
        throw Error("kernel `{}` needs {} columns, the container has {}", kernel.name,
                    kernel.columns, contents_.partition.columns)
            .hint("kernels of one container share a partition");
      kernel_names_.add(kernel.name, kernel, "`" + kernel.name + "`");
      if (kernel.id)
        ids_.add(*kernel.id, kernel, fmt::format("{:#x}", *kernel.id));
      uuids_.add(uuid(kernel), kernel, to_string(uuid(kernel)));
    }
  }

  void add(const KernelImage& kernel) {
    const uint32_t id = kernel.id ? *kernel.id : free_id(kernel.name);
    const KernelInfo info{.name = kernel.name,
                          .id = id,
                          .arguments = npu_arguments(kernel.buffers),
                          .instances = {kernel.instance}};
    const int32_t ip = static_cast<int32_t>(ips_.size());
    ips_.push_back(dpu_ip(kernel.name, kernel.instance, id));
    for (const KernelArgument& argument : info.arguments)
      if (argument.kind == ArgumentKind::Global)
        connections_.push_back({static_cast<int32_t>(argument.id), ip,
                                bank(argument.id == kInstructionArgument ? "SRAM" : "HOST")});
    contents_.partition.pdis.push_back(
        {.uuid = uuid(kernel), .image = kernel.pdi, .groups = {{.kernel_ids = {id}}}});
    if (!kernel.names.design.empty())
      names_[kernel.name] = kernel.names;
    added_.push_back(info);
  }

  Container finish() {
    container_.set(SectionKind::EmbeddedMetadata, name_of(SectionKind::EmbeddedMetadata),
                   add_kernels(container_.bytes_of(SectionKind::EmbeddedMetadata), added_));
    container_.set(SectionKind::IpLayout, name_of(SectionKind::IpLayout), write_ip_layout(ips_));
    container_.set(SectionKind::Connectivity, name_of(SectionKind::Connectivity),
                   write_connectivity(connections_));
    const std::string partition = name_of(SectionKind::AiePartition);
    for (const SectionKind kind :
         {SectionKind::AiePartition, SectionKind::GroupConnectivity, SectionKind::GroupTopology})
      container_.remove(kind);
    container_.append({SectionKind::AiePartition, partition, write_partition(contents_.partition)});
    add_groups();
    add_names();
    return std::move(container_);
  }

 private:
  std::string name_of(SectionKind kind) const {
    const Section* section = container_.find(kind);
    return section ? section->name : std::string();
  }

  Uuid uuid(const KernelImage& kernel) const {
    return kernel.uuid ? *kernel.uuid : uuid_of({view(kernel.name), kernel.pdi});
  }

  uint32_t free_id(const std::string& kernel) {
    uint32_t id = kFirstKernelId;
    while (ids_.has(id))
      ++id;
    ids_.note(id, kernel);
    return id;
  }

  int32_t bank(std::string_view tag) const {
    const auto found = std::ranges::find(banks_, tag, &MemoryBank::tag);
    if (found == banks_.end())
      throw Error("xclbin: there is no memory bank {}", tag)
          .hint("kernels for the NPU need HOST and SRAM");
    return static_cast<int32_t>(found - banks_.begin());
  }

  /// Some compilers write a uuid of zeros: two of them would overwrite each other when dumped.
  void repair_uuids() {
    std::set<Uuid> seen;
    for (size_t i = 0; i < contents_.partition.pdis.size(); ++i) {
      PartitionPdi& pdi = contents_.partition.pdis[i];
      if (pdi.uuid.is_zero() || !seen.insert(pdi.uuid).second)
        pdi.uuid = uuid_of({view(std::to_string(i)), pdi.image});
      seen.insert(pdi.uuid);
      uuids_.note(pdi.uuid, owner_of(pdi));
    }
  }

  std::string owner_of(const PartitionPdi& pdi) const {
    for (const ContainedKernel& kernel : contents_.contained())
      if (kernel.pdi == &pdi)
        return kernel.info.name;
    return "without a name";
  }

  /// Groups as the common tool rebuilds them: banks as they are, connections twice.
  void add_groups() {
    Connectivity twice = connections_;
    twice.insert(twice.end(), connections_.begin(), connections_.end());
    container_.append({SectionKind::GroupConnectivity, "", write_connectivity(twice)});
    container_.append({SectionKind::GroupTopology, "", write_topology(banks_)});
  }

  /// A section of names is ours; USER_METADATA of another tool stays as it is.
  void add_names() {
    for (size_t i = container_.sections().size(); i-- > 0;)
      if (container_.sections()[i].kind == SectionKind::UserMetadata &&
          is_names(container_.sections()[i].bytes))
        container_.remove_at(i);
    if (!names_.empty())
      container_.append({SectionKind::UserMetadata, kNamesSection, write_names(names_)});
  }

  Container container_;
  Limits limits_;
  NpuContents contents_;
  Topology banks_;
  IpLayout ips_;
  Connectivity connections_;
  KernelNames names_;
  Owners<std::string> kernel_names_{"the name"};
  Owners<uint32_t> ids_{"the id"};
  Owners<Uuid> uuids_{"the PDI uuid"};
  std::vector<KernelInfo> added_;
};

/// The uuid of a container is that of its sections.
void set_uuid(Container& container) {
  ContainerHeader header = container.header();
  Bytes all;
  for (const Section& section : container.sections()) {
    const Uuid part = uuid_of({section.bytes});
    all.insert(all.end(), part.bytes.begin(), part.bytes.end());
  }
  header.uuid = uuid_of({all});
  container.set_header(header);
}

}  // namespace

Container merge(const Container& base, std::span<const KernelImage> kernels, const Limits& limits) {
  Merger merger(base, limits);
  merger.check(kernels);
  for (const KernelImage& kernel : kernels)
    merger.add(kernel);
  Container merged = merger.finish();
  set_uuid(merged);
  return merged;
}

Container make_container(std::span<const KernelImage> kernels, const arch::Device& device,
                         const ContainerOptions& options) {
  if (kernels.empty())
    throw Error("a container without kernels cannot be loaded");
  ContainerHeader header;
  header.timestamp = header.unique_id = options.timestamp;
  Container container(header);
  AiePartition partition;
  partition.columns = static_cast<uint16_t>(kernels.front().columns);
  partition.start_columns = start_columns(device, kernels.front().columns);
  container.append({SectionKind::MemTopology, "mem_topology", write_topology(npu_topology())});
  container.append({SectionKind::AiePartition, "aie_partition", write_partition(partition)});
  container.append({SectionKind::EmbeddedMetadata, "", add_kernels({}, {})});
  container.append({SectionKind::IpLayout, "", write_ip_layout({})});
  container.append({SectionKind::Connectivity, "", write_connectivity({})});
  container.set_mirror(options.mirror);
  return merge(container, kernels, options.limits);
}

}  // namespace npu::xclbin
