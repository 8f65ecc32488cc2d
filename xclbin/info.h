// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <string>

#include "xclbin/container.h"
#include "xclbin/json.h"

namespace npu::xclbin {

/// What a file is, by its first bytes.
enum class FileKind : uint8_t { Container, Pdi, Cdo, Txn, TxnText, DpuText, Elf, Unknown };
FileKind identify(View bytes);
std::string_view to_string(FileKind kind);

/// The stream of a binary or text file; throws Error for what is neither, with what it is.
Bytes instructions_of(View file);

/// Sections with kind, name, place and size.
std::string sections_text(const Container& container);
Json sections_json(const Container& container);

/// Kernels with ids, buffers and what their images contain; partition, banks, uuid.
std::string info_text(const Container& container);
Json info_json(const Container& container);

/// A file out of a container.
struct Extracted {
  std::string name;  ///< `mm.pdi`, `mm.core_1_2.elf`
  Bytes bytes;
};

/// Every section as it is, and for each kernel its PDI, its configuration as a CDO, and the
/// programs of its cores as ELF files. Throws Error for an image that cannot be read.
std::vector<Extracted> extract(const Container& container);

}  // namespace npu::xclbin
