// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/contexts.h"

#include <bit>

#include "hw-model/arch/error.h"

namespace npu::arch {
namespace {

std::string columns_text(const Partition& partition) {
  const int last = partition.first_column + partition.columns - 1;
  return partition.columns == 1 ? fmt::format("column {}", last)
                                : fmt::format("columns {} to {}", partition.first_column, last);
}

class Allocator {
 public:
  Allocator(const Device& device, const DriverLimits& limits,
            std::span<const ContextRequest> requests)
      : device_(device), limits_(limits), requests_(requests) {}

  std::vector<Partition> run() {
    if (requests_.size() > limits_.contexts.value)
      throw Error(
          "context `{}` is number {}, and the driver takes {} on {}: creating it fails "
          "with NOAVAIL (0x2000003)",
          requests_[static_cast<size_t>(limits_.contexts.value)].name, limits_.contexts.value + 1,
          limits_.contexts.value, device_.name)
          .hint("`driver.contexts` of the device; runs of one context come one after another");
    for (const ContextRequest& request : requests_)
      partitions_.push_back(request.start ? at(request, *request.start) : first_free(request));
    return std::move(partitions_);
  }

 private:
  int alignment(const ContextRequest& request) const {
    return limits_.aligned_columns
               ? static_cast<int>(std::bit_ceil(static_cast<unsigned>(request.columns)))
               : 1;
  }

  /// The context that has one of those columns.
  const ContextRequest* owner(const Partition& wanted) const {
    for (size_t i = 0; i < partitions_.size(); ++i)
      if (overlap(wanted, partitions_[i]))
        return &requests_[i];
    return nullptr;
  }

  Partition at(const ContextRequest& request, int start) const {
    const Partition wanted = partition_at(device_, start, request.columns);
    if (start % alignment(request) != 0)
      throw Error("context `{}`: {} columns cannot start at column {} of {}", request.name,
                  request.columns, start, device_.name)
          .hint("the driver aligns them to {}", alignment(request));
    if (const ContextRequest* other = owner(wanted))
      throw Error("context `{}`: {} of {} belong to context `{}`", request.name,
                  columns_text(wanted), device_.name, other->name)
          .hint("contexts that run at the same time have columns of their own");
    return wanted;
  }

  Partition first_free(const ContextRequest& request) const {
    Partition wanted = partition_of(device_, request.columns);
    for (; wanted.first_column + wanted.columns <= device_.columns; ++wanted.first_column)
      if (wanted.first_column % alignment(request) == 0 && !owner(wanted))
        return wanted;
    std::string taken;
    for (size_t i = 0; i < partitions_.size(); ++i)
      taken += fmt::format("{}`{}` has {}", i == 0 ? "" : ", ", requests_[i].name,
                           columns_text(partitions_[i]));
    throw Error("context `{}`: {} finds no {} free columns{}{}", request.name, device_.name,
                request.columns, taken.empty() ? "" : ": ", taken)
        .hint("the driver would let contexts take turns; runs of one context do so here");
  }

  const Device& device_;
  const DriverLimits& limits_;
  std::span<const ContextRequest> requests_;
  std::vector<Partition> partitions_;
};

}  // namespace

std::vector<Partition> allocate_contexts(const Device& device, const DriverLimits& limits,
                                         std::span<const ContextRequest> requests) {
  return Allocator(device, limits, requests).run();
}

}  // namespace npu::arch
