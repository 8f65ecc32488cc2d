// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "compiler/import/core_body.h"
#include "compiler/mlir/reader.h"
#include "hw-model/arch/error.h"
#include "hw-model/logic/machine.h"

// A core body in MLIR, compiled and executed by a machine without time: what became of memory, and
// what it asked of others in order.
namespace npu::compiler {

/// A buffer of the core's tile, by its definition in MLIR.
struct BenchBuffer {
  std::string name;
  std::string type;
  uint32_t address = 0;
};

class CoreBench {
 public:
  static constexpr uint32_t kFirstAddress = 0x2000;
  static constexpr uint32_t kSpacing = 0x800;

  int stack_bytes = 1024;
  std::vector<BenchBuffer> buffers;
  std::string module_text;           ///< functions and globals
  std::vector<CoreFifo> fifos;       ///< by name; elements are numbers of `buffers`
  std::vector<std::string> effects;  ///< `acquire 1 -1`, `release 2 1`, `call zero f32 4`, ...
  CoreProgram program;
  std::vector<std::byte> memory = std::vector<std::byte>(0x10000);
  uint64_t executed = 0;

  void buffer(std::string name, std::string type) {
    buffers.push_back({std::move(name), std::move(type),
                       kFirstAddress + kSpacing * static_cast<uint32_t>(buffers.size())});
  }

  /// Reads and compiles a body; `%lock0`, `%lock1` and the buffers are there.
  mlir::Op compile(const std::string& body) {
    std::string text = "module {\n  aie.device(npu1) {\n    %tile = aie.tile(0, 2)\n";
    for (const char* lock : {"lock0", "lock1"})
      text += fmt::format("    %{} = aie.lock(%tile) {{sym_name = \"{}\"}}\n", lock, lock);
    for (const BenchBuffer& b : buffers)
      text += fmt::format("    %{0} = aie.buffer(%tile) {{sym_name = \"{0}\"}} : {1}\n", b.name,
                          b.type);
    text +=
        module_text + "    %core = aie.core(%tile) {\n" + body + "      aie.end\n    }\n  }\n}\n";
    mlir::Op module = mlir::read(text, "body.mlir");
    compile_module(module);
    return module;
  }

  /// Compiles and executes to the end.
  void run(const std::string& body) {
    compile(body);
    execute();
  }

  void execute() {
    arch::Program machine_code = program.program;
    std::vector<uint32_t> addresses;
    for (const BenchBuffer& b : buffers)
      addresses.push_back(b.address);
    for (const Buffer& global : program.globals) {
      addresses.push_back(kFirstAddress + kSpacing * static_cast<uint32_t>(addresses.size()));
      std::memcpy(&memory[addresses.back()], global.initial.data(), global.initial.size() * 4);
    }
    for (const Core::Reference& use : program.buffers)
      machine_code.code[static_cast<size_t>(use.instruction)].imm +=
          static_cast<int32_t>(arch::kCoreOwn + addresses.at(static_cast<size_t>(use.index)));
    for (const Core::Reference& use : program.locks)
      machine_code.code[static_cast<size_t>(use.instruction)].a = static_cast<uint8_t>(use.index);
    const logic::Machine machine(machine_code);
    logic::Machine::Registers registers{};
    for (size_t pc = 0;;) {
      executed += machine.run(pc, registers, {nullptr, nullptr, nullptr, memory.data()}, 1 << 24);
      const arch::Instruction& in = machine_code.code.at(pc++);
      if (in.op == arch::Op::Done)
        return;
      effect(machine_code, in, registers);
    }
  }

  template <typename T>
  std::vector<T> read(const std::string& name, size_t count) const {
    std::vector<T> values(count);
    std::memcpy(values.data(), &memory[address_of(name)], count * sizeof(T));
    return values;
  }
  template <typename T>
  void write(const std::string& name, const std::vector<T>& values) {
    std::memcpy(&memory[address_of(name)], values.data(), values.size() * sizeof(T));
  }

 private:
  uint32_t address_of(const std::string& name) const {
    for (const BenchBuffer& b : buffers)
      if (b.name == name)
        return b.address;
    throw Error("there is no buffer {}", name);
  }

  void compile_module(const mlir::Op& module) {
    CoreContext context{.tile = {0, 2},
                        .stack_bytes = stack_bytes,
                        .next_buffer = static_cast<int>(buffers.size())};
    std::map<std::string, const mlir::Op*> symbols;
    const mlir::Op* core = nullptr;
    int locks = 0;
    int count = 0;
    for (const mlir::Op& op : module.regions[0][0].ops[0].regions[0][0].ops) {
      if (op.name == "aie.buffer")
        context.buffers[op.results[0].id] = count++;
      if (op.name == "aie.lock")
        context.locks[op.results[0].id] = locks++;
      if (op.name == "func.func" || op.name == "memref.global")
        symbols[op.attribute("sym_name")->text.substr(1)] = &op;
      if (op.name == "aie.core")
        core = &op;
    }
    context.symbol = [&](std::string_view name) -> const mlir::Op* {
      const auto found = symbols.find(std::string(name));
      return found == symbols.end() ? nullptr : found->second;
    };
    context.fifo = [&](const mlir::Op& op) {
      for (const CoreFifo& fifo : fifos)
        if (op.attribute("objFifo_name")->text == "@" + fifo.name)
          return FifoUse{&fifo, std::stoi(op.attribute("size")->text)};
      return FifoUse{};
    };
    context.kernel = [](std::string_view name, std::span<const CallArgument> arguments) {
      ExternalKernel kernel;
      if (!name.starts_with("known"))
        return kernel;
      kernel.spec = {.op = arch::KernelOp::External, .symbol = std::string(name)};
      for (size_t i = 0; i < arguments.size(); ++i)
        kernel.arguments.push_back(static_cast<int>(i));
      return kernel;
    };
    program = compile_core(*core, context);
  }

  void effect(const arch::Program& code, const arch::Instruction& in,
              logic::Machine::Registers& registers) {
    using arch::Op;
    if (in.op == Op::Acquire || in.op == Op::Release) {
      effects.push_back(fmt::format("{} {} {}", to_string(in.op), in.a, in.imm));
    } else if (in.op == Op::Call) {
      std::string text = "call " + code.kernels[static_cast<size_t>(in.imm)].symbol;
      for (int i = 0; i < in.b; ++i)
        text += fmt::format(" {:#x}", registers[static_cast<size_t>(in.a + i)]);
      effects.push_back(text);
    } else if (in.op == Op::StreamGet) {
      registers[in.dst] = ++stream_word_;
      effects.push_back(fmt::format("get {}", in.imm));
    } else if (in.op == Op::StreamPut) {
      effects.push_back(fmt::format("put {} {}", in.imm, registers[in.a]));
    } else {
      effects.push_back(fmt::format("{} {}", to_string(in.op), in.imm));
      std::byte* place = &memory[static_cast<size_t>(registers[in.a]) & 0xFFFF];
      if (in.op == Op::CascadePut)
        std::memcpy(cascade_, place, sizeof cascade_);
      if (in.op == Op::CascadeGet)
        std::memcpy(place, cascade_, sizeof cascade_);
    }
  }

  int64_t stream_word_ = 100;
  std::byte cascade_[64] = {};
};

}  // namespace npu::compiler
