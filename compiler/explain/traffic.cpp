// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/explain/traffic.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "compiler/explain/reuse.h"

namespace npu::compiler::explain {

namespace {

using matmul::Fill;
using matmul::Level;

/// A copy of a matmul's operand on its way, both ends known.
const Move* copy_between(const Nest& nest, Space from, Space to, int buffer, bool into) {
  const auto found = std::ranges::find_if(nest.moves, [&](const Move& move) {
    return move.kind == Move::Kind::Copy && nest.from(move) == from && nest.to(move) == to &&
           (into ? move.write.buffer : move.reads[0].buffer) == buffer;
  });
  return found == nest.moves.end() ? nullptr : &*found;
}

/// Copies that an operand takes, and the buffer in L3.
struct Way {
  const Move* outer = nullptr;  ///< between L3 and L2
  const Move* inner = nullptr;  ///< between L2 and L1
  int64_t elements = 0;         ///< of the whole operand

  int64_t element_bytes() const {
    return inner->elements == 0 ? 0 : inner->bytes / inner->elements;
  }
};

Way way_in(const Nest& nest, int buffer) {
  Way way;
  way.inner = copy_between(nest, Space::L2, Space::L1, buffer, true);
  if (way.inner != nullptr)
    way.outer = copy_between(nest, Space::L3, Space::L2, way.inner->reads[0].buffer, true);
  if (way.outer != nullptr)
    way.elements = nest.buffers[static_cast<size_t>(way.outer->reads[0].buffer)].elements;
  return way;
}

Way way_out(const Nest& nest, int buffer) {
  Way way;
  way.inner = copy_between(nest, Space::L1, Space::L2, buffer, false);
  if (way.inner != nullptr)
    way.outer = copy_between(nest, Space::L2, Space::L3, way.inner->write.buffer, false);
  if (way.outer != nullptr)
    way.elements = nest.buffers[static_cast<size_t>(way.outer->write.buffer)].elements;
  return way;
}

/// Extents m, n and k from the elements of A (m k), B (k n) and C (m n); nothing when there are
/// none.
std::optional<matmul::Shape> shape_of(int64_t a, int64_t b, int64_t c) {
  if (a <= 0 || b <= 0 || c <= 0)
    return std::nullopt;
  const auto real = [](int64_t x) { return static_cast<double>(x); };
  const matmul::Shape shape{.m = std::llround(std::sqrt(real(a) * real(c) / real(b))),
                            .n = std::llround(std::sqrt(real(b) * real(c) / real(a))),
                            .k = std::llround(std::sqrt(real(a) * real(b) / real(c)))};
  if (shape.m * shape.k != a || shape.k * shape.n != b || shape.m * shape.n != c)
    return std::nullopt;
  return shape;
}

/// Steps of the loops around tiles of C that decide which part of an operand is copied.
int64_t tiles_along(const Nest& nest, const Move& out, const Access& source) {
  int64_t count = 1;
  for (const int number : out.loops) {
    const Loop& loop = nest.loops[static_cast<size_t>(number)];
    if (!loop.cores && source.depends.contains(number))
      count *= loop.trips;
  }
  return count;
}

bool depends_on_cores(const Nest& nest, const Access& access) {
  return std::ranges::any_of(access.depends,
                             [&](int loop) { return nest.loops[static_cast<size_t>(loop)].cores; });
}

std::optional<matmul::Tiles> tiles_of(const Nest& nest, const matmul::Shape& whole, const Way& a,
                                      const Way& b, const Way& c) {
  const auto core = shape_of(a.inner->elements, b.inner->elements, c.inner->elements);
  const int64_t along_m = tiles_along(nest, *c.outer, a.outer->reads[0]);
  const int64_t along_n = tiles_along(nest, *c.outer, b.outer->reads[0]);
  if (!core || along_m == 0 || along_n == 0)
    return std::nullopt;
  matmul::Tiles tiles{.l2 = {.m = whole.m / along_m, .n = whole.n / along_n}, .core = *core};
  const int64_t rows = depends_on_cores(nest, a.outer->reads[0]) ? core->m : tiles.l2.m;
  tiles.l2.k = rows == 0 ? 0 : a.outer->elements / rows;
  const auto divides = [](int64_t part, int64_t all) { return part > 0 && all % part == 0; };
  const bool fits = divides(tiles.l2.m, whole.m) && divides(tiles.l2.n, whole.n) &&
                    divides(tiles.l2.k, whole.k) && divides(core->m, tiles.l2.m) &&
                    divides(core->n, tiles.l2.n) && divides(core->k, tiles.l2.k);
  return fits ? std::optional(tiles) : std::nullopt;
}

/// How often a part of C enters and leaves L1.
int64_t c_steps(const matmul::Variant& variant, const Sizes& sizes) {
  switch (variant.c_copy) {
    case Level::OuterK:
      return sizes.whole.k / sizes.tiles.l2.k;
    case Level::InnerK:
      return sizes.whole.k / sizes.tiles.core.k;
    default:
      return 1;
  }
}

}  // namespace

Traffic traffic(const matmul::Variant& variant, const Sizes& sizes) {
  const auto& [whole, tiles, a_bytes, b_bytes, c_bytes] = sizes;
  const int64_t a = whole.m * whole.k * a_bytes;
  const int64_t b = whole.k * whole.n * b_bytes;
  const int64_t c = whole.m * whole.n * c_bytes;
  const int64_t once = a * (whole.n / tiles.l2.n) + b * (whole.m / tiles.l2.m);
  const int64_t each = a * (whole.n / tiles.core.n) + b * (whole.m / tiles.core.m);
  const int64_t slices = variant.l3_copy == Level::InnerK ? tiles.l2.k / tiles.core.k : 1;
  const int64_t filled = variant.fill == Fill::L2 ? c : 0;
  const int64_t steps = c_steps(variant, sizes);
  return {.l3_l2 = (variant.shared_slices ? once : each) * slices + filled,
          .l2_l1 = (variant.broadcast ? once : each) + filled * steps,
          .received = each + filled * steps,
          .l1_l2 = c * steps,
          .l2_l3 = c};
}

Traffic traffic(const Nest& nest, bool broadcast, bool hoisted) {
  Traffic result;
  for (const Move& move : nest.moves) {
    if (move.kind == Move::Kind::Compute || !nest.crosses(move))
      continue;
    const Reuse again = reuse(nest, move);
    const Space from = nest.from(move);
    const Space to = nest.to(move);
    const bool zeros = again.zeros || move.kind == Move::Kind::Fill;
    if (hoisted && zeros)
      continue;
    const int64_t times = hoisted ? again.hoisted : again.times;
    const int64_t once = again.hoisted == 0 ? 0 : times / (again.hoisted / again.shared);
    if (to == Space::L1 && from == Space::L2) {
      result.received += move.bytes * times;
      result.l2_l1 += move.bytes * (broadcast ? once : times);
    } else if (from == Space::L3 && to == Space::L2) {
      result.l3_l2 += move.bytes * (hoisted ? once : times);
    } else if (from == Space::L1 && to == Space::L2) {
      result.l1_l2 += move.bytes * times;
    } else if (from == Space::L2 && to == Space::L3) {
      result.l2_l3 += move.bytes * times;
    }
  }
  return result;
}

Matmul matmul_of(const Nest& nest) {
  const auto sum = std::ranges::find_if(nest.moves, [&](const Move& move) {
    return move.kind == Move::Kind::Compute && move.sums && move.reads.size() == 3;
  });
  if (sum == nest.moves.end())
    return {.why_not = "no matmul with two inputs and an output"};
  const Way a = way_in(nest, sum->reads[0].buffer);
  const Way b = way_in(nest, sum->reads[1].buffer);
  const Way c = way_out(nest, sum->write.buffer);
  if (a.outer == nullptr || b.outer == nullptr)
    return {.why_not = fmt::format("{} does not come from L3 through L2 to L1",
                                   a.outer == nullptr ? "A" : "B")};
  if (c.outer == nullptr)
    return {.why_not = "C does not go from L1 through L2 to L3"};
  const auto whole = shape_of(a.elements, b.elements, c.elements);
  const auto tiles = whole ? tiles_of(nest, *whole, a, b, c) : std::nullopt;
  if (!tiles)
    return {.why_not = "what is copied of A, B and C are no tiles of one matmul"};
  return {.sizes = Sizes{.whole = *whole,
                         .tiles = *tiles,
                         .a_bytes = a.element_bytes(),
                         .b_bytes = b.element_bytes(),
                         .c_bytes = c.element_bytes()}};
}

}  // namespace npu::compiler::explain
