// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/model_design.h"

#include <chrono>

#include "compiler/compile.h"
#include "compiler/lower/lower.h"
#include "xclbin/design_files.h"
#include "xclbin/names_json.h"

namespace npu::cli {
namespace {

using xclbin::Bytes;
using xclbin::View;

/// Calls `add` with the milliseconds since the last call.
class Lap {
 public:
  Lap(PassTimes& times, size_t first) : times_(times), pass_(first) {}
  void end() {
    const auto now = Clock::now();
    times_.add(pass_++, std::chrono::duration<double, std::milli>(now - start_).count());
    start_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;
  PassTimes& times_;
  size_t pass_;
  Clock::time_point start_ = Clock::now();
};

void put(xclbin::Writer& writer, View part) {
  writer.u64(part.size());
  writer.bytes(part);
}

Bytes take(xclbin::Reader& reader) {
  const View part = reader.bytes(reader.u64("size"), "part");
  return {part.begin(), part.end()};
}

}  // namespace

PassTimes::PassTimes()
    : times_(compiler::matmul::passes().size() + compiler::lowering_passes().size() + 1) {}

void PassTimes::add(const PassTimes& other) {
  for (size_t i = 0; i < times_.size(); ++i)
    times_[i] += other.times_[i];
}

std::vector<std::pair<std::string, double>> PassTimes::named() const {
  std::vector<std::pair<std::string, double>> result;
  const auto name = [&](std::string_view pass) {
    result.emplace_back(pass, times_[result.size()]);
  };
  for (const auto& pass : compiler::matmul::passes())
    name(pass.name);
  for (const compiler::Pass& pass : compiler::lowering_passes())
    name(pass.name);
  name("encode");
  return result;
}

xclbin::KernelImage DesignFiles::image(const std::string& name) const {
  xclbin::KernelImage image{.name = name, .pdi = pdi, .columns = columns, .buffers = buffers};
  if (xclbin::KernelNames all = xclbin::read_names(names); !all.empty())
    image.names = std::move(all.begin()->second);
  return image;
}

std::string design_key(const Settings& settings) {
  Settings deciding;
  deciding.device = settings.device;
  deciding.columns = settings.partition().columns;
  deciding.problem = settings.problem;
  deciding.compiler = settings.compiler;
  return print(deciding);
}

DesignFiles make_design(const Settings& settings, PassTimes& times) {
  const arch::Partition partition = settings.partition();
  Lap lap(times, 0);
  compiler::matmul::PassHooks front;
  front.after = [&](const auto&, const auto&) { lap.end(); };
  compiler::Hooks back;
  back.after = [&](std::string_view, const compiler::Design&) { lap.end(); };
  compiler::Design design = compiler::build(settings.problem, partition, settings.device.timing,
                                            settings.compiler, front);
  DesignFiles files{.columns = partition.columns};
  for (const arch::KernelSpec& kernel : compiler::micro_kernels(design))
    files.micro_kernels.push_back(arch::to_string(kernel));
  const compiler::Lowered lowered = compiler::lower(std::move(design), back);
  const xclbin::KernelImage image =
      xclbin::kernel_image("", lowered.configuration, lowered.names, partition);
  files.pdi = image.pdi;
  files.buffers = image.buffers;
  files.instructions = xclbin::instruction_file(lowered.sequence, partition);
  files.names = xclbin::write_names({{"", lowered.names}});
  lap.end();
  return files;
}

Bytes write_design(const DesignFiles& design) {
  xclbin::Writer writer;
  put(writer, design.pdi);
  put(writer, design.instructions);
  put(writer, design.names);
  writer.u32(static_cast<uint32_t>(design.columns));
  writer.u32(static_cast<uint32_t>(design.buffers));
  writer.u32(static_cast<uint32_t>(design.micro_kernels.size()));
  for (const std::string& kernel : design.micro_kernels)
    put(writer, {reinterpret_cast<const uint8_t*>(kernel.data()), kernel.size()});
  return writer.take();
}

DesignFiles read_design(View bytes) {
  xclbin::Reader reader(bytes, "design");
  DesignFiles design;
  design.pdi = take(reader);
  design.instructions = take(reader);
  design.names = take(reader);
  design.columns = static_cast<int>(reader.u32("columns"));
  design.buffers = static_cast<int>(reader.u32("buffers"));
  for (uint32_t left = reader.u32("kernels"); left > 0; --left) {
    const Bytes text = take(reader);
    design.micro_kernels.emplace_back(text.begin(), text.end());
  }
  return design;
}

}  // namespace npu::cli
