// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Object fifos as buffers, locks, descriptors and flows. Two ends whose cores reach one memory
// share one pool of buffers; others have a pool each and a stream between them. A link joins the
// pools of its fifos into one, whose slices have a pair of locks each.
#include "compiler/import/objectfifo.h"

#include <algorithm>

#include "compiler/design/reach.h"

namespace npu::compiler::import {

namespace {

using arch::TileKind;

/// Buffers of one tile that are filled and emptied in turn, and their locks.
struct Pool {
  Coord tile = {};
  std::vector<int> buffers = {};
  /// Pairs of locks, one for each slice: `free` counts what can be filled, `full` what is filled.
  struct Slice {
    int free = -1;
    int full = -1;
    uint64_t offset = 0;  ///< words
    uint64_t length = 0;
  };
  std::vector<Slice> slices = {};
};

/// How one fifo uses a pool at one end.
struct Use {
  int pool = -1;   ///< -1: a shim, which has none
  int slice = -1;  ///< -1: all of them
};

class Fifos {
 public:
  explicit Fifos(State& state)
      : state_(state), fifos_(read_fifos(state)), links_(read_links(state, fifos_)) {
    produced_.resize(fifos_.size());
    consumed_.resize(fifos_.size());
    for (size_t i = 0; i < fifos_.size(); ++i)
      consumed_[i].resize(fifos_[i].consumers.size());
  }

  void run() {
    for (const FifoLink& link : links_)
      join_pools(link);
    for (size_t i = 0; i < fifos_.size(); ++i)
      if (shares_memory(i))
        share(i);
      else
        connect(i);
  }

 private:
  bool is_linked(size_t fifo) const {
    return std::ranges::any_of(links_, [&](const FifoLink& link) {
      const auto number = static_cast<int>(fifo);
      return std::ranges::count(link.in, number) + std::ranges::count(link.out, number) > 0;
    });
  }

  bool shares_memory(size_t index) const {
    const Fifo& fifo = fifos_[index];
    const bool moved = fifo.via_dma || fifo.consumers.size() != 1 || is_linked(index) ||
                       fifo.repeat || !fifo.producer.dims.empty() ||
                       !fifo.consumers[0].dims.empty() || !fifo.pads.empty();
    if (moved && fifo.delegate)
      throw state_.error(*fifo.op, "its objects go through a DMA, and not to the memory of {}",
                         arch::to_string(*fifo.delegate));
    return !moved && shared_tile(fifo).has_value();
  }

  /// The memory that the cores of both ends reach: what the text says, else the producer's if it
  /// can be.
  static std::optional<Coord> shared_tile(const Fifo& fifo) {
    const Coord from = fifo.producer.tile;
    const Coord to = fifo.consumers[0].tile;
    if (fifo.delegate)
      return fifo.delegate;
    if (from.kind() != TileKind::Core || to.kind() != TileKind::Core)
      return std::nullopt;
    if (core_window(to, from))
      return from;
    if (core_window(from, to))
      return to;
    return std::nullopt;
  }

  /// Buffers and locks; `initial` objects are full at the start.
  int make_pool(const Fifo& fifo, const std::string& name, Coord tile, int depth, size_t slices,
                int turns, bool initial) {
    if (tile.kind() == TileKind::Shim)
      throw state_.error(*fifo.op, "{} has no memory for objects", arch::to_string(tile));
    Pool pool{.tile = tile};
    const size_t full = initial ? fifo.initial.size() : 0;
    if (full > static_cast<size_t>(depth))
      throw state_.error(*fifo.op, "{} initial values for {} objects", full, depth);
    if (fifo.elements() * arch::bytes_of(fifo.type) % 4 != 0)
      throw state_.error(*fifo.op, "objects of {} bytes are not a multiple of 4",
                         fifo.elements() * arch::bytes_of(fifo.type));
    for (int i = 0; i < depth; ++i) {
      Buffer buffer{.name = fmt::format("{}_buff_{}", name, i),
                    .tile = tile,
                    .type = fifo.type,
                    .shape = fifo.shape,
                    .source = state_.source(*fifo.op)};
      if (static_cast<size_t>(i) < full)
        buffer.initial =
            initial_words(state_, *fifo.op, fifo.initial[static_cast<size_t>(i)], buffer);
      pool.buffers.push_back(state_.add_buffer(std::move(buffer)));
    }
    for (size_t i = 0; i < slices; ++i) {
      const auto lock = [&](std::string_view role, int value) {
        return state_.add_lock({.name = fmt::format("{}_{}_lock_{}", name, role, i),
                                .tile = tile,
                                .initial = value,
                                .source = state_.source(*fifo.op)});
      };
      const int filled = static_cast<int>(full);
      const int free = lock("prod", (depth - filled) * turns);
      pool.slices.push_back({free, lock("cons", filled * turns), 0, fifo.words()});
    }
    pools_.push_back(std::move(pool));
    return static_cast<int>(pools_.size()) - 1;
  }

  std::string consumer_name(const Fifo& fifo, size_t consumer) const {
    return fifo.consumers.size() == 1 ? fifo.name + "_cons"
                                      : fmt::format("{}_{}_cons", fifo.name, consumer);
  }

  size_t consumer_at(const FifoLink& link, int fifo, Coord tile) const {
    const auto& consumers = fifos_[static_cast<size_t>(fifo)].consumers;
    const auto at = std::ranges::find(consumers, tile, &FifoTile::tile);
    if (at == consumers.end())
      throw state_.error(*link.op, "`{}` has no consumer in {}, where `{}` is produced",
                         fifos_[static_cast<size_t>(fifo)].name, arch::to_string(tile),
                         fifos_[static_cast<size_t>(link.out[0])].name);
    return static_cast<size_t>(at - consumers.begin());
  }

  /// One pool for all fifos of a link, in the objects of the larger side; what is larger by its
  /// padding is not larger in memory.
  void join_pools(const FifoLink& link) {
    const bool join = link.in.size() > 1;
    const std::vector<int>& parts = join ? link.in : link.out;
    const Fifo& first_in = fifos_[static_cast<size_t>(link.in[0])];
    const Fifo& first_out = fifos_[static_cast<size_t>(link.out[0])];
    const bool own_out = join || (link.out.size() == 1 && first_out.pads.empty() &&
                                  first_out.words() > first_in.words());
    const Fifo& owner = own_out ? first_out : first_in;
    const Coord tile = first_out.producer.tile;
    const size_t consumer = consumer_at(link, link.in[0], tile);
    const int depth = own_out ? first_out.producer.depth : first_in.consumers[consumer].depth;
    const std::string name = own_out ? owner.name : consumer_name(owner, consumer);
    const int turns = first_out.repeat.value_or(1);
    const int pool = make_pool(owner, name, tile, depth, parts.size(), turns,
                               !first_out.initial.empty() && own_out);
    slice(link, pool, parts, join ? link.in_offsets : link.out_offsets);
    const bool sliced = parts.size() > 1;
    for (size_t i = 0; i < link.in.size(); ++i)
      consumed_[static_cast<size_t>(link.in[i])][consumer_at(link, link.in[i], tile)] = {
          pool, join && sliced ? static_cast<int>(i) : -1};
    for (size_t i = 0; i < link.out.size(); ++i)
      produced_[static_cast<size_t>(link.out[i])] = {pool,
                                                     !join && sliced ? static_cast<int>(i) : -1};
  }

  /// Where the parts of a join or a distribution lie in the whole objects.
  void slice(const FifoLink& link, int pool, const std::vector<int>& parts,
             const std::vector<int64_t>& offsets) {
    if (parts.size() < 2)
      return;
    uint64_t next = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      const Fifo& part = fifos_[static_cast<size_t>(parts[i])];
      Pool::Slice& slice = pools_[static_cast<size_t>(pool)].slices[i];
      slice.offset = i < offsets.size() ? words(state_, *link.op, static_cast<uint64_t>(offsets[i]),
                                                arch::bytes_of(part.type), "an offset")
                                        : next;
      slice.length = part.words();
      next = slice.offset + slice.length;
    }
  }

  void share(size_t index) {
    const Fifo& fifo = fifos_[index];
    const int pool = make_pool(fifo, fifo.name, *shared_tile(fifo),
                               fifo.shared_depth.value_or(fifo.producer.depth), 1, 1, true);
    for_core(fifo, fifo.producer.tile, true, pool);
    for_core(fifo, fifo.consumers[0].tile, false, pool);
  }

  /// What the core of a tile sees of the fifo.
  void for_core(const Fifo& fifo, Coord tile, bool producer, int pool) {
    const Pool& of = pools_[static_cast<size_t>(pool)];
    const Pool::Slice& locks = of.slices.at(0);
    state_.fifos[{fifo.name, tile, producer}] = {.name = fifo.name,
                                                 .acquire_lock = producer ? locks.free : locks.full,
                                                 .release_lock = producer ? locks.full : locks.free,
                                                 .elements = of.buffers};
  }

  void connect(size_t index) {
    const Fifo& fifo = fifos_[index];
    Flow flow{.name = fifo.name, .source_location = state_.source(*fifo.op)};
    flow.source = end(index, fifo.producer, produced_[index], fifo.name, Direction::Mm2s);
    for (size_t i = 0; i < fifo.consumers.size(); ++i)
      flow.destinations.push_back(end(index, fifo.consumers[i], consumed_[index][i],
                                      consumer_name(fifo, i), Direction::S2mm));
    state_.design.flows.push_back(std::move(flow));
  }

  Endpoint end(size_t index, const FifoTile& at, Use use, const std::string& name,
               Direction direction) {
    const Fifo& fifo = fifos_[index];
    if (at.tile.kind() == TileKind::Shim)
      return {.tile = at.tile, .shim_channel = shim_channel(fifo, at.tile, direction)};
    const bool producer = direction == Direction::Mm2s;
    if (use.pool < 0) {
      const int turns = producer ? fifo.repeat.value_or(1) : 1;
      if (turns > 1 && at.tile.kind() == TileKind::Core)
        throw state_.error(*fifo.op, "a repeat of {} from a core is not lowered", turns);
      use = {make_pool(fifo, name, at.tile, at.depth, 1, turns, producer), -1};
      for_core(fifo, at.tile, producer, use.pool);
    } else if (at.tile.kind() == TileKind::Core) {
      for_core(fifo, at.tile, producer, use.pool);
    }
    return {.tile = at.tile, .design_channel = channel(fifo, at, use, direction)};
  }

  int shim_channel(const Fifo& fifo, Coord tile, Direction direction) {
    if (const auto found = state_.shim_names.find(fifo.name); found != state_.shim_names.end())
      return found->second;
    const auto index = static_cast<int>(state_.design.shim_channels.size());
    state_.design.shim_channels.push_back({.name = fifo.name,
                                           .col = tile.col,
                                           .direction = direction,
                                           .source = state_.source(*fifo.op)});
    state_.shim_names[fifo.name] = index;
    return index;
  }

  /// Which slices of the pool's objects the fifo moves at this end, with the locks it waits for
  /// and gives.
  int channel(const Fifo& fifo, const FifoTile& at, Use use, Direction direction) {
    const Pool& pool = pools_[static_cast<size_t>(use.pool)];
    const bool producer = direction == Direction::Mm2s;
    const int again = producer ? fifo.repeat.value_or(1) : 1;
    const bool whole = use.slice < 0;
    const size_t first = whole ? 0 : static_cast<size_t>(use.slice);
    const size_t last = whole ? pool.slices.size() : first + 1;
    if (last - first > 1 && !at.dims.empty())
      throw state_.error(*fifo.op, "dimensions across {} slices of a link are not lowered",
                         last - first);
    Channel made{.name = fifo.name,
                 .tile = at.tile,
                 .direction = direction,
                 .source = state_.source(*fifo.op)};
    if (producer)
      import_pad_value(state_, *fifo.op, "padValue", made);
    for (const int buffer : pool.buffers)
      for (int turn = 0; turn < again; ++turn)
        for (size_t i = first; i < last; ++i)
          made.descriptors.push_back(
              descriptor(fifo, at, pool.slices[i], buffer, producer, turns_of(use.pool, producer)));
    for (size_t i = 0; i < made.descriptors.size(); ++i)
      made.descriptors[i].next = static_cast<int>((i + 1) % made.descriptors.size());
    made.tasks.push_back({.first = 0});
    state_.design.channels.push_back(std::move(made));
    return static_cast<int>(state_.design.channels.size()) - 1;
  }

  /// What fills a pool that is sent several times counts for each time.
  int turns_of(int pool, bool producer) const {
    if (producer)
      return 1;
    for (size_t i = 0; i < fifos_.size(); ++i)
      if (produced_[i].pool == pool)
        return fifos_[i].repeat.value_or(1);
    return 1;
  }

  Descriptor descriptor(const Fifo& fifo, const FifoTile& at, const Pool::Slice& slice, int buffer,
                        bool producer, int turns) const {
    const uint32_t bytes = arch::bytes_of(fifo.type);
    Descriptor made{.buffer = buffer,
                    .offset = slice.offset,
                    .length = slice.length,
                    .dims = dims_in_words(state_, *fifo.op, at.dims, bytes),
                    .source = state_.source(*fifo.op)};
    if (producer && !fifo.pads.empty()) {
      made.pads = fifo.pads;
      made.pads.resize(std::max(made.dims.size(), made.pads.size()));
      pad(fifo, made, bytes);
    }
    if (fifo.disable_synchronization)
      return made;
    made.acquire = LockUse{.lock = producer ? slice.full : slice.free, .value = turns};
    made.release = LockUse{.lock = producer ? slice.free : slice.full, .value = turns};
    return made;
  }

  /// A padded walk sends the padding too.
  void pad(const Fifo& fifo, Descriptor& made, uint32_t bytes) const {
    if (bytes < 4)
      for (int* side : {&made.pads[0].before, &made.pads[0].after})
        *side = static_cast<int>(
            words(state_, *fifo.op, static_cast<uint64_t>(*side), bytes, "a padding"));
    made.length = 1;
    for (size_t i = 0; i < made.dims.size(); ++i)
      made.length *= made.dims[i].size + static_cast<uint64_t>(made.pads[i].before) +
                     static_cast<uint64_t>(made.pads[i].after);
  }

  State& state_;
  std::vector<Fifo> fifos_;
  std::vector<FifoLink> links_;
  std::vector<Pool> pools_;
  std::vector<Use> produced_;               ///< by fifo
  std::vector<std::vector<Use>> consumed_;  ///< by fifo and consumer
};

void import_shim_allocations(State& state) {
  for (const Op* op : all(state, "aie.shim_dma_allocation")) {
    const std::string name = mlir::name_of(*op, "sym_name");
    if (!op->operands.empty() && state.tile(*op, 0).kind() != TileKind::Shim)
      throw state.error(*op, "`{}` is a channel of {}, and not of a shim", name,
                        arch::to_string(state.tile(*op, 0)));
    const int64_t col = op->operands.empty() ? state.integer(*op, "col") : state.tile(*op, 0).col;
    state.shim_names[name] = static_cast<int>(state.design.shim_channels.size());
    if (const auto packet = state.packet(*op))
      state.shim_packets[name] = *packet;
    state.design.shim_channels.push_back({.name = name,
                                          .col = static_cast<int>(col),
                                          .direction = state.direction(*op, "channel_dir"),
                                          .index = state.small(*op, "channel_index"),
                                          .source = state.source(*op)});
  }
}

}  // namespace

void import_objectfifos(State& state) {
  import_shim_allocations(state);
  Fifos(state).run();
}

}  // namespace npu::compiler::import
