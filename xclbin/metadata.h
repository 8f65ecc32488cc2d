// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <span>
#include <string>
#include <vector>

#include "xclbin/bytes.h"

namespace npu::xclbin {

enum class ArgumentKind : uint8_t { Scalar, Global, Constant, Local, Stream };

/// An argument of a kernel as the runtime passes it.
struct KernelArgument {
  std::string name;
  ArgumentKind kind = ArgumentKind::Global;
  uint32_t id = 0;
  uint32_t bytes = 8;
  uint32_t offset = 0;  ///< in the register map of the call
  std::string type = "void*";
  bool operator==(const KernelArgument&) const = default;
};

/// A kernel of EMBEDDED_METADATA. The runtime takes its id from here.
struct KernelInfo {
  std::string name;
  std::string type = "dpu";
  uint32_t subtype = 1;  ///< 1 is the NPU's
  uint32_t functional = 0;
  uint32_t id = 0;
  std::vector<KernelArgument> arguments;
  std::vector<std::string> instances;
  bool operator==(const KernelInfo&) const = default;
};

/// The arguments of a kernel with that many buffers: opcode, instructions, their number, buffers.
/// The first buffer is argument 3 of the call and argument 0 of the instruction stream.
std::vector<KernelArgument> npu_arguments(int buffers);
inline constexpr uint32_t kFirstBufferArgument = 3;
inline constexpr uint32_t kInstructionArgument = 1;
inline constexpr int kLeastBuffers = 5;
inline constexpr int kMostBuffers = 16;

/// Reads the kernels. Throws Error with the offset for text that is not XML.
std::vector<KernelInfo> read_metadata(View xml);

/// The text of `xml` with kernels added behind those there are; of an empty text, a new document.
/// Everything else in it stays.
Bytes add_kernels(View xml, std::span<const KernelInfo> kernels);

}  // namespace npu::xclbin
