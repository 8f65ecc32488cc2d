// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tests/e2e/differential/builder.h"

#include <algorithm>

#include <fmt/format.h>

#include "compiler/design/reach.h"
#include "hw-model/arch/ports.h"

namespace npu::differential {

using arch::Instruction;
using arch::Op;

namespace {

constexpr int kArgumentSlack = 8;  // words around what a transfer uses

int channels_of(TileKind kind, Direction direction) {
  return direction == Direction::S2mm ? arch::facts(kind).s2mm_channels
                                      : arch::facts(kind).mm2s_channels;
}

std::vector<int> divisors(uint64_t n, int most) {
  std::vector<int> all;
  for (int d = 1; d <= most; ++d)
    if (n % static_cast<uint64_t>(d) == 0)
      all.push_back(d);
  return all;
}

}  // namespace

void Code::acquire(int lock, int units) {
  core_.locks.push_back({here(), lock});
  emit({.op = Op::Acquire, .imm = -units});
}
void Code::release(int lock, int units) {
  core_.locks.push_back({here(), lock});
  emit({.op = Op::Release, .imm = units});
}
void Code::constant(int reg, int value) {
  emit({.op = Op::Const, .dst = static_cast<uint8_t>(reg), .imm = value});
}
void Code::address(int reg, int buffer, int bytes) {
  core_.buffers.push_back({here(), buffer});
  constant(reg, bytes);
}
void Code::call(const arch::KernelSpec& kernel, int first_register) {
  const auto index = static_cast<int>(core_.program.kernels.size());
  core_.program.kernels.push_back(kernel);
  const uint8_t arguments = kernel.op == arch::KernelOp::Zero   ? 1
                            : kernel.op == arch::KernelOp::Copy ? 2
                                                                : 3;
  emit({.op = Op::Call, .a = static_cast<uint8_t>(first_register), .b = arguments, .imm = index});
}
const compiler::Core& Code::done() {
  emit({.op = Op::Done});
  return core_;
}

int Builder::buffer(Coord tile, uint64_t words, Random* initial) {
  compiler::Buffer made{.name = fmt::format("b{}", design.buffers.size()),
                        .tile = tile,
                        .shape = {static_cast<int64_t>(std::max<uint64_t>(words, 1))}};
  if (initial)
    for (uint64_t i = 0; i < words; ++i)
      made.initial.push_back(static_cast<uint32_t>(initial->next()));
  design.buffers.push_back(std::move(made));
  return static_cast<int>(design.buffers.size()) - 1;
}

int Builder::lock(Coord tile, int initial) {
  if (++locks_[tile] > arch::facts(tile.kind()).locks)
    throw NoRoom{};
  design.locks.push_back(
      {.name = fmt::format("l{}", design.locks.size()), .tile = tile, .initial = initial});
  return static_cast<int>(design.locks.size()) - 1;
}

int Builder::gate(Coord tile, int units) {
  const int made = lock(tile, 0);
  auto& given = given_locks_[tile];
  const int id = arch::facts(tile.kind()).locks - 1 - static_cast<int>(given.size());
  given.insert(id);
  design.locks[made].id = id;
  gates.push_back(arch::Write{
      arch::address_of(tile, arch::register_offset(tile.kind(), arch::RegisterId::LockValue, id)),
      static_cast<uint32_t>(units)});
  return made;
}

int Builder::used(Coord tile, Direction direction) const {
  int count = 0;
  for (const compiler::Channel& channel : design.channels)
    count += channel.tile == tile && channel.direction == direction;
  return count;
}

int Builder::channel(Coord tile, Direction direction, Chain chain) {
  if (used(tile, direction) >= channels_of(tile.kind(), direction))
    throw NoRoom{};
  descriptors_[tile] += static_cast<int>(chain.descriptors.size());
  const int most = tile.kind() == TileKind::Memtile ? arch::kMemtileDescriptorsPerParity
                                                    : arch::facts(tile.kind()).descriptors;
  if (descriptors_[tile] > most)
    throw NoRoom{};
  compiler::Channel made{
      .name = fmt::format("c{}", design.channels.size()), .tile = tile, .direction = direction};
  made.descriptors = std::move(chain.descriptors);
  made.tasks = std::move(chain.tasks);
  design.channels.push_back(std::move(made));
  return static_cast<int>(design.channels.size()) - 1;
}

int Builder::shim_channel(Random& random, Direction direction) {
  std::vector<int> free;
  for (int col = 0; col < design.partition.columns; ++col) {
    const auto taken =
        std::count_if(design.shim_channels.begin(), design.shim_channels.end(),
                      [&](const auto& c) { return c.col == col && c.direction == direction; });
    if (taken < channels_of(TileKind::Shim, direction))
      free.push_back(col);
  }
  if (free.empty())
    throw NoRoom{};
  design.shim_channels.push_back({.name = fmt::format("s{}", design.shim_channels.size()),
                                  .col = random.pick(free),
                                  .direction = direction});
  return static_cast<int>(design.shim_channels.size()) - 1;
}

int Builder::transfer(Random& random, int shim_channel, uint64_t words, std::optional<int> packet) {
  Descriptor shape;
  compiler::Transfer made{.shim_channel = shim_channel,
                          .argument = static_cast<int>(design.arguments.size()),
                          .token = true,
                          .id = static_cast<int>(transfers.size())};
  if (random.chance(30) && words > 0)
    made.repeat = random.pick(divisors(words, 6));
  shape.length = words / static_cast<uint64_t>(made.repeat);
  if (random.chance(40))
    walk(random, shape);
  made.length = shape.length;
  made.dims = shape.dims;
  const uint64_t reach = compiler::highest_word(shape.dims, shape.length) + 1;
  if (made.repeat > 1 && random.chance(70))
    made.iteration_step = reach;
  if (packet)
    made.packet = compiler::Packet{.id = *packet};
  made.offset = 4 * static_cast<uint64_t>(random.between(0, kArgumentSlack / 2));
  design.arguments.push_back(
      {.name = fmt::format("x{}", made.argument),
       .elements = reach * static_cast<uint64_t>(made.repeat) + kArgumentSlack});
  transfers.push_back(made);
  return made.id;
}

void Builder::flow(const Endpoint& source, std::vector<Endpoint> destinations,
                   std::optional<int> packet, bool keep_header) {
  design.flows.push_back({.name = fmt::format("f{}", design.flows.size()),
                          .source = source,
                          .destinations = std::move(destinations),
                          .packet_id = packet,
                          .keep_packet_header = keep_header});
}

int Builder::packet_id() {
  if (next_packet_ >= 31)
    throw NoRoom{};
  return next_packet_++;
}

void Builder::core(const compiler::Core& core) {
  if (!cores_.insert(core.tile).second)
    throw NoRoom{};
  design.cores.push_back(core);
}

Endpoint Builder::at_channel(int channel) const {
  return {.tile = design.channels[channel].tile, .design_channel = channel};
}
Endpoint Builder::at_shim(int channel) const {
  return {.tile = {static_cast<uint8_t>(design.shim_channels[channel].col), 0},
          .shim_channel = channel};
}

Coord Builder::tile(Random& random, std::vector<TileKind> kinds, int s2mm, int mm2s, bool core) {
  std::vector<Coord> free;
  for (int col = 0; col < design.partition.columns; ++col)
    for (int row = 1; row < arch::kRows; ++row) {
      const Coord at{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
      if (std::find(kinds.begin(), kinds.end(), at.kind()) == kinds.end() ||
          (core && !has_core(at)))
        continue;
      if (used(at, Direction::S2mm) + s2mm <= channels_of(at.kind(), Direction::S2mm) &&
          used(at, Direction::Mm2s) + mm2s <= channels_of(at.kind(), Direction::Mm2s))
        free.push_back(at);
    }
  if (free.empty())
    throw NoRoom{};
  return random.pick(free);
}

std::pair<Coord, Coord> Builder::core_pair(Random& random) {
  std::vector<Coord> free;
  for (int col = 0; col < design.partition.columns; ++col)
    for (int row = arch::kFirstCoreRow; row + 1 < arch::kRows; ++row) {
      const Coord at{static_cast<uint8_t>(col), static_cast<uint8_t>(row)};
      if (has_core(at) && has_core({at.col, static_cast<uint8_t>(row + 1)}))
        free.push_back(at);
    }
  if (free.empty())
    throw NoRoom{};
  const Coord south = random.pick(free);
  return {south, {south.col, static_cast<uint8_t>(south.row + 1)}};
}

int Builder::port_words(Coord tile, bool packet) const {
  const arch::Buffering& rows = packet ? timing.stream.packet : timing.stream.circuit;
  return static_cast<int>(rows.of(tile.kind()).cycles());
}

uint64_t Builder::about(Random& random, uint64_t words, Coord tile, bool packet) const {
  if (!random.chance(mischief))
    return words;
  const int port = port_words(tile, packet);
  std::vector<int> off{-2, -1, 1, 2, 3, -port - 2, -port - 1, -port, -port + 1};
  const int64_t slip = random.chance(70) ? random.pick(off) : random.between(-60, 60);
  return static_cast<uint64_t>(std::max<int64_t>(static_cast<int64_t>(words) + slip, 0));
}

void Builder::walk(Random& random, Descriptor& d) const {
  const int inner = random.between(1, static_cast<int>(std::clamp<uint64_t>(d.length, 1, 20)));
  const uint64_t outer =
      (d.length + static_cast<uint64_t>(inner) - 1) / static_cast<uint64_t>(inner);
  const auto step = [&] { return static_cast<uint64_t>(random.between(1, 5)); };
  d.dims = {{static_cast<uint64_t>(inner), step()}};
  if (outer > 3 && random.chance(40)) {
    const auto middle = static_cast<uint64_t>(random.between(2, 3));
    d.dims.push_back({middle, step() * static_cast<uint64_t>(inner)});
    d.dims.push_back({(outer + middle - 1) / middle, step() * 7});
  } else {
    d.dims.push_back({outer, random.chance(50) ? static_cast<uint64_t>(inner) : step()});
  }
}

/// Makes a padded walk of exactly the descriptor's words, when these allow one.
bool Builder::pad(Random& random, Descriptor& d) const {
  const int before = random.between(0, 3);
  const int after = random.between(0, 3);
  const int inner = random.between(1, 6);
  const auto row = static_cast<uint64_t>(before + inner + after);
  const compiler::Pad outer{random.between(0, 2), random.between(0, 2)};
  const uint64_t rows = d.length / row;
  if (d.length % row != 0 || rows <= static_cast<uint64_t>(outer.before + outer.after))
    return false;
  d.dims = {{static_cast<uint64_t>(inner), 1},
            {rows - static_cast<uint64_t>(outer.before + outer.after),
             static_cast<uint64_t>(random.between(inner, inner + 3))}};
  d.pads = {{before, after}, outer};
  return true;
}

Descriptor Builder::piece(Random& random, Coord tile, Direction direction, uint64_t words) {
  Descriptor d{.length = words};
  const bool padded = direction == Direction::Mm2s && tile.kind() == TileKind::Memtile &&
                      random.chance(30) && words > 0 && pad(random, d);
  if (!padded && words > 0 && random.chance(40))
    walk(random, d);
  d.offset = static_cast<uint64_t>(random.between(0, 3));
  return d;
}

Chain Builder::chain(Random& random, Coord tile, Direction direction, uint64_t words,
                     std::optional<int> packet) {
  const int repeat = words > 0 && random.chance(40) ? random.pick(divisors(words, 5)) : 1;
  uint64_t left = words / static_cast<uint64_t>(repeat);
  const int pieces = random.between(1, 4);
  Chain made;
  for (int i = 0; i < pieces && (left > 0 || i == 0); ++i) {
    const bool last = i + 1 == pieces;
    const auto part =
        last || left <= 1 ? left : static_cast<uint64_t>(random.between(1, static_cast<int>(left)));
    Descriptor d = piece(random, tile, direction, part);
    if (repeat > 1 && random.chance(60)) {
      d.iteration_size = random.between(2, repeat + 1);
      d.iteration_step = static_cast<uint64_t>(random.between(1, 9));
    }
    if (packet)
      d.packet = compiler::Packet{.id = *packet};
    d.buffer = buffer(tile, compiler::end_word(d), &random);
    made.descriptors.push_back(d);
    left -= part;
  }
  // One task for all, or a task for each.
  const auto count = static_cast<int>(made.descriptors.size());
  if (repeat > 1 || random.chance(60)) {
    for (int i = 0; i + 1 < count; ++i)
      made.descriptors[static_cast<size_t>(i)].next = i + 1;
    made.tasks = {{.first = 0, .repeat = repeat}};
  } else {
    for (int i = 0; i < count; ++i)
      made.tasks.push_back({.first = i});
  }
  return made;
}

}  // namespace npu::differential
