// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "hw-model/arch/command.h"
#include "hw-model/arch/register.h"
#include "xclbin/bytes.h"
#include "xclbin/decoded.h"

namespace npu::xclbin {

/// Commands of a CDO, a configuration: module in bits 15:8 (1 is the general one), number below.
enum class CdoCode : uint16_t {
  End = 0x100,
  MaskPoll = 0x101,
  MaskWrite = 0x102,
  Write = 0x103,
  Delay = 0x104,
  DmaWrite = 0x105,
  MaskPoll64 = 0x106,
  MaskWrite64 = 0x107,
  Write64 = 0x108,
  DmaTransfer = 0x109,
  Set = 0x10C,
  DmaWriteKeyhole = 0x10D,
  Nop = 0x111,
  Marker = 0x119,
  Proc = 0x11A,
  BlockBegin = 0x11B,
  BlockEnd = 0x11C,
  ScatterWrite = 0x121,
  ScatterWrite2 = 0x122,
};

enum class CdoField : uint8_t {
  AddressHigh,
  Address,
  Mask,
  Value,
  Timeout,
  Flags,
  Count,
  Time,
  SourceHigh,
  Source,
};

/// One command: the words of its payload that have names, and whether data follows them.
struct CdoOpRow {
  CdoCode code;
  std::string_view name;
  uint8_t words;  ///< least payload
  bool data;      ///< payload beyond `words` is data
  std::span<const arch::FieldRow<CdoField>> fields;
};

std::span<const CdoOpRow> cdo_ops();
/// The row of a code, or nullptr.
const CdoOpRow* find_cdo_op(CdoCode code);

/// One command as it stands in a CDO.
struct CdoView {
  CdoCode code;
  const CdoOpRow* row;  ///< nullptr for a command of another module
  std::span<const uint32_t> payload;
  uint64_t offset;  ///< in the CDO, bytes

  /// A field's value; 0 when this command has no such field or its payload ends before it.
  uint32_t get(CdoField field) const;
  std::span<const uint32_t> data() const { return payload.subspan(row->words); }
};

/// Calls `visit` for every command in order. Throws Error with the offset for a header that is not
/// one, a wrong checksum, or a command that leaves the length.
void for_each_command(View bytes, const std::function<void(const CdoView&)>& visit);

/// The same over words of commands without a header; `offset` is that of the first.
void for_each_command(std::span<const uint32_t> words, uint64_t offset,
                      const std::function<void(const CdoView&)>& visit);

struct CdoCommand {
  CdoCode code = CdoCode::Nop;
  Words payload;
  bool operator==(const CdoCommand&) const = default;
};

/// A configuration. `read_cdo(write_cdo(x)) == x` and the other way.
struct Cdo {
  std::vector<CdoCommand> commands;
  bool operator==(const Cdo&) const = default;
};

inline constexpr size_t kCdoHeaderWords = 5;

Cdo read_cdo(View bytes);
Bytes write_cdo(const Cdo& cdo);

/// What a configuration does. Throws Error with the offset for an address of more than 32 bits or a
/// fill that is longer than a tile's window.
Decoded to_commands(const Cdo& cdo);

/// A configuration as drivers write it: 64-bit forms, a NOP first, and one before each block so
/// that its data is aligned to 16 bytes in the file. Throws Error for commands that only a host
/// sequence has.
Cdo to_cdo(std::span<const arch::Command> commands);

/// Several files as one CDO in the form that goes into a PDI, as bootgen does it: 32-bit forms, a
/// block of one word as a write, and before each block a NOP so that its data has the alignment of
/// its destination within 16 bytes, counted in each file for itself.
Cdo pack(std::span<const Cdo> files);

/// The files of a configuration in the order in which they are loaded.
struct Phases {
  arch::Commands elfs;    ///< programs and data of cores
  arch::Commands init;    ///< all else
  arch::Commands enable;  ///< starts of cores
};
Phases split_phases(std::span<const arch::Command> commands);

}  // namespace npu::xclbin
