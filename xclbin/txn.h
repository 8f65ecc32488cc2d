// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hw-model/arch/command.h"
#include "xclbin/bytes.h"
#include "xclbin/decoded.h"
#include "xclbin/txn_ops.h"

namespace npu::xclbin {

/// The first eight bytes of a stream: version, and the shape of the device that it is for.
struct TxnHeader {
  uint8_t major = 0;
  uint8_t minor = 1;
  uint8_t generation = 3;  ///< 3 AIE2, 4 AIE2P
  uint8_t rows = arch::kRows;
  uint8_t columns = 4;
  uint8_t memtile_rows = 1;
  uint16_t padding = 0;  ///< may be anything in streams of others

  bool operator==(const TxnHeader&) const = default;
  /// Throws Error when it is neither 0.1 nor 1.0.
  TxnVersion version() const;
};

/// The header of a stream for a partition.
TxnHeader txn_header(arch::Generation generation, int columns,
                     TxnVersion version = TxnVersion::V01);

/// One operation as it stands in a stream.
struct TxnOpView {
  const TxnOpRow& row;
  std::span<const uint32_t> words;
  uint64_t offset;  ///< in the stream, bytes

  /// A field's value; 0 when this layout has no such field.
  uint32_t get(TxnField field) const;
  /// `high` above `low`: addresses, arguments and addends of 64 bits.
  uint64_t get64(TxnField low, TxnField high) const;
  std::span<const uint32_t> data() const { return words.subspan(row.words); }
};

/// Calls `visit` for every operation in order and returns the header. The count of operations
/// drives the walk, and it must end where the stored size says; bytes after that are an error too.
/// Throws Error with the offset.
TxnHeader for_each_op(View bytes, const std::function<void(const TxnOpView&)>& visit);

/// An operation, all words: padding and what is garbage in streams of others included.
struct TxnOp {
  Words words;
  bool operator==(const TxnOp&) const = default;
  TxnCode code() const { return TxnCode{static_cast<uint8_t>(words.at(0))}; }
};

/// A stream. `read_txn(write_txn(x)) == x` and the other way.
struct Txn {
  TxnHeader header;
  std::vector<TxnOp> ops;
  bool operator==(const Txn&) const = default;
};

Txn read_txn(View bytes);
Bytes write_txn(const Txn& txn);

/// An operation with clean padding: fields of its row set to the values, all else 0, `data` behind
/// and the size where the layout stores one.
TxnOp make_op(TxnVersion version, TxnCode code,
              std::initializer_list<std::pair<TxnField, uint32_t>> fields,
              std::span<const uint32_t> data = {});

/// Who adds the place of DDR in the array's address space to the addresses of host buffers.
enum class Aperture : uint8_t {
  Firmware,  ///< container flow: firmware for arguments 0 to 4, later ones have it in their addend
  Runtime,   ///< ELF flow: the runtime, for all; addends are plain
};
inline constexpr uint32_t kFirmwareArguments = 5;

/// A stream as Commands.
struct TxnCommands : Decoded {
  /// Arguments whose addend lacks the aperture although firmware does not translate them.
  std::vector<uint32_t> unfolded;
};

/// Commands of a stream; offsets of patches are plain bytes of the argument. `translated`:
/// arguments that firmware translates, another number where it is patched. Throws Error with the
/// offset for an address that needs more than 32 bits.
TxnCommands to_commands(View txn, Aperture aperture = Aperture::Firmware,
                        uint32_t translated = kFirmwareArguments);

/// The stream of Commands, all of them.
Txn to_txn(std::span<const arch::Command> commands, const TxnHeader& header,
           Aperture aperture = Aperture::Firmware);

}  // namespace npu::xclbin
