// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "hw-model/arch/device.h"
#include "hw-model/arch/timing.h"
#include "hw-model/yaml.h"

namespace npu::config {

/// What a device file says: a device, and every timing number of it.
struct DeviceConfig {
  const arch::Device* device = &arch::kNpu1;
  arch::Timing timing;
};

/// How a parameter may be written. Cycles also as a time (`180 ns`), bytes a cycle also as a rate
/// (`64 GB/s`); both are converted by the file's clock. The clock itself needs a unit (`1.8 GHz`).
enum class Unit : uint8_t { Clock, Cycles, Rate, Words, Bytes, Count };

/// One timing number: its place in a device file and in `arch::Timing`. Reader, printer and schema
/// are loops over the table.
struct ParameterRow {
  std::string_view path;  ///< `stream.hop`
  Unit unit;
  double low;
  double high;
  std::string_view sentence;
  arch::Parameter& (*at)(arch::Timing&);
};
std::span<const ParameterRow> parameters();

/// The parameters of a row of `kernels`.
struct KernelParameterRow {
  std::string_view key;
  double low;
  double high;
  std::string_view sentence;
  arch::Parameter arch::KernelCost::*at;
};
std::span<const KernelParameterRow> kernel_parameters();
/// Words for what a kernel does, in the order of `arch::KernelOp`; kernels known by name only have
/// no row.
std::span<const std::string_view> kernel_operations();

/// Reads a device map: `name` and the parameters that differ from the built-in file of that device,
/// each
/// `{value, origin: manual | measured | assumed, source}`. `kernels` rows replace the built-in row
/// of the same operation and types, or add one. Throws Error with the place of what is wrong.
DeviceConfig read_device(const Node& node);

/// The device of that name, as built in from `configs/devices/NAME.yaml`. Throws Error with the
/// names there are.
DeviceConfig builtin_device(std::string_view name);

/// The device as YAML that reads back to the same, each line indented by `indent` spaces.
std::string print(const DeviceConfig& config, int indent = 0);

/// Words of an enumeration as the files write them.
std::string_view to_string(arch::Origin origin);

/// Text of the built-in device files: generated from `configs/devices`.
struct BuiltinFile {
  std::string_view name;  ///< `npu1`
  std::string_view path;  ///< `configs/devices/npu1.yaml`
  std::string_view text;
};
std::span<const BuiltinFile> builtin_files();

/// Text of `configs/kernels`: the kernels behind the functions that designs call.
std::span<const BuiltinFile> builtin_kernel_names();

}  // namespace npu::config
