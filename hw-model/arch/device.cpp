// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/device.h"

#include "hw-model/arch/error.h"

namespace npu::arch {

const Device& device_named(std::string_view name) {
  for (const Device* device : kDevices)
    if (device->name == name)
      return *device;
  throw Error("unknown device `{}`", name).hint("devices: npu1, npu4");
}

Partition partition_of(const Device& device, int columns) {
  if (columns < 1 || columns > device.columns)
    throw Error("device {}: a partition of {} columns does not exist", device.name, columns)
        .hint("1 to {} columns", device.max_partition);
  if (columns > device.max_partition)
    return {&device, columns, 0};
  return {&device, columns, device.first_column};
}

Partition partition_at(const Device& device, int first_column, int columns) {
  const Partition partition = partition_of(device, columns);
  if (first_column < partition.first_column || first_column + columns > device.columns)
    throw Error("device {}: a partition of {} columns cannot start at column {}", device.name,
                columns, first_column)
        .hint("column {} to {}", partition.first_column, device.columns - columns);
  return {&device, columns, first_column};
}

}  // namespace npu::arch
