// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/image/select.h"

#include "compiler/image/window.h"
#include "hw-model/arch/dma.h"
#include "hw-model/arch/error.h"
#include "hw-model/arch/register.h"

namespace npu::compiler::image {
namespace {

using arch::Op;
using arch::TileKind;

constexpr Coord kCore{0, arch::kFirstCoreRow};
// Where the host finds the parameters and the lock: numbers that lowering keeps.
constexpr uint32_t kParameters = 0xFF00;
constexpr int kGo = 15;
// Arguments of an execution of a shim descriptor's innermost dimensions: a block has rows of eight
// bytes.
constexpr uint64_t kBlockRow = 2;
constexpr int64_t kMostLines = 1 << 16;

class Builder {
 public:
  Builder(const Select& select, const arch::Partition& partition)
      : select_(select), assembly_(partition, "select") {}

  Design run() {
    const auto tile = static_cast<uint64_t>(select_.width());
    const uint64_t all = tile * static_cast<uint64_t>(select_.lines);
    assembly_.design.arguments = {{.name = "lines", .type = arch::Type::I8, .elements = all},
                                  {.name = "B", .type = arch::Type::I8, .elements = tile},
                                  {.name = "results", .type = arch::Type::I8, .elements = all}};
    lines_ = add_lines(assembly_, kCore, select_.width());
    b_ = assembly_.add_buffer("B", kCore, arch::Type::I8, {select_.side, select_.side});
    b_free_ = assembly_.add_lock("B.free", kCore, 1);
    b_full_ = assembly_.add_lock("B.full", kCore, 0);
    parameters_ = assembly_.add_buffer("parameters", kCore, arch::Type::I32, {2});
    assembly_.design.buffers.back().address = kParameters;
    go_ = assembly_.add_lock("go", kCore, 0);
    assembly_.design.locks.back().id = kGo;
    const int fill_b =
        assembly_.add_ring("B", kCore, Direction::S2mm, b_, 1, tile / 4, b_free_, b_full_);
    assembly_.design.cores.push_back(program());
    to_ = assembly_.add_shim("results", lines_.drain);
    from_ = assembly_.add_shim("lines", lines_.fill);
    from_b_ = assembly_.add_shim("B", fill_b);
    write_parameters();
    const int result = select_.function == Function::Edge ? start_edge() : start_matmul();
    assembly_.design.sequence.push_back(Await{result});
    return std::move(assembly_.design);
  }

 private:
  static constexpr uint8_t kA = 9, kB = 10, kC = 11;  // arguments of the matmul
  static constexpr uint8_t kAddress = 12, kFunction = 13;

  Core program() {
    CoreWriter writer(kCore);
    writer.core.program.kernels = {edge_kernel({select_.width(), 1, select_.threshold}),
                                   tile_kernel()};
    LineWriter lines(writer, lines_, select_.width());
    lines.begin();
    writer.address(kB, b_);
    writer.address(kAddress, parameters_);
    const int start = writer.here();
    writer.acquire(go_);
    writer.emit({.op = Op::Load, .dst = kFunction, .a = kAddress});
    writer.emit({.op = Op::Load, .dst = LineWriter::kCounter, .a = kAddress, .imm = 4});
    const int edge = writer.branch(Op::BranchIf, kFunction);
    multiply(writer, lines);
    writer.emit({.op = Op::Jump, .imm = start});
    writer.land(edge);
    lines.slide(0);
    writer.emit({.op = Op::Jump, .imm = start});
    return std::move(writer.core);
  }

  /// Every line is a tile of A, and gives a tile of C.
  void multiply(CoreWriter& writer, LineWriter& lines) const {
    writer.acquire(b_full_);
    const int loop = writer.here();
    writer.acquire(lines_.line_full);
    writer.acquire(lines_.result_free);
    writer.emit({.op = Op::Move, .dst = kA, .a = LineWriter::kAbove});
    writer.emit({.op = Op::Move, .dst = kC, .a = LineWriter::kResult});
    writer.emit({.op = Op::Call, .a = kA, .b = 3, .imm = 1});
    writer.release(lines_.line_free);
    writer.release(lines_.result_full);
    lines.next_of(LineWriter::kAbove, LineWriter::kAbove);
    lines.next_result();
    writer.emit({.op = Op::Loop, .dst = LineWriter::kCounter, .imm = loop});
    writer.release(b_free_);
  }

  arch::KernelSpec tile_kernel() const {
    const int side = static_cast<int>(select_.side);
    return {.op = arch::KernelOp::Matmul,
            .a = arch::Type::I8,
            .b = arch::Type::I8,
            .c = arch::Type::I8,
            .m = side,
            .k = side,
            .n = side,
            .overwrite = true};
  }

  void write_parameters() {
    const auto write = [&](uint32_t offset, int64_t value) {
      assembly_.design.sequence.push_back(arch::Command(
          arch::Write{arch::address_of(kCore, offset), static_cast<uint32_t>(value)}));
    };
    const uint32_t memory = arch::register_offset(TileKind::Core, arch::RegisterId::DataMemory);
    write(memory + kParameters, select_.function == Function::Edge ? 1 : 0);
    write(memory + kParameters + 4, select_.lines);
    write(arch::register_offset(TileKind::Core, arch::RegisterId::LockValue, kGo), 1);
  }

  int start_edge() {
    const Problem image = select_.as_edge();
    Transfer results = lines_of(image, to_, 2, 0, select_.lines);
    results.token = true;
    const int id = assembly_.add_transfer(std::move(results));
    for (Transfer& transfer : window_of(image, from_, 0, select_.lines))
      assembly_.add_transfer(std::move(transfer));
    return id;
  }

  /// Rows of blocks of `block` rows: each a run of two words a row, row by row, block by block.
  Transfer blocks(int shim, int argument, int64_t rows, int block) const {
    const auto row_words = static_cast<uint64_t>(select_.side) / 4;
    const auto height = static_cast<uint64_t>(block);
    return {.shim_channel = shim,
            .argument = argument,
            .length = row_words * height,
            .dims = {{kBlockRow, 1}, {height, row_words}, {row_words / kBlockRow, kBlockRow}},
            .repeat = static_cast<int>(rows / block),
            .iteration_step = row_words * height};
  }

  int start_matmul() {
    const arch::MatmulBlock block = arch::matmul_block(arch::Type::I8);
    const int64_t rows = select_.lines * select_.side;
    Transfer results = blocks(to_, 2, rows, block.m);
    results.token = true;
    const int id = assembly_.add_transfer(std::move(results));
    assembly_.add_transfer(blocks(from_b_, 1, select_.side, block.k));
    assembly_.add_transfer(blocks(from_, 0, rows, block.m));
    return id;
  }

  const Select& select_;
  Assembly assembly_;
  Lines lines_;
  int b_ = 0, b_free_ = 0, b_full_ = 0;
  int parameters_ = 0, go_ = 0;
  int to_ = 0, from_ = 0, from_b_ = 0;
};

void check(const Select& select) {
  const arch::MatmulBlock block = arch::matmul_block(arch::Type::I8);
  const int64_t step = std::max(block.k, block.n);
  const int64_t tiles = Lines::kRing + Lines::kResults + 1;
  if (select.side < 1 || select.side % step != 0 || tiles * select.width() > kParameters)
    throw Error("select: tiles of {}x{} bytes do not fit a core", select.side, select.side)
        .hint("a multiple of {}, {} of them in {} bytes", step, tiles, kParameters);
  if (select.lines < 1 || select.lines > kMostLines)
    throw Error("select: {} lines", select.lines).hint("1 to {}", kMostLines);
}

}  // namespace

matmul::Problem Select::as_matmul() const {
  return {.m = lines * side,
          .k = side,
          .n = side,
          .a = arch::Type::I8,
          .b = arch::Type::I8,
          .c = arch::Type::I8};
}

std::string to_string(const Select& select) {
  return fmt::format("function={} side={} lines={} threshold={}",
                     select.function == Function::Edge ? "edge" : "matmul", select.side,
                     select.lines, select.threshold);
}

Design build_select(const Select& select, const arch::Partition& partition) {
  check(select);
  return Builder(select, partition).run();
}

}  // namespace npu::compiler::image
