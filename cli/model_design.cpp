// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/model_design.h"

#include <chrono>

#include "cli/compiled.h"
#include "cli/user_kernels.h"
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

void put(xclbin::Writer& writer, const std::string& text) {
  put(writer, View(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

Bytes take(xclbin::Reader& reader) {
  const View part = reader.bytes(reader.u64("size"), "part");
  return {part.begin(), part.end()};
}

std::string take_text(xclbin::Reader& reader) {
  const Bytes text = take(reader);
  return {text.begin(), text.end()};
}

/// The numbers of a device; where they come from decides nothing.
std::string device_key(const config::DeviceConfig& device) {
  std::string key(device.device->name);
  arch::Timing timing = device.timing;
  for (const config::ParameterRow& row : config::parameters())
    key += fmt::format(" {}", row.at(timing).value);
  for (const arch::KernelCost& cost : timing.kernels) {
    key += fmt::format("\n{} {} {}", static_cast<int>(cost.op), arch::to_string(cost.a),
                       arch::to_string(cost.c));
    for (const config::KernelParameterRow& row : config::kernel_parameters())
      key += fmt::format(" {}", (cost.*row.at).value);
  }
  return key + "\n";
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
  std::string key = device_key(settings.device);
  for (const Key& each : keys())
    if (const std::string text = each.text(deciding); deciding.uses(each) && !text.empty())
      key += fmt::format("{}: {}\n", each.path, text);
  return key + contents_of(settings.kernels);
}

DesignFiles make_design(const Settings& settings, PassTimes& times) {
  const arch::Partition partition = settings.partition();
  Lap lap(times, 0);
  compiler::matmul::PassHooks front;
  front.after = [&](const auto&, const auto&) { lap.end(); };
  compiler::Hooks back;
  back.after = [&](std::string_view, const compiler::Design&) { lap.end(); };
  DesignFiles files{.columns = partition.columns};
  compiler::Design design = build_design(settings, front, &files.micro_kernels);
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
  for (const MicroKernel& kernel : design.micro_kernels) {
    put(writer, kernel.kernel);
    writer.u32(static_cast<uint32_t>(kernel.origin));
    put(writer, kernel.file);
  }
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
    MicroKernel& kernel = design.micro_kernels.emplace_back();
    kernel.kernel = take_text(reader);
    kernel.origin = static_cast<KernelOrigin>(reader.u32("origin"));
    kernel.file = take_text(reader);
  }
  return design;
}

}  // namespace npu::cli
