// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/compiler/matmul/machine.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

namespace npu::compiler::testing {

namespace {

using arch::Direction;
using arch::KernelOp;
using arch::Op;
using arch::Type;

constexpr size_t kStreamWords = 16;

/// Word address of stream word `k` of a walk, by division.
uint64_t address(uint64_t base, const std::vector<Dim>& dims, uint64_t k) {
  if (dims.empty())
    return base + k;
  for (size_t i = 0; i + 1 < dims.size(); ++i) {
    base += k % dims[i].size * dims[i].step;
    k /= dims[i].size;
  }
  return base + k * dims.back().step;
}

/// Place of element (row, col) in a packed operand of `rows` x `cols` elements.
int64_t packed(int64_t row, int64_t col, int64_t cols, int64_t block_rows, int64_t block_cols,
               bool transposed) {
  const int64_t block = row / block_rows * (cols / block_cols) + col / block_cols;
  const int64_t r = row % block_rows;
  const int64_t c = col % block_cols;
  return block * block_rows * block_cols + (transposed ? c * block_rows + r : r * block_cols + c);
}

}  // namespace

double get(std::span<const std::byte> bytes, Type type, int64_t index) {
  const auto load = [&]<typename T>(T value) {
    std::memcpy(&value, bytes.data() + index * static_cast<int64_t>(sizeof(T)), sizeof(T));
    return value;
  };
  switch (type) {
    case Type::I8:
      return load(int8_t{});
    case Type::I16:
      return load(int16_t{});
    case Type::I32:
      return load(int32_t{});
    case Type::F32:
      return load(float{});
    case Type::F16:
    case Type::I64:
      break;
    case Type::Bf16:
      return arch::to_f32(load(uint16_t{}));
  }
  return 0;
}

void set(std::span<std::byte> bytes, Type type, int64_t index, double value) {
  const auto store = [&]<typename T>(T element) {
    std::memcpy(bytes.data() + index * static_cast<int64_t>(sizeof(T)), &element, sizeof(T));
  };
  const auto clamped = [value](double low, double high) { return std::clamp(value, low, high); };
  switch (type) {
    case Type::I8:
      return store(static_cast<int8_t>(clamped(-128, 127)));
    case Type::I16:
      return store(static_cast<int16_t>(clamped(-32768, 32767)));
    case Type::I32:
      return store(static_cast<int32_t>(value));
    case Type::F32:
      return store(static_cast<float>(value));
    case Type::F16:
    case Type::I64:
      break;
    case Type::Bf16: {
      const auto bits = std::bit_cast<uint32_t>(static_cast<float>(value));
      return store(static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16));
    }
  }
}

Machine::Machine(const Design& design, std::vector<Bytes> arguments, bool compute)
    : design_(design), arguments_(std::move(arguments)), compute_(compute) {
  for (const Buffer& buffer : design.buffers)
    buffers_.emplace_back(buffer.bytes());
  for (const Lock& lock : design.locks)
    locks_.push_back(lock.initial);
  channels_.resize(design.channels.size());
  shims_.resize(design.shim_channels.size());
  cores_.resize(design.cores.size());
  const auto attach = [&](const Endpoint& end, End pipe) {
    if (end.design_channel)
      channels_[*end.design_channel].end = pipe;
    else
      shims_[*end.shim_channel].end = pipe;
  };
  for (size_t f = 0; f < design.flows.size(); ++f) {
    const Flow& flow = design.flows[f];
    pipes_.push_back({.queues = std::vector<std::deque<uint32_t>>(flow.destinations.size())});
    attach(flow.source, {static_cast<int>(f), 0});
    for (size_t i = 0; i < flow.destinations.size(); ++i)
      attach(flow.destinations[i], {static_cast<int>(f), static_cast<int>(i)});
  }
}

std::span<const std::byte> Machine::memory(int buffer) const {
  return buffers_[buffer];
}

uint64_t Machine::delivered(const std::string& flow) const {
  uint64_t words = 0;
  for (size_t f = 0; f < pipes_.size(); ++f)
    if (design_.flows[f].name == flow)
      words += pipes_[f].delivered;
  return 4 * words;
}

size_t Machine::words_in_streams() const {
  size_t words = 0;
  for (const Pipe& pipe : pipes_)
    for (const auto& queue : pipe.queues)
      words += queue.size();
  return words;
}

bool Machine::run() {
  for (bool moved = true; moved;) {
    moved = step_host();
    for (size_t i = 0; i < shims_.size(); ++i)
      moved |= step_shim(i);
    for (size_t i = 0; i < channels_.size(); ++i)
      moved |= step_channel(i);
    for (size_t i = 0; i < cores_.size(); ++i)
      moved |= step_core(i);
  }
  return host_ == design_.sequence.size();
}

void Machine::rewind() {
  host_ = 0;
}

std::vector<std::string> Machine::waiting() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < channels_.size(); ++i) {
    const compiler::Channel& channel = design_.channels[i];
    if (!channels_[i].acquired || channels_[i].moved > 0)
      names.push_back(fmt::format("{} {}.{}", channel.name, arch::to_string(channel.tile),
                                  channel.direction == Direction::S2mm ? "s2mm" : "mm2s"));
  }
  return names;
}

bool Machine::has_room(const Pipe& pipe) const {
  return std::ranges::all_of(pipe.queues,
                             [](const auto& queue) { return queue.size() < kStreamWords; });
}

bool Machine::move(Direction direction, End end, std::byte* memory, size_t bytes, uint64_t base,
                   const std::vector<Dim>& dims, uint64_t length, uint64_t& moved) {
  Pipe& pipe = pipes_[end.flow];
  const uint64_t before = moved;
  for (; moved < length; ++moved) {
    const uint64_t place = 4 * address(base, dims, moved);
    if (place + 4 > bytes)
      throw std::out_of_range(design_.flows[end.flow].name + " leaves its memory");
    uint32_t word = 0;
    if (direction == Direction::Mm2s) {
      if (!has_room(pipe))
        break;
      std::memcpy(&word, memory + place, 4);
      for (auto& queue : pipe.queues)
        queue.push_back(word);
    } else {
      auto& queue = pipe.queues[end.branch];
      if (queue.empty())
        break;
      std::memcpy(memory + place, &queue.front(), 4);
      queue.pop_front();
      ++pipe.delivered;
    }
  }
  return moved != before;
}

bool Machine::step_channel(size_t index) {
  Channel& state = channels_[index];
  const compiler::Channel& channel = design_.channels[index];
  const Descriptor& bd = channel.descriptors[state.current];
  bool progress = false;
  if (!state.acquired) {
    if (bd.acquire && locks_[bd.acquire->lock] < bd.acquire->value)
      return false;
    if (bd.acquire)
      locks_[bd.acquire->lock] -= bd.acquire->value;
    state.acquired = progress = true;
  }
  Bytes& memory = buffers_[bd.buffer];
  progress |= move(channel.direction, state.end, memory.data(), memory.size(), bd.offset, bd.dims,
                   bd.length, state.moved);
  if (state.moved < bd.length)
    return progress;
  if (bd.release)
    locks_[bd.release->lock] += bd.release->value;
  state = {.end = state.end, .current = bd.next.value()};
  return true;
}

bool Machine::step_shim(size_t index) {
  Shim& state = shims_[index];
  if (state.tasks.empty())
    return false;
  const Transfer& task = *state.tasks.front();
  Bytes& memory = arguments_[task.argument];
  const uint64_t base =
      task.offset / 4 + static_cast<uint64_t>(state.execution) * task.iteration_step;
  const bool progress = move(design_.shim_channels[index].direction, state.end, memory.data(),
                             memory.size(), base, task.dims, task.length, state.moved);
  if (state.moved < task.length)
    return progress;
  state.moved = 0;
  if (++state.execution < task.repeat)
    return true;
  state.execution = 0;
  state.tasks.pop_front();
  if (task.token)
    ++tokens_[task.shim_channel];
  return true;
}

bool Machine::step_host() {
  bool progress = false;
  for (; host_ < design_.sequence.size(); ++host_, progress = true) {
    const HostOp& op = design_.sequence[host_];
    if (const auto* transfer = std::get_if<Transfer>(&op)) {
      auto& tasks = shims_[transfer->shim_channel].tasks;
      tasks.push_back(transfer);
      most_outstanding_ = std::max(most_outstanding_, tasks.size());
    } else if (const auto* await = std::get_if<Await>(&op)) {
      const auto awaited = std::ranges::find_if(design_.sequence, [&](const HostOp& other) {
        const auto* t = std::get_if<Transfer>(&other);
        return t && t->id == await->id;
      });
      int& tokens = tokens_[std::get<Transfer>(*awaited).shim_channel];
      if (tokens == 0)
        return progress;
      --tokens;
    }
  }
  return progress;
}

bool Machine::step_core(size_t index) {
  Runner& state = cores_[index];
  const Core& core = design_.cores[index];
  const auto reference = [&](const std::vector<Core::Reference>& list) {
    return std::ranges::find(list, state.pc, &Core::Reference::instruction);
  };
  for (bool progress = false;; progress = true) {
    const arch::Instruction& in = core.program.code[state.pc];
    int next = state.pc + 1;
    switch (in.op) {
      case Op::Acquire: {
        int& lock = locks_[reference(core.locks)->index];
        if (lock < -in.imm)
          return progress;
        lock += in.imm;
        break;
      }
      case Op::Release:
        locks_[reference(core.locks)->index] += in.imm;
        break;
      case Op::Const: {
        const auto buffer = reference(core.buffers);
        state.registers[in.dst] = buffer == core.buffers.end() ? in.imm : buffer->index;
        break;
      }
      case Op::Loop:
        next = --state.registers[in.dst] > 0 ? in.imm : next;
        break;
      case Op::Jump:
        next = in.imm;
        break;
      case Op::Call: {
        std::vector<int> buffers;
        for (int i = 0; i < in.b; ++i)
          buffers.push_back(static_cast<int>(state.registers[in.a + i]));
        call(core, core.program.kernels[in.imm], buffers);
        break;
      }
      default:
        throw std::logic_error("the machine does not know this instruction");
    }
    state.pc = next;
  }
}

void Machine::call(const Core& core, const arch::KernelSpec& spec, std::span<const int> buffers) {
  if (on_call)
    on_call(core, spec, buffers);
  if (!compute_)
    return;
  std::span<std::byte> to = buffers_[buffers.back()];
  if (spec.op == KernelOp::Zero) {
    for (int i = 0; i < spec.m; ++i)
      set(to, spec.c, i, 0);
  } else if (spec.op == KernelOp::Cast) {
    for (int i = 0; i < spec.m; ++i)
      set(to, spec.c, i, get(buffers_[buffers[0]], spec.a, i));
  } else if (spec.op == KernelOp::Matmul) {
    const arch::MatmulBlock b = arch::matmul_block(spec.a);
    for (int m = 0; m < spec.m; ++m)
      for (int n = 0; n < spec.n; ++n) {
        const int64_t place = packed(m, n, spec.n, b.m, b.n, false);
        double sum = get(to, spec.c, place);
        for (int k = 0; k < spec.k; ++k)
          sum +=
              get(buffers_[buffers[0]], spec.a, packed(m, k, spec.k, b.m, b.k, spec.a_transposed)) *
              get(buffers_[buffers[1]], spec.b, packed(k, n, spec.n, b.k, b.n, spec.b_transposed));
        set(to, spec.c, place, sum);
      }
  }
}

}  // namespace npu::compiler::testing
