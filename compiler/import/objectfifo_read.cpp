// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Object fifos and links as they are written.
#include <algorithm>

#include "compiler/design/reach.h"
#include "compiler/import/objectfifo.h"
#include "compiler/mlir/cases.h"

namespace npu::compiler::import {

namespace {

constexpr std::string_view kToStream = "dimensionsToStream";
constexpr std::string_view kFromStream = "dimensionsFromStream";

/// `%tile`, `%tile dimensionsToStream [...]`; the word is that of this side.
FifoTile fifo_tile(const State& state, const Op& op, size_t operand, std::string_view text,
                   std::string_view word) {
  FifoTile end{.tile = state.tile(op, operand)};
  const size_t space = text.find_first_of(" \t\n");
  if (space == text.npos)
    return end;
  const size_t begin = text.find_first_not_of(" \t\n", space);
  const size_t open = std::min(text.find('[', begin), text.size());
  const std::string_view written =
      text.substr(begin, text.find_last_not_of(" \t\n", open - 1) + 1 - begin);
  if (written != word || open == text.size())
    throw state.error(op, "`{}` behind {}", text.substr(begin), arch::to_string(end.tile))
        .hint("{} [<size = 4, stride = 1>]", word);
  end.dims = dims_of(state, op, text.substr(open));
  return end;
}

/// The most objects that the core of a tile holds at once; 0 when it uses none.
int most_acquired(const State& state, Coord tile, const std::string& fifo, bool producer) {
  int most = 0;
  for (const Op* core : all(state, "aie.core"))
    if (state.tile(*core, 0) == tile)
      mlir::walk(*core, [&](const Op& op) {
        if (op.name != "aie.objectfifo.acquire" || mlir::name_of(op, "objFifo_name") != fifo)
          return;
        if (is_producer(state.options, op) == producer)
          most = std::max(most, state.small(op, "size", 1));
      });
  return most;
}

/// `2 : i32` for both ends, or `[2, 1, 3]` for each.
void read_depths(const State& state, Fifo& fifo, std::string_view text) {
  const auto list = mlir::to_list(text);
  const auto depth = [&](std::string_view piece) {
    constexpr int64_t kMost = 256;
    const auto value = mlir::to_integer(piece);
    if (!value || *value < 1 || *value > kMost)
      throw state.error(*fifo.op, "a depth of `{}`", piece);
    return static_cast<int>(*value);
  };
  if (!list.empty() && list.size() != fifo.consumers.size() + 1)
    throw state.error(*fifo.op, "{} depths for a producer and {} consumers", list.size(),
                      fifo.consumers.size());
  if (!list.empty()) {
    fifo.producer.depth = depth(list[0]);
    for (size_t i = 0; i < fifo.consumers.size(); ++i)
      fifo.consumers[i].depth = depth(list[i + 1]);
    return;
  }
  fifo.producer.depth = depth(text);
  for (FifoTile& consumer : fifo.consumers)
    consumer.depth = fifo.producer.depth;
}

/// What the options say of the depth of a fifo: the same for all ends.
std::optional<int> asked_depth(const State& state, const Fifo& fifo) {
  const auto asked = state.options.depths.find(fifo.name);
  return asked == state.options.depths.end() ? std::nullopt : std::optional(asked->second);
}

/// Throws Error for a depth of a fifo that there is not.
void check_depths(const State& state, const std::vector<Fifo>& fifos) {
  for (const auto& [name, depth] : state.options.depths)
    if (std::ranges::find(fifos, name, &Fifo::name) == fifos.end()) {
      std::string names;
      for (const Fifo& fifo : fifos)
        names += (names.empty() ? "" : ", ") + fifo.name;
      throw Error("depth: no object fifo is named `{}`", name)
          .hint("{}", fifos.empty() ? "the design has none" : "one of: " + names);
    }
}

/// Whether a walk visits one element after another.
bool is_in_order(const std::vector<Dim>& dims) {
  uint64_t step = 1;
  for (auto dim = dims.rbegin(); dim != dims.rend(); ++dim) {
    if (dim->size > 1 && dim->step != step)
      return false;
    step *= dim->size;
  }
  return true;
}

/// What the end of a fifo at a shim cannot do, where the sequence says what is moved; and objects
/// that would start without a value.
void refuse_options(const State& state, const Fifo& fifo) {
  const auto refuse = [&](const FifoTile& end, std::string_view what) {
    throw state
        .error(*fifo.op, "{} at {}, which has no memory for objects", what,
               arch::to_string(end.tile))
        .hint("what a shim moves, how often and in which order is in the runtime sequence");
  };
  const auto is_shim = [](const FifoTile& end) { return end.tile.kind() == arch::TileKind::Shim; };
  const FifoTile& producer = fifo.producer;
  if (is_shim(producer) && fifo.repeat)
    refuse(producer, "`repeat_count`");
  if (is_shim(producer) && !fifo.initial.empty())
    refuse(producer, "initial values");
  if (is_shim(producer) && !is_in_order(producer.dims))
    refuse(producer, kToStream);
  for (const FifoTile& consumer : fifo.consumers)
    if (is_shim(consumer) && !is_in_order(consumer.dims))
      refuse(consumer, kFromStream);
  const auto values = static_cast<int>(fifo.initial.size());
  if (values > 0 && values != producer.depth && !asked_depth(state, fifo))
    throw state.error(*fifo.op, "{} initial value{} for {} objects", values, values == 1 ? "" : "s",
                      producer.depth);
}

Fifo read_fifo(const State& state, const Op& op) {
  Fifo fifo{.op = &op, .name = mlir::name_of(op, "sym_name")};
  const mlir::Attribute* text = op.attribute("text");
  const auto parts = text ? mlir::split(text->text, ',') : std::vector<std::string_view>{};
  constexpr size_t kParts = 3;
  if (parts.size() != kParts || !parts[1].starts_with('{') || !parts[1].ends_with('}'))
    throw state.error(op, "its ends are not read").hint("@of(%tile, {{%other}}, 2 : i32)");
  fifo.producer = fifo_tile(state, op, 0, parts[0], kToStream);
  const auto ends = mlir::split(parts[1].substr(1, parts[1].size() - 2), ',');
  for (size_t i = 0; i < ends.size(); ++i)
    fifo.consumers.push_back(fifo_tile(state, op, i + 1, ends[i], kFromStream));
  read_depths(state, fifo, parts[2]);
  if (const auto depth = asked_depth(state, fifo)) {
    fifo.producer.depth = *depth;
    for (FifoTile& consumer : fifo.consumers)
      consumer.depth = *depth;
  }
  const std::string type = mlir::name_of(op, "elemType");
  constexpr std::string_view kHead = "!aie.objectfifo<";
  if (!type.starts_with(kHead))
    throw state.error(op, "`{}` is no type of an object fifo", type);
  const std::string memref = type.substr(kHead.size(), type.size() - kHead.size() - 1);
  const mlir::Type shape = mlir::parse_type(memref);
  if (shape.kind != mlir::Type::Kind::Memref || shape.elements() == mlir::kDynamic)
    throw state.error(op, "objects of type `{}`", memref);
  fifo.type = element_type(state, op, memref);
  fifo.shape = shape.shape;
  fifo.via_dma = mlir::flag_of(op, "via_DMA");
  fifo.disable_synchronization = mlir::flag_of(op, "disable_synchronization");
  if (op.attribute("repeat_count"))
    fifo.repeat = state.small(op, "repeat_count");
  if (const mlir::Attribute* pads = op.attribute("padDimensions"))
    fifo.pads = pads_of(state, op, pads->text);
  if (const mlir::Attribute* values = op.attribute("initValues"))
    for (const std::string_view value : mlir::to_list(values->text))
      fifo.initial.emplace_back(value);
  for (const std::string_view unknown : {"aie_stream", "iter_count", "plio"})
    if (mlir::flag_of(op, unknown))
      throw state.error(op, "`{}` is not lowered", unknown);
  refuse_options(state, fifo);
  return fifo;
}

/// Fifos whose objects are to be in the memory of a tile.
void read_delegates(const State& state, std::vector<Fifo>& fifos) {
  for (const Op* op : all(state, "aie.objectfifo.allocate")) {
    const std::string name = mlir::name_of(*op, "objFifo_name");
    const auto fifo = std::ranges::find(fifos, name, &Fifo::name);
    if (fifo == fifos.end())
      throw state.error(*op, "there is no object fifo `{}`", name);
    if (fifo->delegate)
      throw state.error(*op, "a second place for the objects of `{}`", name);
    fifo->delegate = state.tile(*op, 0);
    const auto reached = [&](const FifoTile& end) {
      return end.tile.kind() == arch::TileKind::Core &&
             fifo->delegate->kind() == arch::TileKind::Core &&
             core_window(end.tile, *fifo->delegate);
    };
    if (!reached(fifo->producer) || !std::ranges::all_of(fifo->consumers, reached))
      throw state
          .error(*op, "not all cores of `{}` reach the memory of {}", name,
                 arch::to_string(*fifo->delegate))
          .hint("a core reaches its own memory and that of its neighbours south, west and north");
  }
}

/// Of several parts each has an offset, or, as links were written at first, none has.
std::vector<int64_t> offsets_of(const State& state, const Op& op, std::string_view name,
                                size_t parts) {
  std::vector<int64_t> offsets;
  if (const mlir::Attribute* list = op.attribute(name))
    for (const std::string_view piece : mlir::to_list(list->text)) {
      const auto value = mlir::to_integer(piece);
      if (!value || *value < 0)
        throw state.error(op, "an offset of `{}`", piece);
      offsets.push_back(*value);
    }
  if (parts > 1 && op.attribute(name) && offsets.size() != parts)
    throw state.error(op, "{} offset{} for {} fifos", offsets.size(),
                      offsets.size() == 1 ? "" : "s", parts);
  return offsets;
}

/// Objects come from one link, and those that arrive in a tile go to one.
void refuse_second_link(const State& state, const std::vector<Fifo>& fifos,
                        const std::vector<FifoLink>& links, const FifoLink& link) {
  const auto tile = [&](const FifoLink& of) {
    return fifos[static_cast<size_t>(of.out[0])].producer.tile;
  };
  const auto has = [](const std::vector<int>& all, int fifo) {
    return std::ranges::find(all, fifo) != all.end();
  };
  const auto refuse = [&](const FifoLink& first, int fifo) {
    throw state
        .error(*link.op, "a second link of `{}` in {}", fifos[static_cast<size_t>(fifo)].name,
               arch::to_string(tile(link)))
        .hint("the first is in line {}", first.op->location.line);
  };
  for (const FifoLink& other : links) {
    for (const int fifo : link.out)
      if (has(other.out, fifo))
        refuse(other, fifo);
    for (const int fifo : link.in)
      if (has(other.in, fifo) && tile(other) == tile(link))
        refuse(other, fifo);
  }
}

}  // namespace

bool is_producer(const ImportOptions& options, const Op& op) {
  const std::string_view port = mlir::case_of(op, "port", mlir::kPorts);
  const auto place = [&] { return mlir::place(options.file, op); };
  if (!op.attribute("port"))
    throw Error("{}: has no `port`", place()).hint("{}", mlir::names(mlir::kPorts));
  if (port.empty())
    throw Error("{}: `{}` is no port of an object fifo", place(), mlir::name_of(op, "port"))
        .hint("{}", mlir::names(mlir::kPorts));
  return port == "Produce";
}

uint64_t Fifo::elements() const {
  uint64_t count = 1;
  for (const int64_t extent : shape)
    count *= static_cast<uint64_t>(extent);
  return count;
}

uint64_t Fifo::words() const {
  return elements() * arch::bytes_of(type) / 4;
}

std::vector<Fifo> read_fifos(const State& state) {
  std::vector<Fifo> fifos;
  for (const Op* op : all(state, "aie.objectfifo")) {
    Fifo fifo = read_fifo(state, *op);
    // A core keeps one object more than it works on, unless each end has a depth of its own.
    const bool listed = asked_depth(state, fifo) ||
                        !mlir::to_list(mlir::split(op->attribute("text")->text, ',')[2]).empty();
    const auto fit = [&](FifoTile& end, bool producer) {
      const int most = most_acquired(state, end.tile, fifo.name, producer);
      if (end.tile.kind() == arch::TileKind::Core && most > 0 && !(most == 1 && end.depth == 1))
        end.depth = most + 1;
    };
    fifos.push_back(fifo);
    if (listed)
      continue;
    Fifo& split = fifos.back();
    split.shared_depth = split.producer.depth;
    fit(split.producer, true);
    for (FifoTile& consumer : split.consumers)
      fit(consumer, false);
  }
  check_depths(state, fifos);
  read_delegates(state, fifos);
  return fifos;
}

std::vector<FifoLink> read_links(const State& state, const std::vector<Fifo>& fifos) {
  std::vector<FifoLink> links;
  for (const Op* op : all(state, "aie.objectfifo.link")) {
    FifoLink link{.op = op};
    const auto indices = [&](std::string_view name) {
      std::vector<int> found;
      const mlir::Attribute* list = op->attribute(name);
      for (const std::string_view symbol :
           list ? mlir::to_list(list->text) : std::vector<std::string_view>{}) {
        const auto fifo = std::ranges::find(fifos, mlir::to_name(symbol), &Fifo::name);
        if (fifo == fifos.end())
          throw state.error(*op, "there is no object fifo `{}`", symbol);
        found.push_back(static_cast<int>(fifo - fifos.begin()));
      }
      return found;
    };
    link.in = indices("fifoIns");
    link.out = indices("fifoOuts");
    link.in_offsets = offsets_of(state, *op, "src_offsets", link.in.size());
    link.out_offsets = offsets_of(state, *op, "dst_offsets", link.out.size());
    if (link.in.empty() || link.out.empty() || (link.in.size() > 1 && link.out.size() > 1))
      throw state.error(*op, "links {} fifos with {}", link.in.size(), link.out.size());
    refuse_second_link(state, fifos, links, link);
    links.push_back(std::move(link));
  }
  return links;
}

}  // namespace npu::compiler::import
