// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/logic/access.h"

#include <cstring>
#include <optional>

namespace npu::logic {
namespace {

constexpr size_t kLast = 3;  // the dimension without a wrap

uint64_t indices_of(const Access& access, size_t d) {
  return uint64_t{access.pads[d].before} + access.dims[d].wrap + access.pads[d].after;
}

/// The dimension that takes all that is left of the length: the first without a wrap, or whose wrap
/// is never reached.
size_t outermost(const Access& access) {
  uint64_t left = access.length;
  for (size_t d = 0; d < kLast; ++d) {
    if (access.dims[d].wrap == 0 || indices_of(access, d) >= left)
      return d;
    left = (left - 1) / indices_of(access, d) + 1;
  }
  return kLast;
}

/// One past the dimensions that can be padded: dimension 3 cannot, nor can those above one without
/// a wrap.
size_t paddable(const Access& access) {
  for (size_t d = 0; d < kLast; ++d)
    if (access.dims[d].wrap == 0)
      return d + 1;
  return kLast;
}

bool has_padding(const Access& access) {
  for (size_t d = 0; d < paddable(access); ++d)
    if (access.pads[d].before > 0 || (access.pads[d].after > 0 && access.dims[d].wrap > 0))
      return true;
  return false;
}

/// True when the length ends within the rows or planes put before the first real one of a dimension
/// above `d`.
bool ends_before_data(const Access& access, size_t d) {
  for (size_t above = d + 1; above < paddable(access); ++above)
    if (access.pads[above].before > 0)
      return true;
  return false;
}

/// Largest offset from the base among the first `words` stream words of dimensions 0..d; nothing
/// when all are padding. `sizes[d]` is how many stream words one index of dimension d takes.
std::optional<uint64_t> reach(const Access& access, const std::array<uint64_t, 4>& sizes, size_t d,
                              uint64_t words) {
  const uint64_t before = d < kLast ? access.pads[d].before : 0;
  const uint64_t wrap = d < kLast && access.dims[d].wrap > 0 ? access.dims[d].wrap : ~uint64_t{0};
  const uint64_t step = access.dims[d].step;
  const uint64_t index = words / sizes[d];
  if (index < before)
    return std::nullopt;
  const auto inner = [&](uint64_t part) {
    return d == 0 ? std::optional<uint64_t>(0) : reach(access, sizes, d - 1, part);
  };
  std::optional<uint64_t> most;
  const auto take = [&](uint64_t at, std::optional<uint64_t> within) {
    if (within)
      most = std::max(most.value_or(0), at * step + *within);
  };
  if (const uint64_t whole = std::min(index - before, wrap); whole > 0)
    take(whole - 1, inner(sizes[d]));
  if (const uint64_t part = words % sizes[d]; index - before < wrap && part > 0)
    take(index - before, inner(part));
  return most;
}

/// Copies between strided memory and a stream that advances. One of the two is const.
template <typename Memory, typename Stream>
struct Copier {
  Memory* memory;
  Stream* stream;

  template <uint64_t kWords>
  static void move(Memory* place, Stream* words) {
    if constexpr (std::is_const_v<Memory>)
      std::memcpy(words, place, kWords * sizeof(uint32_t));
    else
      std::memcpy(place, words, kWords * sizeof(uint32_t));
  }

  void piece(uint64_t at, uint64_t words) {
    if constexpr (std::is_const_v<Memory>)
      std::memcpy(stream, memory + at, words * sizeof(uint32_t));
    else
      std::memcpy(memory + at, stream, words * sizeof(uint32_t));
    stream += words;
  }

  /// `rows` times `runs` runs of kRun words.
  template <uint64_t kRun>
  void block(uint64_t at, uint64_t rows, uint64_t row_step, uint64_t runs, uint64_t step) {
    Memory* row = memory + at;
    Stream* out = stream;  // a local: the stream's words may alias this object
    for (; rows > 0; --rows, row += row_step) {
      Memory* from = row;
      for (uint64_t run = runs; run > 0; --run, from += step, out += kRun)
        move<kRun>(from, out);
    }
    stream = out;
  }

  void block(uint64_t words, uint64_t at, uint64_t rows, uint64_t row_step, uint64_t runs,
             uint64_t step) {
    switch (words) {
      case 1:
        return block<1>(at, rows, row_step, runs, step);
      case 2:
        return block<2>(at, rows, row_step, runs, step);
      case 4:
        return block<4>(at, rows, row_step, runs, step);
      case 8:
        return block<8>(at, rows, row_step, runs, step);
      case 16:
        return block<16>(at, rows, row_step, runs, step);
      case 32:
        return block<32>(at, rows, row_step, runs, step);
      case 64:
        return block<64>(at, rows, row_step, runs, step);
      default:
        for (uint64_t row = 0; row < rows; ++row, at += row_step)
          for (uint64_t run = 0; run < runs; ++run)
            piece(at + run * step, words);
    }
  }
};

}  // namespace

uint64_t address(const Access& access, uint64_t k) {
  uint64_t rest = k;
  uint64_t at = access.base;
  for (size_t d = 0; d < kLast; ++d) {
    const auto [step, wrap] = access.dims[d];
    const uint64_t before = access.pads[d].before;
    if (wrap == 0)
      return rest < before ? kPadding : at + (rest - before) * step;
    const uint64_t index = rest % indices_of(access, d);
    rest /= indices_of(access, d);
    if (index < before || index >= before + wrap)
      return kPadding;
    at += (index - before) * step;
  }
  return at + rest * access.dims[kLast].step;
}

Plan::Plan(const Access& access) : access_(access), lowest_(access.base), end_(access.base) {
  if (access.length == 0)
    return;
  const size_t last = outermost(access);
  padded_ = has_padding(access);
  std::array<uint64_t, 4> sizes{1};
  for (size_t d = 0; d < last; ++d)
    sizes[d + 1] = sizes[d] * indices_of(access, d);
  const auto most = reach(access, sizes, last, access.length);
  if (most && !ends_before_data(access, last))
    end_ = access.base + *most + 1;
  if (padded_)
    linear_ = false;
  else
    merge();
}

void Plan::merge() {
  const size_t last = outermost(access_);
  uint64_t left = access_.length;
  for (size_t d = 0; d <= last; ++d) {
    const uint64_t count = d == last ? left : access_.dims[d].wrap;
    const uint64_t step = access_.dims[d].step;
    left = (left - 1) / count + 1;
    if (count == 1)
      continue;
    Loop* inner = loop_count_ > 0 ? &loops_[loop_count_ - 1] : nullptr;
    if (inner == nullptr && step == run_)
      run_ *= count;
    else if (inner != nullptr && step == inner->count * inner->step)
      inner->count *= count;
    else
      loops_[loop_count_++] = {count, step, inner != nullptr ? inner->count * inner->size : run_};
  }
  linear_ = loop_count_ == 0;
}

Plan::Piece Plan::piece(uint64_t first, uint64_t limit) const {
  const auto [step, wrap] = access_.dims[0];
  const uint64_t before = access_.pads[0].before;
  const uint64_t row = wrap > 0 ? indices_of(access_, 0) : ~uint64_t{0};
  const uint64_t index = first % row;
  const uint64_t at = address(access_, first);
  if (at != kPadding) {
    const uint64_t real = wrap > 0 ? before + wrap - index : limit;
    return {at, step == 1 ? std::min(real, limit) : 1};
  }
  const bool row_is_padding = index >= before;
  return {kPadding, std::min((row_is_padding ? row : before) - index, limit)};
}

template <typename Memory, typename Stream>
void Plan::copy(Memory* memory, uint64_t first, uint64_t count, Stream* stream) const {
  Copier<Memory, Stream> copier{memory, stream};
  const auto whole = [&](const auto& self, int level, uint64_t at, uint64_t indices) -> void {
    const Loop& loop = loops_[level];
    if (level == 0)
      return copier.block(run_, at, 1, 0, indices, loop.step);
    if (level == 1)
      return copier.block(run_, at, indices, loop.step, loops_[0].count, loops_[0].step);
    for (uint64_t i = 0; i < indices; ++i)
      self(self, level - 1, at + i * loop.step, loops_[level - 1].count);
  };
  walk(loop_count_ - 1, access_.base, first, count, [&](int level, uint64_t at, uint64_t words) {
    if (level < 0)
      copier.piece(at, words);
    else
      whole(whole, level, at, words / loops_[level].size);
  });
}

void Plan::gather(const uint32_t* memory, uint64_t first, uint64_t count, uint32_t* out,
                  uint32_t pad) const {
  if (!padded_)
    return copy(memory, first, count, out);
  while (count > 0) {
    const Piece p = piece(first, count);
    if (p.address == kPadding)
      std::fill_n(out, p.words, pad);
    else
      std::memcpy(out, memory + p.address, p.words * sizeof(uint32_t));
    out += p.words;
    first += p.words;
    count -= p.words;
  }
}

void Plan::scatter(uint32_t* memory, uint64_t first, uint64_t count, const uint32_t* in) const {
  if (!padded_)
    return copy(memory, first, count, in);
  // Only MM2S pads; the words that would be padding are dropped here.
  while (count > 0) {
    const Piece p = piece(first, count);
    if (p.address != kPadding)
      std::memcpy(memory + p.address, in, p.words * sizeof(uint32_t));
    in += p.words;
    first += p.words;
    count -= p.words;
  }
}

}  // namespace npu::logic
