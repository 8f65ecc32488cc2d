// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Makes buffers, locks and the descriptors of every channel. A memory tile stores a row-major A K
// step by K step, so that the way down to the cores packs all steps with one descriptor of four
// dimensions; the other packings need no help. C leaves a core as it lies and is unpacked where it
// arrives.
//
//   before   l2       A@0 bf16 64x256 depth=2 in memtile(0,1)
//            stream   A0 L2->L1 memtile(0,1) to core(0,2) core(0,3): A@0
//   after    buffer   A@0.0 memtile(0,1) bf16 64x256
//            lock     A@0.write memtile(0,1) 2
//            channel  A0 memtile(0,1) mm2s
//              bd     A@0.0 offset=0 words=8192 [4x1 4x32 8x4 64x128] take A@0.read:1 ... next=1
//            ...
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "compiler/matmul/limits.h"
#include "compiler/matmul/passes/passes.h"
#include "compiler/matmul/passes/walk.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

/// Locks of an L2 buffer as its writer `writer` and its readers see them.
struct Pair {
  int write = 0;  ///< index into Design::locks
  int read = 0;
  Credits credits;
};

class Builder {
 public:
  explicit Builder(Schedule& s) : s_(s), d_(s.design) {}

  void run() {
    d_.name = fmt::format("matmul_{}x{}x{}", s_.problem.m, s_.problem.k, s_.problem.n);
    d_.partition = s_.partition;
    for (const L2Buffer& buffer : s_.l2)
      add_l2(buffer);
    for (const HerdCore& core : s_.place->cores)
      add_core(core);
    for (const Stream& stream : s_.streams)
      add_stream(stream);
  }

 private:
  struct L2 {
    std::vector<int> buffers;    ///< by depth
    std::vector<Pair> pairs;     ///< one, or one for each writer
    uint64_t half = 0;           ///< words to the next of `buffers` when they are one
    std::vector<int> sums = {};  ///< locks: a core's part of C is there to go down
  };
  struct L1 {
    std::vector<int> buffers;
    int free = 0;
    int full = 0;
    int loaded = 0;   ///< of C: came down
    int partial = 0;  ///< of C: is to go up and come down again
  };

  int add_buffer(std::string name, Coord tile, Type type, std::vector<int64_t> shape) {
    d_.buffers.push_back(
        {.name = std::move(name), .tile = tile, .type = type, .shape = std::move(shape)});
    return static_cast<int>(d_.buffers.size()) - 1;
  }
  int add_lock(std::string name, Coord tile, int initial) {
    d_.locks.push_back({.name = std::move(name), .tile = tile, .initial = initial});
    return static_cast<int>(d_.locks.size()) - 1;
  }
  std::vector<int> add_buffers(const std::string& name, Coord tile, Type type,
                               const std::vector<int64_t>& shape, int depth) {
    std::vector<int> buffers;
    for (int i = 0; i < depth; ++i)
      buffers.push_back(
          add_buffer(depth == 1 ? name : fmt::format("{}.{}", name, i), tile, type, shape));
    return buffers;
  }

  void add_l2(const L2Buffer& buffer) {
    const Coord tile{static_cast<uint8_t>(buffer.column), 1};
    const int writers = static_cast<int>(buffer.writers.size());
    const int readers = static_cast<int>(buffer.readers.size());
    std::vector<int64_t> shape{buffer.rows, buffer.cols};
    if (s_.column_major(buffer.operand))
      std::swap(shape[0], shape[1]);
    if (buffer.operand == Operand::C && s_.filled_in_l2()) {
      add_sums(buffer, tile, shape);
      return;
    }
    if (buffer.operand != Operand::C && s_.steps_alone(buffer.operand)) {
      add_row_of_steps(buffer, tile, shape);
      return;
    }
    L2 l2{.buffers = add_buffers(buffer.name, tile, buffer.type, shape, buffer.depth), .pairs = {}};
    if (has_margin(buffer))
      for (const int each : l2.buffers)
        fill_margin(d_.buffers[each], margin_bits(buffer.operand, buffer.type));
    const auto add_pair = [&](const std::string& suffix, Credits credits) {
      const int initial = std::max(credits.writer, credits.reader) * buffer.depth;
      l2.pairs.push_back({add_lock(buffer.name + ".write" + suffix, tile, initial),
                          add_lock(buffer.name + ".read" + suffix, tile, 0), credits});
    };
    if (s_.options.l2_locks == L2Locks::PerWriter && writers > 1)
      for (int i = 0; i < writers; ++i)
        add_pair(fmt::to_string(i), credits(1, readers));
    else
      add_pair("", credits(writers, readers));
    l2_.push_back(std::move(l2));
  }

  /// A piece of C that L3 fills, and that goes down to its cores and up again. Writers need no lock
  /// of their own: a sum can come up only after it has come down.
  void add_sums(const L2Buffer& buffer, Coord tile, const std::vector<int64_t>& shape) {
    L2 l2{.buffers = add_buffers(buffer.name, tile, buffer.type, shape, 1), .pairs = {}};
    const int writers = static_cast<int>(buffer.writers.size());
    l2.pairs.push_back({add_lock(buffer.name + ".write", tile, writers),
                        add_lock(buffer.name + ".read", tile, 0), credits(writers, 1)});
    for (int i = 0; i < writers; ++i)
      l2.sums.push_back(add_lock(fmt::format("{}.sum{}", buffer.name, i), tile, 0));
    l2_.push_back(std::move(l2));
  }

  /// Both halves of a slice as one buffer, so that one descriptor can go from step to step through
  /// both. Its locks count steps.
  void add_row_of_steps(const L2Buffer& buffer, Coord tile, const std::vector<int64_t>& shape) {
    constexpr int64_t kMostSteps = 31;  // a lock counts those of both halves
    const int64_t steps = s_.inner_steps();
    if (steps > kMostSteps)
      throw Error("schedule {}: {} has {} steps of k={}, a lock counts {}", s_.variant->name,
                  buffer.name, steps, core().k, kMostSteps)
          .hint("a shorter K slice in L2");
    const int both = add_buffer(buffer.name, tile, buffer.type, {buffer.depth, shape[0], shape[1]});
    L2 l2{.buffers = std::vector<int>(static_cast<size_t>(buffer.depth), both),
          .pairs = {},
          .half = words(buffer.rows * buffer.cols, buffer.type)};
    if (has_margin(buffer))
      fill_margin(d_.buffers[both], margin_bits(buffer.operand, buffer.type));
    const int count = static_cast<int>(steps);
    l2.pairs.push_back({add_lock(buffer.name + ".write", tile, count * buffer.depth),
                        add_lock(buffer.name + ".read", tile, 0), Credits{count, 1}});
    l2_.push_back(std::move(l2));
  }

  /// Whether L3 has less than a buffer of A or B holds.
  bool has_margin(const L2Buffer& buffer) const {
    return buffer.operand != Operand::C &&
           std::ranges::any_of(buffer.writers, [&](const Access& writer) {
             return s_.clipped(buffer.operand, writer.tile) != writer.tile;
           });
  }

  void add_core(const HerdCore& core) {
    for (const L1Buffer& buffer : s_.l1) {
      const std::string name = fmt::format("{}({},{})", buffer.name, core.tile.col, core.tile.row);
      L1 l1{.buffers = add_buffers(name, core.tile, buffer.type, buffer.shape, buffer.depth)};
      if (buffer.name == "acc")
        continue;
      l1.free = add_lock(name + ".free", core.tile, buffer.depth);
      l1.full = add_lock(name + ".full", core.tile, 0);
      if (buffer.name == "C" && s_.filled_in_l2()) {
        l1.loaded = add_lock(name + ".loaded", core.tile, 0);
        if (s_.variant->c_copy != Level::Launch)
          l1.partial = add_lock(name + ".partial", core.tile, 0);
      }
      l1_[{core.tile, buffer.name[0]}] = std::move(l1);
    }
  }

  const Shape& core() const { return s_.tiles.core; }
  const Shape& block() const { return s_.tiles.pack; }

  /// Whether L2 has a slice K step by K step, where L3 has it row by row or column by column: A so
  /// that one descriptor packs all steps, B so that its steps are evenly apart.
  bool lies_by_steps(Operand operand) const {
    return operand == Operand::A ? !s_.column_major(operand)
                                 : s_.column_major(operand) && s_.steps_alone(operand);
  }

  /// A slice of A or B as it arrives from L3, row by row of its order in L3. Where L3 has less than
  /// the slice, the rest stays as it is.
  Descriptor store_slice(const L2Buffer& buffer, const Access& access) const {
    const Type type = buffer.type;
    const Region there = s_.clipped(buffer.operand, access.tile);
    const auto steps = static_cast<uint64_t>(s_.inner_steps());
    if (lies_by_steps(buffer.operand) && steps > 1) {
      const bool is_a = buffer.operand == Operand::A;
      const uint64_t run = words(core().k, type);
      const auto pitch = static_cast<uint64_t>(is_a ? buffer.rows : buffer.cols) * run;
      return walk(
          {{run, 1}, {steps, pitch}, {static_cast<uint64_t>(is_a ? there.rows : there.cols), run}});
    }
    if (s_.column_major(buffer.operand))
      return walk({{words(there.rows, type), 1},
                   {static_cast<uint64_t>(there.cols), words(buffer.rows, type)}});
    return walk({{words(there.cols, type), 1},
                 {static_cast<uint64_t>(there.rows), words(buffer.cols, type)}});
  }

  /// Steps of a slice on their way to the cores, in packed blocks, K step by K step.
  Descriptor load_steps(Operand operand, int64_t count) const {
    const Type type = s_.type_of(operand);
    const auto steps = static_cast<uint64_t>(count);
    const auto k = static_cast<uint64_t>(core().k);
    const uint64_t side = operand == Operand::A ? core().m : core().n;
    const uint64_t block_side = operand == Operand::A ? block().m : block().n;
    const uint64_t block_k = block().k;
    const uint64_t k_run = words(block().k, type);
    const uint64_t side_run = words(operand == Operand::A ? block().m : block().n, type);
    const uint64_t side_pitch = words(operand == Operand::A ? core().m : core().n, type);
    if (operand == Operand::A && !s_.column_major(operand)) {
      const uint64_t pitch = words(core().k, type);
      return walk({{k_run, 1},
                   {block_side, pitch},
                   {k / block_k, k_run},
                   {steps * (side / block_side), block_side * pitch}});
    }
    if (operand == Operand::A)  // lies [k][m]: blocks [m][k][bk][bm]
      return walk(
          {{side_run, 1}, {k, side_pitch}, {side / block_side, side_run}, {steps, k * side_pitch}});
    if (!s_.column_major(operand))  // lies [k][n]: blocks [k][n][bk][bn]
      return walk({{side_run, 1},
                   {block_k, side_pitch},
                   {side / block_side, side_run},
                   {steps * (k / block_k), block_k * side_pitch}});
    if (lies_by_steps(operand)) {  // lies [step][n][k]
      const uint64_t pitch = words(core().k, type);
      return walk({{k_run, 1}, {side, pitch}, {k / block_k, k_run}, {steps, side * pitch}});
    }
    const uint64_t pitch = words(s_.tiles.l2.k, type);  // lies [n][k]: blocks [k][n][bn][bk]
    return walk({{k_run, 1}, {side, pitch}, {steps * (k / block_k), k_run}});
  }

  /// Words from one step of a slice to the next.
  uint64_t step_words(Operand operand) const {
    const Type type = s_.type_of(operand);
    if (operand == Operand::B && s_.column_major(operand) && !lies_by_steps(operand))
      return words(core().k, type);
    return words((operand == Operand::A ? core().m : core().n) * core().k, type);
  }

  /// What leaves a slice at a time: all of it, or a step, another each time.
  Descriptor load_slice(Operand operand, int phase, int depth) const {
    const int64_t steps = s_.inner_steps();
    const bool by_row = s_.steps_alone(operand);
    if (s_.variant->l3_copy != Level::InnerK && !by_row)
      return load_steps(operand, steps);
    Descriptor descriptor = load_steps(operand, 1);
    const int64_t apart = by_row ? 1 : std::min<int64_t>(depth, steps);
    descriptor.iteration_step = static_cast<uint64_t>(apart) * step_words(operand);
    descriptor.iteration_size = static_cast<int>(by_row ? depth * steps : steps / apart);
    if (!by_row && apart > 1)
      descriptor.offset = static_cast<uint64_t>(phase) * step_words(operand);
    return descriptor;
  }

  /// The tile of one core as it arrives in a piece of C: blocks [m][n][bm][bn] into rows. It leaves
  /// it the same way.
  Descriptor unpack(const L2Buffer& buffer, const Region& region) const {
    const uint64_t pitch = words(buffer.cols, buffer.type);
    const uint64_t run = words(block().n, buffer.type);
    const uint64_t block_m = block().m;
    Descriptor descriptor =
        walk({{run, 1},
              {block_m, pitch},
              {static_cast<uint64_t>(region.cols / block().n), run},
              {static_cast<uint64_t>(region.rows / block().m), block_m * pitch}});
    descriptor.offset = offset_of(buffer, region);
    return descriptor;
  }

  /// A region of a piece of C on its way to L3, row by row.
  Descriptor load_rows(const L2Buffer& buffer, const Region& region, const Region& there) const {
    Descriptor descriptor =
        walk({{words(there.cols, buffer.type), 1},
              {static_cast<uint64_t>(there.rows), words(buffer.cols, buffer.type)}});
    descriptor.offset = offset_of(buffer, region);
    return descriptor;
  }

  static uint64_t offset_of(const L2Buffer& buffer, const Region& region) {
    return words(region.row * buffer.cols + region.col, buffer.type);
  }

  int add_channel(const Stream& stream, Coord tile, Direction direction,
                  std::vector<Descriptor> ring) {
    for (size_t i = 0; i < ring.size(); ++i)
      ring[i].next = static_cast<int>((i + 1) % ring.size());
    d_.channels.push_back({.name = stream.name,
                           .tile = tile,
                           .direction = direction,
                           .descriptors = std::move(ring),
                           .tasks = {{.first = 0}}});
    return static_cast<int>(d_.channels.size()) - 1;
  }

  /// The memory tile's side of a stream: its pieces in turn, then their other halves.
  int add_l2_channel(const Stream& stream) {
    if (!stream.ways.empty())
      return add_packet_channel(stream);
    const bool writes = stream.hop == Hop::L3ToL2 || stream.hop == Hop::L1ToL2;
    std::vector<Descriptor> ring;
    for (int phase = 0; phase < s_.l2[stream.uses[0].buffer].depth; ++phase)
      for (const Stream::Use& use : stream.uses)
        writes ? add_write(ring, stream, use, phase) : add_read(ring, stream, use, phase);
    const Coord tile = writes ? stream.destinations[0] : stream.source;
    return add_channel(stream, tile, writes ? Direction::S2mm : Direction::Mm2s, std::move(ring));
  }

  /// A memory tile's stream of packets: round by round, until the halves are as they were.
  int add_packet_channel(const Stream& stream) {
    std::vector<Descriptor> ring;
    int turn = 0;
    int depth = 1;
    do {
      int turns = 0;
      for (size_t i = 0; i < stream.uses.size(); ++i) {
        const Stream::Use& use = stream.uses[i];
        const L2Buffer& buffer = s_.l2[use.buffer];
        if (buffer.operand == Operand::C) {
          ring.push_back(load_sum(buffer, use));
        } else {
          depth = l2_[use.buffer].half > 0 ? 1 : buffer.depth;
          turns = std::max(turns, use.turn + 1);
          ring.push_back(load_packet(stream, i, (turn + use.turn) % depth));
        }
        ring.back().packet = Packet{.id = stream.ways[use.way].packet};
      }
      turn += turns;
    } while (turn % depth != 0);
    return add_channel(stream, stream.source, Direction::Mm2s, std::move(ring));
  }

  /// A core's part of C on its way down.
  Descriptor load_sum(const L2Buffer& buffer, const Stream::Use& use) const {
    const L2& l2 = l2_[use.buffer];
    Descriptor descriptor = unpack(buffer, buffer.writers[use.access].region);
    descriptor.buffer = l2.buffers[0];
    descriptor.acquire = LockUse{l2.sums[use.access], 1};
    return descriptor;
  }

  /// A slice or step on its way down: the first core's turn takes it, the last core's gives it
  /// back.
  Descriptor load_packet(const Stream& stream, size_t at, int phase) const {
    const Stream::Use& use = stream.uses[at];
    const auto same = [&](const Stream::Use& other) {
      return other.buffer == use.buffer && other.turn == use.turn;
    };
    const bool first = std::none_of(stream.uses.begin(), stream.uses.begin() + at, same);
    const bool last = std::none_of(stream.uses.begin() + at + 1, stream.uses.end(), same);
    const L2Buffer& buffer = s_.l2[use.buffer];
    const L2& l2 = l2_[use.buffer];
    const Pair& pair = l2.pairs[0];
    Descriptor descriptor = load_slice(buffer.operand, phase, buffer.depth);
    descriptor.buffer = l2.buffers[phase];
    if (first)
      descriptor.acquire = LockUse{pair.read, pair.credits.reader};
    if (last)
      descriptor.release = LockUse{pair.write, pair.credits.reader};
    return descriptor;
  }

  void add_write(std::vector<Descriptor>& ring, const Stream& stream, Stream::Use use, int phase) {
    const L2Buffer& buffer = s_.l2[use.buffer];
    const L2& l2 = l2_[use.buffer];
    const Pair& pair = l2.pairs.size() > 1 ? l2.pairs[use.access] : l2.pairs[0];
    Descriptor descriptor = stream.operand == Operand::C
                                ? unpack(buffer, buffer.writers[use.access].region)
                                : store_slice(buffer, buffer.writers[use.access]);
    descriptor.buffer = l2.buffers[phase];
    descriptor.offset += static_cast<uint64_t>(phase) * l2.half;
    if (l2.sums.empty()) {
      guard(descriptor, pair.write, pair.read, pair.credits.writer);
    } else if (stream.hop == Hop::L3ToL2) {
      guard(descriptor, pair.write, l2.sums[use.access], 1);
    } else {
      descriptor.release = LockUse{stream.partial ? l2.sums[use.access] : pair.read, 1};
    }
    ring.push_back(std::move(descriptor));
  }

  void add_read(std::vector<Descriptor>& ring, const Stream& stream, Stream::Use use, int phase) {
    const L2Buffer& buffer = s_.l2[use.buffer];
    const L2& l2 = l2_[use.buffer];
    for (size_t i = 0; i < l2.pairs.size(); ++i) {
      const Pair& pair = l2.pairs[i];
      Region region = buffer.readers[use.access].region;
      Region there = s_.clipped(stream.operand, buffer.readers[use.access].tile);
      if (l2.pairs.size() > 1) {  // a strip for each writer, each behind its own lock
        region.col = buffer.writers[i].region.col;
        region.cols = there.cols = buffer.writers[i].region.cols;
      }
      Descriptor descriptor = stream.operand == Operand::C
                                  ? load_rows(buffer, region, there)
                                  : load_slice(stream.operand, phase, buffer.depth);
      descriptor.buffer = l2.buffers[phase];
      guard(descriptor, pair.read, pair.write, pair.credits.reader);
      ring.push_back(std::move(descriptor));
    }
  }

  Descriptor whole(int buffer, int take, int give) const {
    Descriptor descriptor{.buffer = buffer, .length = d_.buffers[buffer].bytes() / 4};
    guard(descriptor, take, give, 1);
    return descriptor;
  }

  int add_core_channel(const Stream& stream, Coord tile) {
    const L1& l1 = l1_.at({tile, to_char(stream.operand)});
    std::vector<Descriptor> ring;
    if (stream.hop == Hop::L2ToL1 && stream.operand == Operand::B && s_.filled_in_l2())
      return add_channel(stream, tile, Direction::S2mm, ring_with_sums(l1, tile));
    for (const int buffer : l1.buffers)
      if (stream.hop == Hop::L2ToL1)
        ring.push_back(whole(buffer, l1.free, l1.full));
      else
        ring.push_back(whole(buffer, stream.partial ? l1.partial : l1.full, l1.free));
    return add_channel(stream, tile, stream.hop == Hop::L2ToL1 ? Direction::S2mm : Direction::Mm2s,
                       std::move(ring));
  }

  /// C, then its steps of B, until B's halves are as they were.
  std::vector<Descriptor> ring_with_sums(const L1& b, Coord tile) const {
    const L1& c = l1_.at({tile, 'C'});
    const int64_t steps = s_.steps_a_copy();
    const auto depth = static_cast<int64_t>(b.buffers.size());
    const int64_t rounds = steps % depth == 0 ? 1 : depth;
    std::vector<Descriptor> ring;
    for (int64_t i = 0; i < rounds * steps; ++i) {
      if (i % steps == 0)
        ring.push_back(whole(c.buffers[0], c.free, c.loaded));
      ring.push_back(whole(b.buffers[static_cast<size_t>(i % depth)], b.free, b.full));
    }
    return ring;
  }

  Endpoint shim_end(const Stream& stream, Coord tile, Direction direction) {
    d_.shim_channels.push_back({.name = stream.name, .col = tile.col, .direction = direction});
    return {.tile = tile, .shim_channel = static_cast<int>(d_.shim_channels.size()) - 1};
  }

  Endpoint end(const Stream& stream, Coord tile, bool is_source) {
    if (tile.kind() == arch::TileKind::Shim)
      return shim_end(stream, tile, is_source ? Direction::Mm2s : Direction::S2mm);
    const int channel = tile.kind() == arch::TileKind::Memtile ? add_l2_channel(stream)
                                                               : add_core_channel(stream, tile);
    return {.tile = tile, .design_channel = channel};
  }

  /// Flows of packets leave by one channel, and those to the same tile end in one.
  void add_packets(const Stream& stream) {
    const Endpoint source = end(stream, stream.source, true);
    std::map<Coord, Endpoint> ends;
    for (const Coord tile : stream.destinations)
      ends[tile] = end(stream, tile, false);
    for (const Stream::Way& way : stream.ways) {
      Flow flow{.name = fmt::format("{}.{}", stream.name, way.packet),
                .source = source,
                .packet_id = way.packet};
      for (const Coord tile : way.destinations)
        flow.destinations.push_back(ends.at(tile));
      d_.flows.push_back(std::move(flow));
    }
  }

  void add_stream(const Stream& stream) {
    if (!stream.ways.empty()) {
      add_packets(stream);
      return;
    }
    Flow flow{.name = stream.name, .source = end(stream, stream.source, true)};
    for (const Coord tile : stream.destinations)
      flow.destinations.push_back(end(stream, tile, false));
    d_.flows.push_back(std::move(flow));
  }

  Schedule& s_;
  Design& d_;
  std::vector<L2> l2_;
  std::map<std::pair<Coord, char>, L1> l1_;
};

}  // namespace

void descriptors(Schedule& s) {
  Builder(s).run();
  check_limits(s.design);
}

}  // namespace npu::compiler::matmul
