// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/fuzz/targets.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "compiler/import/import.h"
#include "compiler/lower/lower.h"
#include "compiler/mlir/reader.h"
#include "tests/xclbin/containers.h"
#include "tests/xclbin/control_elf.h"
#include "tests/xclbin/random.h"
#include "xclbin/design_files.h"
#include "xclbin/disasm.h"
#include "xclbin/dpu_text.h"
#include "xclbin/elf.h"
#include "xclbin/hex_text.h"
#include "xclbin/info.h"
#include "xclbin/names_json.h"
#include "xclbin/routes.h"
#include "xclbin/statistics.h"
#include "xclbin/txn.h"
#include "xclbin/verify.h"

namespace npu::xclbin {

namespace {

void require(bool condition, const char* what) {
  if (!condition)
    throw std::logic_error(what);
}

/// Runs a step that may refuse the bytes.
template <typename Step>
void attempt(Step step) {
  try {
    step();
  } catch (const Error&) {
  }
}

void list(std::span<const arch::Command> commands) {
  to_text(disassemble(commands));
  for (const Route& route : find_routes(commands, arch::partition_of(arch::kNpu4, 8)))
    to_string(route);
}

void run_container(View bytes) {
  verify(bytes);
  attempt([&] {
    const Container container = read_container(bytes);
    sections_text(container);
    attempt([&] {
      const Container again = read_container(write_container(container));
      require(std::ranges::equal(again.sections(), container.sections()),
              "sections differ after writing");
    });
    attempt([&] { info_text(container); });
    attempt([&] { extract(container); });
    attempt([&] { names_of(container, "mm"); });
    attempt([&] { verify(write_container(merge(container, std::vector{kernel_named("new")}))); });
  });
}

void run_pdi(View bytes) {
  attempt([&] { pdi_findings(bytes); });
  attempt([&] {
    Pdi pdi = read_pdi(bytes);
    attempt([&] { list(to_commands(pdi.cdo).commands); });
    pdi.transformed = false;
    require(read_pdi(write_pdi(pdi)) == pdi, "the PDI differs after writing");
  });
}

void run_cdo(View bytes) {
  attempt([&] {
    const Cdo cdo = read_cdo(bytes);
    require(read_cdo(write_cdo(cdo)) == cdo, "the CDO differs after writing");
    to_string(statistics_of(cdo));
    attempt([&] {
      const Decoded decoded = to_commands(cdo);
      list(decoded.commands);
      core_elfs(decoded.commands);
    });
    pack(std::vector{cdo});
  });
}

void run_txn(View bytes) {
  attempt([&] {
    require(std::ranges::equal(write_txn(read_txn(bytes)), bytes), "the stream differs");
    to_string(statistics_of_txn(bytes));
    list(to_commands(bytes).commands);
  });
  attempt([&] { load_instructions(bytes); });
  attempt([&] { list(dpu_commands(words_of(bytes, "words")).commands); });
}

void run_elf(View bytes) {
  attempt([&] {
    const Elf elf = read_elf(bytes);
    require(read_elf(write_elf(elf)) == elf, "the ELF file differs after writing");
    load_elf(elf, {0, 2});
  });
}

arch::Commands configuration() {
  Random random(7);
  arch::Commands commands = random.commands(12, &Random::configuration);
  commands.push_back(arch::BlockWrite{0x00220000, {1, 2, 3}});
  commands.push_back(arch::Write{0x00232000, 1});
  return commands;
}

std::vector<Bytes> container_seeds() {
  KernelImage named = kernel_named("mm");
  named.names = {.design = "d", .locks = {{{1, 2}, 3, 2, "A.free", ""}}};
  Container plain = container_of({kernel_named("mm")});
  plain.set_mirror(false);
  return {write_container(plain), write_container(container_of({named, kernel_named("edge")}))};
}

std::vector<Bytes> pdi_seeds() {
  const Bytes plain = write_pdi(make_pdi(configuration()));
  // The same file marked as transformed, its zone empty: a way in for what follows.
  Bytes transformed = plain;
  transformed.at(0xD0 + 4 * 28) = 1;
  return {plain, transformed};
}

std::vector<Bytes> cdo_seeds() {
  const std::vector files{to_cdo(configuration())};
  return {write_cdo(files.front()), write_cdo(pack(files)),
          write_cdo({{{CdoCode::Set, {0, 0x400, 9, 1}}, {CdoCode::MaskPoll, {0, 1, 1, 5, 0}}}})};
}

std::vector<Bytes> txn_seeds() {
  Random random(8);
  const arch::Commands commands = random.commands(12, &Random::command);
  const Bytes old = write_txn(to_txn(commands, txn_header(arch::Generation::Aie2, 4)));
  const Bytes optimised =
      write_txn(to_txn(commands, txn_header(arch::Generation::Aie2p, 8, TxnVersion::V10)));
  const std::string text = hex_text(words_of(old, "txn"));
  return {old, optimised, Bytes(text.begin(), text.end()),
          bytes_of(Words{0x02000000, 0x1D204, 1, 0x03000001, 0x01010100}),
          control_elf("5", kShimDma48, descriptor_offset(), 24)};
}

std::vector<Bytes> elf_seeds() {
  Elf elf = program_elf(Words{1, 2, 3});
  elf.segments.push_back({.address = 0x70400, .bytes = {1, 2, 3, 4}, .memory_bytes = 64});
  return {write_elf(elf)};
}

/// What is read prints, and reads again; a design that is imported lowers or is refused.
void run_mlir(View bytes) {
  using namespace compiler;
  attempt([&] {
    const mlir::Op module =
        mlir::read({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "a.mlir");
    attempt([&] { mlir::read(mlir::print(module, MlirForm::Generic), "b.mlir"); });
    attempt([&] { lower(import_module(module, {.file = "a.mlir", .device = "npu1"})); });
  });
}

/// Around the body of a core, which has a buffer of 16 words.
constexpr std::string_view kCore = R"(aie.device(npu1_1col) {{
  %tile = aie.tile(0, 2)
  %w = aie.buffer(%tile) {{sym_name = "w"}} : memref<16xi32>
  %core = aie.core(%tile) {{
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %k = arith.constant 7 : i32
    %a = arith.constant dense<[1, -2, 3, -4]> : vector<4xi32>
{}
    aie.end
  }}
}})";

/// Vectors, structured ops, and the form that every op has.
constexpr std::array<std::string_view, 3> kCoreBodies{
    R"(
    %m = memref.expand_shape %w [[0, 1]] output_shape [4, 4] : memref<16xi32> into memref<4x4xi32>
    %s, %o = arith.addui_extended %a, %a : vector<4xi32>, vector<4xi1>
    %l, %h = arith.mulsi_extended %s, %a : vector<4xi32>
    %p = arith.cmpi slt, %l, %h : vector<4xi32>
    %q = arith.select %p, %l, %h : vector<4xi1>, vector<4xi32>
    %r = vector.transfer_read %m[%c0, %c1], %k {permutation_map = affine_map<(d0, d1) -> (d1, d0)>} : memref<4x4xi32>, vector<2x2xi32>
    %t = vector.transpose %r, [1, 0] : vector<2x2xi32> to vector<2x2xi32>
    %f = vector.shape_cast %t : vector<2x2xi32> to vector<4xi32>
    %x = vector.shuffle %f, %q [0, 2, 4, 6] : vector<4xi32>, vector<4xi32>
    vector.maskedstore %w[%c1], %p, %x : memref<16xi32>, vector<4xi1>, vector<4xi32>
    %e = vector.extract %x[2] : i32 from vector<4xi32>
    %i = vector.insert %e, %q [1] : i32 into vector<4xi32>
    %n = vector.reduction <add>, %i : vector<4xi32> into i32
    memref.store %n, %w[%c4] : memref<16xi32>)",
    R"(
    %m = memref.alloca() : memref<16xi32>
    linalg.fill ins(%k : i32) outs(%m : memref<16xi32>)
    linalg.map { arith.addi } ins(%m, %w : memref<16xi32>, memref<16xi32>) outs(%m : memref<16xi32>)
    linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%m : memref<16xi32>) outs(%w : memref<16xi32>) {
    ^bb0(%x: i32, %y: i32):
      %z = arith.maxsi %x, %y : i32
      linalg.yield %z : i32
    }
    affine.for %i = 0 to 4 {
      affine.if affine_set<(d0) : (d0 - 2 >= 0)>(%i) {
        affine.store %k, %w[%i * 2 + 1] : memref<16xi32>
      }
    })",
    R"(
    %v = "vector.load"(%w, %c4) : (memref<16xi32>, index) -> vector<4xi32>
    %x = "vector.shuffle"(%v, %a) <{mask = array<i64: 0, 5, 1, 4>}> : (vector<4xi32>, vector<4xi32>) -> vector<4xi32>
    %z = "scf.for"(%c0, %c4, %c1, %x) ({
    ^bb0(%i: index, %q: vector<4xi32>):
      %n = "arith.addi"(%q, %a) : (vector<4xi32>, vector<4xi32>) -> vector<4xi32>
      "scf.yield"(%n) : (vector<4xi32>) -> ()
    }) : (index, index, index, vector<4xi32>) -> vector<4xi32>
    "vector.store"(%z, %w, %c0) : (vector<4xi32>, memref<16xi32>, index) -> ())",
};

std::vector<Bytes> mlir_seeds() {
  constexpr std::string_view kText = R"(module {
  aie.device(npu1_1col) {
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %c = aie.tile(0, 2)
    %b = aie.buffer(%m) {sym_name = "b"} : memref<16xi32> = dense<3>
    %l = aie.lock(%m, 0) {init = 1 : i32}
    aie.flow(%m, DMA : 0, %s, DMA : 1)
    aie.objectfifo @in(%s, {%c}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.memtile_dma(%m) {
      %0 = aie.dma_start(MM2S, 0, ^a, ^z)
    ^a:
      aie.use_lock(%l, AcquireGreaterEqual, 1)
      aie.dma_bd(%b : memref<16xi32>, 0, 16, [<size = 4, stride = 4>, <size = 4, stride = 1>])
      aie.use_lock(%l, Release, 1)
      aie.next_bd ^a
    ^z:
      aie.end
    }
    aie.shim_dma_allocation @out(S2MM, 1, 0)
    aie.runtime_sequence(%x: memref<64xi32>) {
      %n = arith.constant 2 : index
      scf.for %i = %n to %n step %n {
        aiex.npu.dma_memcpy_nd(%x[0, 0, 0, 0][1, 1, 1, 16][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<64xi32>
      }
      aiex.npu.dma_wait {symbol = @out}
    }
  }
})";
  std::vector<Bytes> seeds{Bytes(kText.begin(), kText.end())};
  for (const std::string_view body : kCoreBodies) {
    const std::string text = fmt::format(kCore, body);
    seeds.emplace_back(text.begin(), text.end());
  }
  return seeds;
}

constexpr FuzzTarget kTargets[] = {
    {"container", run_container, container_seeds},
    {"pdi", run_pdi, pdi_seeds},
    {"cdo", run_cdo, cdo_seeds},
    {"txn", run_txn, txn_seeds},
    {"elf", run_elf, elf_seeds},
    {"mlir", run_mlir, mlir_seeds},
};

}  // namespace

std::span<const FuzzTarget> fuzz_targets() {
  return kTargets;
}

const FuzzTarget& fuzz_target(std::string_view name) {
  const auto found = std::ranges::find(kTargets, name, &FuzzTarget::name);
  if (found == std::end(kTargets))
    throw std::out_of_range("no such fuzz target");
  return *found;
}

}  // namespace npu::xclbin
