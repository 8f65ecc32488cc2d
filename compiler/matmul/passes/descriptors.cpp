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

namespace npu::compiler::matmul {

namespace {

constexpr uint64_t kMaxWrap = 1023;  ///< of a memtile descriptor (hardware reference 4.1)

uint64_t words(int64_t elements, Type type) {
  return static_cast<uint64_t>(elements) * arch::bytes_of(type) / 4;
}

/// Drops dimensions of one and joins those that walk on where the inner one ends; empty when all is
/// one run.
std::vector<Dim> tidy(const std::vector<Dim>& dims) {
  std::vector<Dim> result;
  uint64_t length = 1;
  bool linear = true;
  for (const Dim& dim : dims) {
    linear &= dim.size == 1 || dim.step == length;
    length *= dim.size;
    if (dim.size == 1)
      continue;
    if (!result.empty() && dim.step == result.back().size * result.back().step &&
        result.back().size * dim.size <= kMaxWrap)
      result.back().size *= dim.size;
    else
      result.push_back(dim);
  }
  return linear ? std::vector<Dim>{} : result;
}

Descriptor walk(const std::vector<Dim>& dims) {
  Descriptor descriptor{.length = 1, .dims = tidy(dims)};
  for (const Dim& dim : dims)
    descriptor.length *= dim.size;
  return descriptor;
}

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
    std::vector<int> buffers;  ///< by depth
    std::vector<Pair> pairs;   ///< one, or one for each writer
  };
  struct L1 {
    std::vector<int> buffers;
    int free = 0;
    int full = 0;
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

  /// Whether L3 has less than a buffer of A or B holds.
  bool has_margin(const L2Buffer& buffer) const {
    return buffer.operand != Operand::C &&
           std::ranges::any_of(buffer.writers, [&](const Access& writer) {
             return s_.clipped(buffer.operand, writer.tile) != writer.tile;
           });
  }

  /// The whole buffer: what arrives leaves the margin as it is.
  static void fill_margin(Buffer& buffer, uint32_t element) {
    const uint32_t word = arch::bytes_of(buffer.type) == 2 ? element << 16 | element : element;
    buffer.initial.assign(buffer.bytes() / 4, word);
  }

  void add_core(const HerdCore& core) {
    for (const L1Buffer& buffer : s_.l1) {
      const std::string name = fmt::format("{}({},{})", buffer.name, core.tile.col, core.tile.row);
      L1 l1{.buffers = add_buffers(name, core.tile, buffer.type, buffer.shape, buffer.depth)};
      if (buffer.name == "acc")
        continue;
      l1.free = add_lock(name + ".free", core.tile, buffer.depth);
      l1.full = add_lock(name + ".full", core.tile, 0);
      l1_[{core.tile, buffer.name[0]}] = std::move(l1);
    }
  }

  const Shape& core() const { return s_.tiles.core; }
  const Shape& block() const { return s_.tiles.pack; }

  /// A slice of A or B as it arrives from L3, row by row of its order in L3. Where L3 has less than
  /// the slice, the rest stays as it is.
  Descriptor store_slice(const L2Buffer& buffer, const Access& access) const {
    const Type type = buffer.type;
    const Region there = s_.clipped(buffer.operand, access.tile);
    const auto steps = static_cast<uint64_t>(s_.inner_steps());
    if (s_.column_major(buffer.operand))
      return walk({{words(there.rows, type), 1},
                   {static_cast<uint64_t>(there.cols), words(buffer.rows, type)}});
    const auto rows = static_cast<uint64_t>(there.rows);
    if (buffer.operand == Operand::A && steps > 1) {
      const uint64_t run = words(core().k, type);
      const auto pitch = static_cast<uint64_t>(buffer.rows) * run;
      return walk({{run, 1}, {steps, pitch}, {rows, run}});
    }
    return walk({{words(there.cols, type), 1}, {rows, words(buffer.cols, type)}});
  }

  /// A slice of A or B on its way to the cores, in packed blocks, K step by K step.
  Descriptor load_slice(Operand operand) const {
    const Type type = s_.type_of(operand);
    const auto steps = static_cast<uint64_t>(s_.inner_steps());
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
    const uint64_t pitch = words(s_.tiles.l2.k, type);  // lies [n][k]: blocks [k][n][bn][bk]
    return walk({{k_run, 1}, {side, pitch}, {steps * (k / block_k), k_run}});
  }

  /// The tile of one core as it arrives in a piece of C: blocks [m][n][bm][bn] into rows.
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

  static void guard(Descriptor& descriptor, int take, int give, int value) {
    descriptor.acquire = LockUse{take, value};
    descriptor.release = LockUse{give, value};
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
    const bool writes = stream.hop == Hop::L3ToL2 || stream.hop == Hop::L1ToL2;
    std::vector<Descriptor> ring;
    for (int phase = 0; phase < s_.l2[stream.uses[0].buffer].depth; ++phase)
      for (const Stream::Use& use : stream.uses)
        writes ? add_write(ring, stream, use, phase) : add_read(ring, stream, use, phase);
    const Coord tile = writes ? stream.destinations[0] : stream.source;
    return add_channel(stream, tile, writes ? Direction::S2mm : Direction::Mm2s, std::move(ring));
  }

  void add_write(std::vector<Descriptor>& ring, const Stream& stream, Stream::Use use, int phase) {
    const L2Buffer& buffer = s_.l2[use.buffer];
    const L2& l2 = l2_[use.buffer];
    const Pair& pair = l2.pairs.size() > 1 ? l2.pairs[use.access] : l2.pairs[0];
    Descriptor descriptor = stream.operand == Operand::C
                                ? unpack(buffer, buffer.writers[use.access].region)
                                : store_slice(buffer, buffer.writers[use.access]);
    descriptor.buffer = l2.buffers[phase];
    guard(descriptor, pair.write, pair.read, pair.credits.writer);
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
      Descriptor descriptor = stream.operand == Operand::C ? load_rows(buffer, region, there)
                                                           : load_slice(stream.operand);
      descriptor.buffer = l2.buffers[phase];
      guard(descriptor, pair.read, pair.write, pair.credits.reader);
      ring.push_back(std::move(descriptor));
    }
  }

  int add_core_channel(const Stream& stream, Coord tile) {
    const L1& l1 = l1_.at({tile, to_char(stream.operand)});
    const bool writes = stream.hop == Hop::L2ToL1;
    std::vector<Descriptor> ring;
    for (const int buffer : l1.buffers) {
      Descriptor descriptor{.buffer = buffer, .length = d_.buffers[buffer].bytes() / 4};
      guard(descriptor, writes ? l1.free : l1.full, writes ? l1.full : l1.free, 1);
      ring.push_back(std::move(descriptor));
    }
    return add_channel(stream, tile, writes ? Direction::S2mm : Direction::Mm2s, std::move(ring));
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

  void add_stream(const Stream& stream) {
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
