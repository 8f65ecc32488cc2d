// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// DMA programs of core tiles and memtiles: blocks of descriptors after each `dma_start`, or the
// lists of `aie.dma`.
#include <algorithm>
#include <numeric>

#include "compiler/import/dma_blocks.h"
#include "compiler/mlir/cases.h"

namespace npu::compiler::import {

uint64_t words(const State& state, const Op& op, uint64_t elements, uint32_t element_bytes,
               std::string_view what) {
  if (elements * element_bytes % 4 != 0)
    throw state.error(op, "{} of {} bytes is not a multiple of 4", what, elements * element_bytes);
  return elements * element_bytes / 4;
}

std::vector<Dim> dims_in_words(const State& state, const Op& op, std::vector<Dim> dims,
                               uint32_t element_bytes) {
  std::ranges::reverse(dims);
  if (element_bytes == 4 || dims.empty())
    return dims;
  if (element_bytes > 4) {
    const uint64_t ratio = element_bytes / 4;
    for (Dim& dim : dims)
      dim.step *= ratio;
    dims.insert(dims.begin(), {ratio, 1});
    return dims;
  }
  if (dims[0].step != 1 && dims[0].size != 1)
    throw state.error(op,
                      "a stride of {} elements of {} bytes in the innermost dimension: a DMA "
                      "moves words of 4 bytes",
                      dims[0].step, element_bytes);
  dims[0] = {words(state, op, dims[0].size, element_bytes, "an innermost dimension"), 1};
  for (size_t i = 1; i < dims.size(); ++i)
    if (dims[i].size > 1)
      dims[i].step = words(state, op, dims[i].step, element_bytes, "a stride");
  return dims;
}

std::vector<Dim> dims_of(const State& state, const Op& op, std::string_view text) {
  std::vector<Dim> dims;
  for (const std::string_view piece : mlir::to_list(text)) {
    const auto size = mlir::integer_field(piece, "size");
    const auto stride = mlir::integer_field(piece, "stride");
    if (!size || !stride || *size < 1 || *stride < 0)
      throw state.error(op, "`{}` is no dimension", piece).hint("<size = 4, stride = 1>");
    dims.push_back({static_cast<uint64_t>(*size), static_cast<uint64_t>(*stride)});
  }
  return dims;
}

std::vector<Dim> dims_of(const State& state, const Op& op) {
  if (const mlir::Attribute* dimensions = op.attribute("dimensions"))
    return dims_of(state, op, dimensions->text);
  const mlir::Attribute* sizes = op.attribute("sizes");
  const mlir::Attribute* strides = op.attribute("strides");
  if (!sizes || !strides)
    return {};
  const auto size_list = mlir::to_list(sizes->text);
  const auto stride_list = mlir::to_list(strides->text);
  if (size_list.size() != stride_list.size())
    throw state.error(op, "{} sizes and {} strides", size_list.size(), stride_list.size());
  std::vector<Dim> dims;
  for (size_t i = 0; i < size_list.size(); ++i) {
    const auto size = mlir::to_integer(size_list[i]);
    const auto stride = mlir::to_integer(stride_list[i]);
    if (!size || !stride || *size < 1 || *stride < 0)
      throw state.error(op, "size `{}` and stride `{}` are no dimension", size_list[i],
                        stride_list[i]);
    dims.push_back({static_cast<uint64_t>(*size), static_cast<uint64_t>(*stride)});
  }
  return dims;
}

std::vector<Pad> pads_of(const State& state, const Op& op, std::string_view text) {
  std::vector<Pad> pads;
  for (const std::string_view piece : mlir::to_list(text)) {
    const auto before = mlir::integer_field(piece, "const_pad_before");
    const auto after = mlir::integer_field(piece, "const_pad_after");
    if (!before || !after)
      throw state.error(op, "`{}` is no padding", piece)
          .hint("<const_pad_before = 1, const_pad_after = 1>");
    pads.push_back({static_cast<int>(*before), static_cast<int>(*after)});
  }
  std::ranges::reverse(pads);
  return pads;
}

namespace {

/// The words of padding in the innermost dimension; in the others it counts steps.
std::vector<Pad> pads_in_words(const State& state, const Op& op, std::vector<Pad> pads, size_t dims,
                               uint32_t element_bytes) {
  if (pads.empty())
    return pads;
  pads.resize(std::max(dims, pads.size()));
  if (element_bytes < 4)
    for (int* side : {&pads[0].before, &pads[0].after})
      *side = static_cast<int>(
          words(state, op, static_cast<uint64_t>(*side), element_bytes, "a padding"));
  return pads;
}

int64_t lock_value(const State& state, const Op& op) {
  if (op.attribute("value"))
    return state.integer(op, "value");
  if (op.operands.size() < 2)
    return 1;
  const auto value = state.constant(op.operands[1]);
  if (!value)
    throw state.error(op, "`{}` is no constant", op.operands[1].name);
  return *value;
}

/// `iteration = #aie.bd_iteration<size = 4, stride = 16, current = 1>`, or an attribute for each.
void fill_iteration(const State& state, const Op& op, uint32_t bytes, Descriptor& descriptor) {
  const mlir::Attribute* written = op.attribute("iteration");
  if (!written && !op.attribute("iteration_size"))
    return;
  const auto value = [&](std::string_view field, std::string_view name, int64_t otherwise) {
    return written ? mlir::integer_field(written->text, field).value_or(otherwise)
                   : state.integer(op, name, otherwise);
  };
  descriptor.iteration_size = static_cast<int>(value("size", "iteration_size", 1));
  descriptor.iteration_current = static_cast<int>(value("current", "iteration_current", 0));
  descriptor.iteration_step =
      words(state, op, static_cast<uint64_t>(value("stride", "iteration_stride", 0)), bytes,
            "an iteration stride");
}

void fill_descriptor(const State& state, const Op& op, Descriptor& descriptor) {
  refuse_attributes(state, op, {"offset_parameter"}, "outside of a transfer of the host");
  descriptor.buffer = state.buffer(op, 0);
  const Buffer& buffer = state.design.buffers[static_cast<size_t>(descriptor.buffer)];
  const uint32_t bytes = arch::bytes_of(buffer.type);
  const uint64_t elements = buffer.bytes() / bytes;
  descriptor.source = state.source(op);
  const int64_t offset = state.small(op, "offset", 0);
  const auto left = static_cast<int64_t>(elements) - offset;
  const int64_t written = state.small(op, "len", std::max<int64_t>(left, 0));
  if (offset < 0 || written < 0)
    throw state.error(op, "offset {} and length {}", offset, written);
  descriptor.offset = words(state, op, static_cast<uint64_t>(offset), bytes, "an offset");
  const auto length = static_cast<uint64_t>(written);
  descriptor.length = words(state, op, length, bytes, "a length");
  if (length == 0)
    throw state.error(op, "moves nothing: its length is 0");
  const std::vector<Dim> dims = dims_of(state, op);
  descriptor.dims = dims_in_words(state, op, dims, bytes);
  if (const mlir::Attribute* pads = op.attribute("pad_dimensions"))
    descriptor.pads =
        pads_in_words(state, op, pads_of(state, op, pads->text), descriptor.dims.size(), bytes);
  if (op.attribute("bd_id"))
    descriptor.id = state.small(op, "bd_id");
  if (const auto packet = state.packet(op))
    descriptor.packet = packet;
  if (op.attribute("out_of_order_id"))
    descriptor.out_of_order_id = state.small(op, "out_of_order_id");
  fill_iteration(state, op, bytes, descriptor);
  descriptor.suppress_tlast = mlir::flag_of(op, "tlast_suppress");
}

}  // namespace

void import_lock_use(const State& state, const Op& op, Descriptor& descriptor) {
  const std::string_view action = mlir::case_of(op, "action", mlir::kLockActions);
  if (action.empty())
    throw state.error(op, "`{}` is no action of a lock", mlir::name_of(op, "action"))
        .hint("{}", mlir::names(mlir::kLockActions));
  LockUse use{.lock = state.lock(op, 0),
              .value = state.narrowed(op, "value", lock_value(state, op))};
  const bool releases = action == "Release";
  if (releases ? descriptor.release : descriptor.acquire)
    throw state.error(op, "a second {} in one block", releases ? "release" : "acquire");
  if (releases) {
    descriptor.release = use;
    return;
  }
  use.equal = action == "Acquire";
  descriptor.acquire = use;
}

Descriptor import_descriptor(const State& state, const std::vector<const Op*>& ops) {
  Descriptor descriptor;
  bool found = false;
  for (const Op* op : ops) {
    if (op->name == "aie.use_lock") {
      import_lock_use(state, *op, descriptor);
    } else if (op->name == "aie.dma_bd_packet") {
      descriptor.packet =
          Packet{.id = state.small(*op, "packet_id"), .type = state.small(*op, "packet_type")};
    } else if (op->name == "aie.dma_bd") {
      if (found)
        throw state.error(*op, "a second descriptor in one block");
      fill_descriptor(state, *op, descriptor);
      found = true;
    } else if (op->name != "aie.next_bd" && op->name != "aie.end" && op->name != "cf.br" &&
               op->name != "arith.constant" && op->name != "aie.buffer" && op->name != "aie.lock" &&
               op->name != "aie.event") {
      throw state.error(*op, "this op has no meaning in a DMA program");
    }
  }
  if (!found)
    throw state.error(*ops.front(), "there is no dma_bd in this block");
  return descriptor;
}

void import_pad_value(State& state, const Op& op, std::string_view name, Channel& channel) {
  const int64_t value = state.integer(op, name, 0);
  if (value == 0)
    return;
  if (channel.tile.kind() != arch::TileKind::Memtile || channel.direction != Direction::Mm2s ||
      state.design.partition.device->generation != arch::Generation::Aie2p)
    throw state
        .error(op, "a padding of {} of {}.{}", value, arch::to_string(channel.tile),
               channel.direction == Direction::Mm2s ? "mm2s" : "s2mm")
        .hint("what mm2s channels of memtiles of npu2 pad with can be set; else it is zero");
  channel.pad_value = static_cast<uint32_t>(value);
}

namespace {

/// The DMA of one tile.
class Program {
 public:
  Program(State& state, const Op& dma)
      : state_(state), tile_(state.tile(dma, 0)), blocks_(state, dma) {}

  void run() {
    blocks_.for_each_start([this](const Op& op) { op.name == "aie.dma" ? list(op) : start(op); });
  }

 private:
  Channel& channel(const Op& op) {
    const Direction direction = state_.direction(op, "channel_dir");
    const int index = channel_number(state_, op);
    for (Channel& c : state_.design.channels)
      if (c.tile == tile_ && c.direction == direction && c.index == index)
        return c;
    Channel made{.name = mlir::name_of(op, op.attribute("name") ? "name" : "sym_name"),
                 .tile = tile_,
                 .direction = direction,
                 .index = index,
                 .out_of_order =
                     mlir::flag_of(op, "out_of_order") || mlir::flag_of(op, "enable_out_of_order"),
                 .finish_on_tlast = state_.small(op, "fot_mode", 0),
                 .source = state_.source(op)};
    import_pad_value(state_, op, "pad_value", made);
    return state_.design.channels.emplace_back(std::move(made));
  }

  void start(const Op& op) {
    const mlir::Block* first = blocks_.successor(op, 0);
    if (blocks_.is_end(*first))
      return;
    Channel& to = channel(op);
    std::map<const mlir::Block*, int>& numbers = numbers_[{to.direction, *to.index}];
    const int begin = chain(to, *first, numbers);
    name_by_buffer(to);
    if (op.attribute("started") && !mlir::flag_of(op, "started"))
      return;
    add_task(op, to, begin);
  }

  void add_task(const Op& op, Channel& to, int first) {
    to.tasks.push_back(
        {.first = first, .repeat = state_.repeats(op), .token = mlir::flag_of(op, "issue_token")});
  }

  void name_by_buffer(Channel& to) const {
    if (to.name.empty())
      to.name = state_.design.buffers[static_cast<size_t>(to.descriptors[0].buffer)].name;
  }

  int chain(Channel& to, const mlir::Block& first, std::map<const mlir::Block*, int>& numbers) {
    const mlir::Block* block = &first;
    std::optional<int> previous;
    int begin = -1;
    while (true) {
      const auto [number, added] =
          numbers.try_emplace(block, static_cast<int>(to.descriptors.size()));
      if (begin < 0)
        begin = number->second;
      if (previous)
        to.descriptors[static_cast<size_t>(*previous)].next = number->second;
      if (!added)
        return begin;
      to.descriptors.push_back(import_descriptor(state_, ops_of(*block)));
      previous = number->second;
      const Op& last = block->ops.back();
      if (last.successors.empty())
        return begin;
      block = blocks_.successor(last, 0);
      if (blocks_.is_end(*block))
        return begin;
    }
  }

  /// `aie.dma(S2MM, 0) [{...}, {...}]`
  void list(const Op& op) {
    Channel& to = channel(op);
    const auto first = static_cast<int>(to.descriptors.size());
    for (const mlir::Region& region : op.regions) {
      std::vector<const Op*> ops;
      for (const mlir::Block& block : region)
        for (const Op& inner : block.ops)
          ops.push_back(&inner);
      Descriptor descriptor = import_descriptor(state_, ops);
      descriptor.next = static_cast<int>(to.descriptors.size()) + 1;
      to.descriptors.push_back(std::move(descriptor));
    }
    if (to.descriptors.empty())
      throw state_.error(op, "a channel without descriptors");
    const bool loop = !op.attribute("loop") || mlir::flag_of(op, "loop");
    to.descriptors.back().next = loop ? std::optional(first) : std::nullopt;
    name_by_buffer(to);
    add_task(op, to, first);
  }

  State& state_;
  Coord tile_;
  DmaBlocks blocks_;
  std::map<std::pair<Direction, int>, std::map<const mlir::Block*, int>> numbers_;
};

}  // namespace

void import_dmas(State& state) {
  for (const std::string_view kind : {"aie.mem", "aie.memtile_dma"})
    for (const Op* op : all(state, kind))
      Program(state, *op).run();
}

}  // namespace npu::compiler::import
