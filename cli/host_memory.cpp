// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/host_memory.h"

#include <algorithm>

namespace npu::cli {
namespace {

constexpr uint64_t kPage = 4096;

/// `buffer 0 (A)`
std::string call(const arch::Names& names, size_t index) {
  const auto found = std::ranges::find(names.arguments, index, &arch::ArgumentName::index);
  return fmt::format("buffer {}{}", index,
                     found == names.arguments.end() ? "" : fmt::format(" ({})", found->name));
}

}  // namespace

void HostMemory::lock(Workload& work) {
  const arch::DriverLimits& limits = work.settings.device.timing.driver;
  const auto buffers = work.arguments();
  if (static_cast<double>(buffers.size()) > limits.buffers.value)
    throw Error("{}: a call with {} buffers, the driver takes {}", work.title, buffers.size(),
                limits.buffers.value)
        .hint("`driver.buffers` of the device");
  const auto most = static_cast<uint64_t>(limits.lockable_bytes.value);
  for (size_t i = 0; i < buffers.size(); ++i) {
    const uint64_t bytes = (buffers[i].bytes + kPage - 1) / kPage * kPage;
    if (most > 0 && locked_ + bytes > most)
      throw Error(
          "{}: mmap of {} bytes fails with EAGAIN: the host can lock {} bytes, and {} are "
          "locked",
          call(work.lowered.names, i), buffers[i].bytes, most, locked_)
          .hint("ulimit -l of the host, `driver.lockable_bytes` of the device");
    locked_ += bytes;
  }
}

}  // namespace npu::cli
