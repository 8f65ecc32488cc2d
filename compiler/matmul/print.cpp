// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/matmul/schedule.h"

namespace npu::compiler::matmul {

namespace {

/// Collects lines of a keyword and its text.
class Page {
 public:
  template <typename... Args>
  void line(std::string_view keyword, fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), "{:<8} {}\n", keyword,
                   fmt::format(text, std::forward<Args>(args)...));
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string shape_text(const std::vector<int64_t>& shape) {
  return fmt::format("{}", fmt::join(shape, "x"));
}

std::string tiles_text(const std::vector<Coord>& tiles) {
  std::string text;
  for (const Coord tile : tiles)
    text += fmt::format("{}{}", text.empty() ? "" : " ", arch::to_string(tile));
  return text;
}

std::string dims_text(const std::vector<Dim>& dims) {
  std::string text;
  for (const Dim& dim : dims)
    text += fmt::format("{}{}x{}", text.empty() ? " [" : " ", dim.size, dim.step);
  return text.empty() ? text : text + "]";
}

std::string shape_text(const Shape& shape) {
  return fmt::format("m={} n={} k={}", shape.m, shape.n, shape.k);
}

std::string peers(const Schedule& s, const Access& access) {
  if (access.loop)
    return fmt::format("cores x<{} y<{}", access.loop->x, access.loop->y);
  if (access.cores.empty())
    return "L3";
  std::vector<Coord> tiles;
  for (const int core : access.cores)
    tiles.push_back(s.place->cores[core].tile);
  return tiles_text(tiles);
}

std::string region_text(const Access& access) {
  const Region& r = access.region;
  if (access.loop)
    return fmt::format("[{}x,{}y {}x{}]", access.loop->row_step, access.loop->col_step, r.rows,
                       r.cols);
  return fmt::format("[{},{} {}x{}]", r.row, r.col, r.rows, r.cols);
}

void print_l2(const Schedule& s, Page& page) {
  for (const L2Buffer& buffer : s.l2) {
    page.line("l2", "{} {} {}x{} depth={}{}", buffer.name, arch::to_string(buffer.type),
              buffer.rows, buffer.cols, buffer.depth,
              buffer.column < 0 ? "" : fmt::format(" in memtile({},1)", buffer.column));
    for (const Access& access : buffer.writers)
      page.line("  get", "{} {}", peers(s, access), region_text(access));
    for (const Access& access : buffer.readers)
      page.line("  put", "{} {}", peers(s, access), region_text(access));
  }
}

/// The buffer of a use, and where its packets go.
std::string use_text(const Schedule& s, const Stream& stream, const Stream::Use& use) {
  const std::string& name = s.l2[use.buffer].name;
  if (stream.ways.empty())
    return name;
  const Stream::Way& way = stream.ways[use.way];
  return fmt::format("{} packet {} to {},", name, way.packet, tiles_text(way.destinations));
}

/// The loops of one core with what happens at each level.
void print_nest(const Schedule& s, Page& page) {
  const bool stays = s.work.filled && s.filled_in_l2() && s.work.c_copy != Level::Launch;
  const std::string_view packed = s.work.packed ? " packed" : "";
  const auto before = [&](Level level, int indent) {
    const std::string space(static_cast<size_t>(indent), ' ');
    if (s.work.l3_copy == level)
      page.line("nest", "{}copy A B L3->L2", space);
    if (s.work.filled && s.filled_in_l2() && s.work.c_copy == level)
      page.line("nest", "{}copy C L2->L1", space);
  };
  const auto at = [&](Level level, int indent) {
    const std::string space(static_cast<size_t>(indent), ' ');
    if (s.work.cast && s.work.c_copy == level)
      page.line("nest", "{}call {}", space, to_string(*s.work.cast));
    if (s.work.scale && s.work.c_copy == level)
      page.line("nest", "{}call {}", space, to_string(*s.work.scale));
    if (s.work.relu && s.work.c_copy == level)
      page.line("nest", "{}call {}", space, to_string(*s.work.relu));
    if (s.work.c_copy == level)
      page.line("nest", "{}copy C L1->L2{}", space, stays ? "" : "->L3");
  };
  page.line("nest", "loop launch {}x{}", s.launches_m(), s.launches_n());
  if (s.work.zero)
    page.line("nest", "  call {}", to_string(*s.work.zero));
  if (s.work.filled && s.filled_in_l2())
    page.line("nest", "  copy C L3->L2 zeros");
  before(Level::Launch, 2);
  if (s.work.peeled) {
    page.line("nest", "  copy A B L3->L2->L1{}", packed);
    page.line("nest", "  call {} overwrite", to_string(s.work.matmul));
  }
  page.line("nest", "  loop k {} by {}{}", s.outer_steps(), s.tiles.l2.k,
            s.work.peeled ? ", without the first step" : "");
  before(Level::OuterK, 4);
  page.line("nest", "    loop k {} by {}", s.inner_steps(), s.tiles.core.k);
  before(Level::InnerK, 6);
  page.line("nest", "      copy A B L2->L1{}", packed);
  page.line("nest", "      {}", s.work.packed ? "call " + to_string(s.work.matmul) : "matmul");
  at(Level::InnerK, 6);
  at(Level::OuterK, 4);
  at(Level::Launch, 2);
  if (stays)
    page.line("nest", "  copy C L2->L3");
}

std::string use_text(const Design& design, std::string_view verb,
                     const std::optional<LockUse>& use) {
  return use ? fmt::format(" {} {}:{}", verb, design.locks[use->lock].name, use->value) : "";
}

void print_channels(const Design& design, Page& page) {
  for (const Buffer& buffer : design.buffers)
    page.line("buffer", "{} {} {} {}", buffer.name, arch::to_string(buffer.tile),
              arch::to_string(buffer.type), shape_text(buffer.shape));
  for (const Lock& lock : design.locks)
    page.line("lock", "{} {} {}", lock.name, arch::to_string(lock.tile), lock.initial);
  for (const Channel& channel : design.channels) {
    page.line("channel", "{} {} {}", channel.name, arch::to_string(channel.tile),
              channel.direction == Direction::S2mm ? "s2mm" : "mm2s");
    for (const Descriptor& d : channel.descriptors)
      page.line("  bd", "{} offset={} words={}{}{}{} next={}", design.buffers[d.buffer].name,
                d.offset, d.length, dims_text(d.dims), use_text(design, "take", d.acquire),
                use_text(design, "give", d.release), d.next.value_or(-1));
  }
}

/// A program line by line, with the names of what lowering will put in.
void print_program(const Design& design, const Core& core, Page& page) {
  page.line("program", "{}", arch::to_string(core.tile));
  for (size_t i = 0; i < core.program.code.size(); ++i) {
    const arch::Instruction& in = core.program.code[i];
    std::string what;
    for (const Core::Reference& ref : core.buffers)
      if (ref.instruction == static_cast<int>(i))
        what = fmt::format("r{} {}", in.dst, design.buffers[ref.index].name);
    for (const Core::Reference& ref : core.locks)
      if (ref.instruction == static_cast<int>(i))
        what = fmt::format("{} {}", design.locks[ref.index].name, in.imm);
    if (in.op == arch::Op::Call)
      what = fmt::format("{} r{}..r{}", to_string(core.program.kernels[in.imm]), in.a,
                         in.a + in.b - 1);
    else if (what.empty())
      what = in.op == arch::Op::Jump ? fmt::format("{}", in.imm)
                                     : fmt::format("r{} {}", in.dst, in.imm);
    page.line("", "{:>3} {} {}", i, arch::to_string(in.op), what);
  }
}

void print_sequence(const Design& design, Page& page) {
  for (const HostOp& op : design.sequence) {
    if (const auto* await = std::get_if<Await>(&op)) {
      page.line("await", "{}", await->id);
    } else if (const auto* t = std::get_if<Transfer>(&op)) {
      page.line("transfer", "{} {} {} offset={} words={}{} repeat={}{}{}", t->id,
                design.shim_channels[t->shim_channel].name, design.arguments[t->argument].name,
                t->offset, t->length, dims_text(t->dims), t->repeat,
                t->iteration_step > 0 ? fmt::format(" step={}", t->iteration_step) : "",
                t->token ? " token" : "");
    }
  }
}

}  // namespace

std::string print(const Schedule& s) {
  Page page;
  page.line("matmul", "{}", to_string(s.problem));
  page.line("schedule", "{}: {}", s.variant->name, s.variant->sentence);
  if (s.strategy) {
    page.line("tile", "l2 {}, core {}, block {}", shape_text(s.tiles.l2), shape_text(s.tiles.core),
              shape_text(s.tiles.pack));
    page.line("launch", "{}x{}, k {}x{}", s.launches_m(), s.launches_n(), s.outer_steps(),
              s.inner_steps());
  }
  if (s.pads != Pads{})
    page.line("pad", "{}: A {}, B {}, C {}", shape_text(s.padded), to_string(s.pads[0]),
              to_string(s.pads[1]), to_string(s.pads[2]));
  if (s.place)
    page.line("herd", "{} on {} columns of {} cores", to_string(s.place->herd), s.place->columns,
              s.place->rows);
  if (s.work.c_copy != Level::None)
    print_nest(s, page);
  for (const L1Buffer& buffer : s.l1)
    page.line("l1", "{} {} {} depth={}", buffer.name, arch::to_string(buffer.type),
              shape_text(buffer.shape), buffer.depth);
  print_l2(s, page);
  for (const Split& split : s.splits)
    page.line("split", "{} by {} of [{}] along {}{}", to_char(split.operand), split.factor,
              fmt::join(split.factors, " "), split.along_rows ? "rows" : "columns",
              split.orphans.empty()
                  ? ""
                  : fmt::format(", never read: {}", fmt::join(split.orphans, " ")));
  for (const Stream& stream : s.streams) {
    std::vector<std::string> names;
    for (const Stream::Use& use : stream.uses)
      names.push_back(use_text(s, stream, use));
    page.line("stream", "{} {} {} to {}: {}", stream.name, to_string(stream.hop),
              arch::to_string(stream.source), tiles_text(stream.destinations),
              fmt::join(names, " "));
  }
  print_channels(s.design, page);
  if (!s.design.cores.empty())  // all cores run the same
    print_program(s.design, s.design.cores[0], page);
  for (const std::string& cut : s.cuts)
    page.line("cut", "{}", cut);
  print_sequence(s.design, page);
  for (const std::string& note : s.design.notes)
    page.line("note", "{}", note);
  return page.take();
}

}  // namespace npu::compiler::matmul
