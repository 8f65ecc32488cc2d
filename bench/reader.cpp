// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How fast MLIR text is read, in bytes a second.
#include "compiler/mlir/reader.h"

#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace npu::compiler::mlir {
namespace {

/// A device with that many DMA blocks and stores.
std::string text(int blocks) {
  std::string all = "module {\naie.device(npu1) {\n%t = aie.tile(0, 1)\n%l = aie.lock(%t, 0)\n";
  all += "%b = aie.buffer(%t) {sym_name = \"b\"} : memref<64x64xi32>\n";
  all += "%i = arith.constant 3 : index\n%x = arith.constant 5 : i32\naie.memtile_dma(%t) {\n";
  for (int i = 0; i < blocks; ++i)
    all += fmt::format(
        "^b{}:\n  aie.use_lock(%l, AcquireGreaterEqual, 1)\n"
        "  aie.dma_bd(%b : memref<64x64xi32>, 0, 512, [<size = 4, stride = 128>, <size = 128, "
        "stride = 1>]) {{bd_id = {} : i32}}\n"
        "  memref.store %x, %b[%i, %i] : memref<64x64xi32>\n  aie.next_bd ^b{}\n",
        i, i, i);
  return all + "}\n}\n}\n";
}

void read_text(benchmark::State& state) {
  const std::string source = text(static_cast<int>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(read(source, "a.mlir"));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(source.size()));
}
BENCHMARK(read_text)->Arg(100)->Arg(10000);

}  // namespace
}  // namespace npu::compiler::mlir
