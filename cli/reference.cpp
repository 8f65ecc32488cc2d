// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/reference.h"

#include <fmt/format.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>
#include <type_traits>
#include <vector>

namespace npu::cli {
namespace {

using arch::Layout;
using arch::Type;
using compiler::matmul::Problem;

constexpr int64_t kRows = 4;      // outputs that a pass over k computes: rows ...
constexpr int64_t kColumns = 64;  // ... by columns

float flushed(float x) {
  return std::fabs(x) < std::numeric_limits<float>::min() ? std::copysign(0.0F, x) : x;
}

/// While it lives, this thread's float arithmetic gives zero for denormals. Operands are flushed
/// when they are unpacked.
class FlushDenormals {
 public:
#ifdef __SSE2__
  FlushDenormals() : saved_(_mm_getcsr()) {
    _mm_setcsr(saved_ | 0x8040);
  }
  ~FlushDenormals() {
    _mm_setcsr(saved_);
  }

 private:
  unsigned saved_;
#else
  FlushDenormals() = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
};

inline float step(float a, float b, float sum) {
#ifdef __SSE2__
  return __builtin_fmaf(a, b, sum);
#else
  return flushed(__builtin_fmaf(a, b, sum));
#endif
}
inline uint32_t step(uint32_t a, uint32_t b, uint32_t sum) {
  return sum + a * b;
}

/// kRows x kColumns outputs: `a` points at k rows of kRows, `b` at k rows of kColumns.
template <typename T>
[[gnu::always_inline]] inline void chains(const T* __restrict a, const T* __restrict b, int64_t k,
                                          T* __restrict out) {
  T sum[kRows][kColumns] = {};
  for (int64_t i = 0; i < k; ++i)
    for (int64_t r = 0; r < kRows; ++r)
      for (int64_t c = 0; c < kColumns; ++c)
        sum[r][c] = step(a[i * kRows + r], b[i * kColumns + c], sum[r][c]);
  std::memcpy(out, sum, sizeof sum);
}

#ifdef __x86_64__
[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#endif
void chains_float(const float* a, const float* b, int64_t k, float* out) {
  chains(a, b, k, out);
}
#ifdef __x86_64__
[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#endif
void chains_integer(const uint32_t* a, const uint32_t* b, int64_t k, uint32_t* out) {
  chains(a, b, k, out);
}

template <typename Stored>
Stored load(std::span<const std::byte> bytes, int64_t index) {
  Stored value;
  std::memcpy(&value, bytes.data() + index * static_cast<int64_t>(sizeof value), sizeof value);
  return value;
}

/// Element `index` in the type in which the chains compute.
template <typename T>
T element(std::span<const std::byte> bytes, Type type, int64_t index) {
  if constexpr (std::is_same_v<T, float>)
    return flushed(type == Type::Bf16 ? arch::to_f32(load<uint16_t>(bytes, index))
                                      : load<float>(bytes, index));
  else
    return static_cast<T>(type == Type::I8    ? load<int8_t>(bytes, index)
                          : type == Type::I16 ? load<int16_t>(bytes, index)
                                              : load<int32_t>(bytes, index));
}

/// A sum times the scale of the problem.
float scaled(float value, const Problem& p) {
  return p.epilogue.scale == 1 ? value : flushed(value * p.epilogue.scale);
}

/// Bits of a float as C stores it, before what comes after the cast.
uint32_t cast(float sum, const Problem& p) {
  const float value = scaled(sum, p);
  const auto bits = std::bit_cast<uint32_t>(value);
  if (p.c == Type::F32)
    return bits;
  const bool up = p.epilogue.rounding == arch::Rounding::NearestEven;
  // Towards minus infinity the magnitude of what is negative grows.
  return (bits + (up ? 0x7FFF + (bits >> 16 & 1) : bits >> 31 ? 0xFFFF : 0)) >> 16;
}
template <typename Narrow>
uint32_t saturated(int32_t value) {
  const auto narrow = static_cast<Narrow>(std::clamp<int32_t>(
      value, std::numeric_limits<Narrow>::min(), std::numeric_limits<Narrow>::max()));
  return static_cast<std::make_unsigned_t<Narrow>>(narrow);
}
/// The integer nearest to a number, the even one of two; beyond 32 bits their limits.
int32_t nearest(float value) {
  const double down = std::floor(double{value});
  const double above = value - down;
  const bool odd = std::fmod(down, 2) != 0;
  const double whole = down + (above > 0.5 || (above == 0.5 && odd) ? 1 : 0);
  return static_cast<int32_t>(std::clamp(whole, -0x1p31, 0x1p31 - 1));
}
uint32_t cast(uint32_t value, const Problem& p) {
  const auto whole = static_cast<int32_t>(value);
  const int32_t sum = p.epilogue.scale == 1 ? whole >> p.epilogue.shift
                                            : nearest(scaled(static_cast<float>(whole), p));
  return p.c == Type::I8    ? saturated<int8_t>(sum)
         : p.c == Type::I16 ? saturated<int16_t>(sum)
                            : value;
}

/// Bits of a result as C stores it.
template <typename T>
uint32_t stored(T sum, const Problem& p) {
  const uint32_t bits = cast(sum, p);
  const bool signed_value = (bits >> (8 * arch::bytes_of(p.c) - 1) & 1) != 0;
  return p.epilogue.relu && signed_value ? 0 : bits;
}

uint32_t bits_at(std::span<const std::byte> bytes, Type type, int64_t index) {
  switch (arch::bytes_of(type)) {
    case 1:
      return load<uint8_t>(bytes, index);
    case 2:
      return load<uint16_t>(bytes, index);
    default:
      return load<uint32_t>(bytes, index);
  }
}

/// A value with its bits: `1.5 (0x3fc00000)`.
std::string shown(uint32_t bits, Type type) {
  switch (type) {
    case Type::Bf16:
      return fmt::format("{} (0x{:04x})", arch::to_f32(static_cast<uint16_t>(bits)), bits);
    case Type::F32:
      return fmt::format("{} (0x{:08x})", std::bit_cast<float>(bits), bits);
    case Type::I8:
      return fmt::format("{}", static_cast<int8_t>(bits));
    case Type::I16:
      return fmt::format("{}", static_cast<int16_t>(bits));
    case Type::I32:
      return fmt::format("{}", static_cast<int32_t>(bits));
    case Type::I64:
    case Type::F16:
      break;
  }
  return {};
}

int64_t round_up(int64_t value, int64_t step) {
  return (value + step - 1) / step * step;
}

/// Columns of B that are widened at a time: about 64 MB, however large B is.
int64_t columns_at_a_time(const Problem& p) {
  constexpr int64_t kElements = int64_t{16} << 20;
  return std::max(kElements / std::max<int64_t>(p.k, 1) / kColumns, int64_t{1}) * kColumns;
}

/// A in panels [m/kRows][k][kRows]; zeros beyond the edges.
template <typename T>
std::vector<T> panels_of_a(const Problem& p, std::span<const std::byte> bytes) {
  std::vector<T> a(static_cast<size_t>(round_up(p.m, kRows) * p.k));
  for (int64_t i = 0; i < p.m; ++i)
    for (int64_t k = 0; k < p.k; ++k) {
      const int64_t from = p.a_layout == Layout::Row ? i * p.k + k : k * p.m + i;
      a[static_cast<size_t>((i / kRows * p.k + k) * kRows + i % kRows)] =
          element<T>(bytes, p.a, from);
    }
  return a;
}

/// Rows and columns of C that are computed together.
struct Patch {
  std::vector<int64_t> row_panels;  ///< kRows each
  std::vector<int64_t> columns;
};

/// Some columns of B in panels [columns/kColumns][k][kColumns]; zeros beyond the edges.
template <typename T>
std::vector<T> panels_of_b(const Problem& p, std::span<const std::byte> bytes,
                           std::span<const int64_t> columns) {
  const auto count = static_cast<int64_t>(columns.size());
  std::vector<T> b(static_cast<size_t>(round_up(count, kColumns) * p.k));
  for (int64_t k = 0; k < p.k; ++k)
    for (int64_t at = 0; at < count; ++at) {
      const int64_t j = columns[static_cast<size_t>(at)];
      const int64_t from = p.b_layout == Layout::Row ? k * p.n + j : j * p.k + k;
      b[static_cast<size_t>((at / kColumns * p.k + k) * kColumns + at % kColumns)] =
          element<T>(bytes, p.b, from);
    }
  return b;
}

struct Found {
  uint64_t elements = 0;  ///< compared
  uint64_t mismatches = 0;
  int64_t first = std::numeric_limits<int64_t>::max();  ///< index in C
  uint32_t expected = 0;

  void compare(int64_t index, uint32_t should, uint32_t got) {
    ++elements;
    if (should == got)
      return;
    ++mismatches;
    if (index < first) {
      first = index;
      expected = should;
    }
  }
};

void add(Found& all, const Found& part) {
  all.elements += part.elements;
  all.mismatches += part.mismatches;
  if (part.first < all.first) {
    all.first = part.first;
    all.expected = part.expected;
  }
}

/// What a comparison reads.
template <typename T>
struct Matrices {
  const Problem& p;
  std::vector<T> a;  ///< in panels
  std::span<const std::byte> b;
  std::span<const std::byte> c;
  std::span<const std::byte> bias;
};

/// Computes and compares panels of rows; `columns` are those of the panels of B.
template <typename T>
Found compare_panels(const Matrices<T>& all, std::span<const int64_t> row_panels,
                     std::span<const int64_t> columns, const std::vector<T>& b_panels) {
  const FlushDenormals flush;
  const Problem& p = all.p;
  const auto width = static_cast<int64_t>(columns.size());
  Found found;
  T out[kRows * kColumns];
  for (const int64_t panel : row_panels)
    for (int64_t at = 0; at < width; at += kColumns) {
      const int64_t i = panel * kRows;
      const T* a = all.a.data() + i * p.k;
      const T* b = b_panels.data() + at * p.k;
      if constexpr (std::is_same_v<T, float>)
        chains_float(a, b, p.k, out);
      else
        chains_integer(a, b, p.k, out);
      for (int64_t r = 0; r < std::min(kRows, p.m - i); ++r)
        for (int64_t s = 0; s < std::min(kColumns, width - at); ++s) {
          const int64_t j = columns[static_cast<size_t>(at + s)];
          const int64_t index = (i + r) * p.n + j;
          T sum = out[r * kColumns + s];
          if (!all.bias.empty())
            sum = step(T{1}, element<T>(all.bias, p.b, j), sum);
          found.compare(index, stored(sum, p), bits_at(all.c, p.c, index));
        }
    }
  return found;
}

/// Work on parts of a list, on all processors.
template <typename Work>
Found in_parallel(std::span<const int64_t> list, Work work) {
  const size_t count = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, 16);
  const size_t each = (list.size() + count - 1) / count;
  std::vector<Found> parts(count);
  {
    std::vector<std::jthread> threads;
    for (size_t t = 0; t * each < list.size(); ++t)
      threads.emplace_back([&, t] {
        parts[t] = work(list.subspan(t * each, std::min(each, list.size() - t * each)));
      });
  }
  Found all;
  for (const Found& part : parts)
    add(all, part);
  return all;
}

template <typename T>
Found compare_patch(const Matrices<T>& all, const Patch& patch) {
  const auto at_a_time = static_cast<size_t>(columns_at_a_time(all.p));
  Found found;
  for (size_t first = 0; first < patch.columns.size(); first += at_a_time) {
    const std::span<const int64_t> columns =
        std::span(patch.columns).subspan(first, std::min(at_a_time, patch.columns.size() - first));
    const std::vector<T> b = panels_of_b<T>(all.p, all.b, columns);
    add(found, in_parallel(patch.row_panels, [&](std::span<const int64_t> rows) {
          return compare_panels(all, rows, columns, b);
        }));
  }
  return found;
}

/// first, first + step, ... below `end`.
std::vector<int64_t> counted(int64_t first, int64_t end, int64_t step) {
  std::vector<int64_t> list;
  for (int64_t i = first; i < end; i += step)
    list.push_back(i);
  return list;
}

/// All of C, or what the sample says: rows at the same place in a tile have the same columns.
std::vector<Patch> patches(const Problem& p, const logic::Sample* sample) {
  const int64_t panels = round_up(p.m, kRows) / kRows;
  if (sample == nullptr)
    return {{counted(0, panels, 1), counted(0, p.n, 1)}};
  std::vector<Patch> all;
  const int tile_panels = sample->rows() / static_cast<int>(kRows);
  for (int panel = 0; panel < std::min<int64_t>(tile_panels, panels); ++panel) {
    Patch& patch = all.emplace_back();
    patch.row_panels = counted(panel, panels, tile_panels);
    for (int64_t j = 0; j < p.n; ++j)
      if (sample->has(panel * static_cast<int>(kRows), static_cast<int>(j % sample->columns())))
        patch.columns.push_back(j);
  }
  return all;
}

/// Compares what is not in the sample with the marks of its places.
template <typename T>
Found compare_marks(const Problem& p, std::span<const std::byte> c, const logic::Sample& sample) {
  struct Place {
    bool marked;
    uint32_t bits;
  };
  std::vector<Place> tile;
  for (int row = 0; row < sample.rows(); ++row)
    for (int column = 0; column < sample.columns(); ++column)
      tile.push_back(
          {!sample.has(row, column), stored(static_cast<T>(sample.mark(row, column)), p)});
  return in_parallel(counted(0, p.m, 1), [&](std::span<const int64_t> rows) {
    Found found;
    for (const int64_t i : rows) {
      const Place* places = tile.data() + i % sample.rows() * sample.columns();
      for (int64_t j = 0, column = 0; j < p.n; ++j) {
        if (places[column].marked)
          found.compare(i * p.n + j, places[column].bits, bits_at(c, p.c, i * p.n + j));
        column = column + 1 == sample.columns() ? 0 : column + 1;
      }
    }
    return found;
  });
}

/// One matmul of a batch.
template <typename T>
Comparison compare_one(const Matrices<T>& all, const logic::Sample* sample) {
  const Problem& p = all.p;
  Found found;
  for (const Patch& patch : patches(p, sample))
    add(found, compare_patch(all, patch));
  Comparison result;
  if (sample != nullptr) {
    result.sampled = found.elements;
    add(found, compare_marks<T>(p, all.c, *sample));
  }
  result.elements = found.elements;
  result.mismatches = found.mismatches;
  if (found.mismatches > 0) {
    result.row = static_cast<uint64_t>(found.first / p.n);
    result.column = static_cast<uint64_t>(found.first % p.n);
    result.expected = shown(found.expected, p.c);
    result.got = shown(bits_at(all.c, p.c, found.first), p.c);
  }
  return result;
}

/// Matrix `index` of `count` that lie one after another.
std::span<const std::byte> part(std::span<const std::byte> all, int64_t index, int64_t count) {
  const size_t each = all.size() / static_cast<size_t>(count);
  return all.subspan(static_cast<size_t>(index) * each, each);
}

}  // namespace

Comparison compare(const Problem& p, std::span<const std::byte> a, std::span<const std::byte> b,
                   std::span<const std::byte> c, std::span<const std::byte> bias,
                   const logic::Sample* sample) {
  const auto one_of = [&]<typename T>(int64_t i, T) {
    return compare_one(Matrices<T>{p, panels_of_a<T>(p, part(a, i, p.batch)), part(b, i, p.batch),
                                   part(c, i, p.batch), bias},
                       sample);
  };
  Comparison all;
  for (int64_t i = 0; i < p.batch; ++i) {
    const bool floats = arch::accumulator_of(p.a) == Type::F32;
    const Comparison one = floats ? one_of(i, 0.0F) : one_of(i, 0U);
    const Comparison before = all;
    if (all.mismatches == 0)
      all = one;
    if (p.batch > 1 && one.mismatches > 0 && before.mismatches == 0)
      all.place = fmt::format("C[{}][{},{}]", i, one.row, one.column);
    all.elements = before.elements + one.elements;
    all.sampled = before.sampled + one.sampled;
    all.mismatches = before.mismatches + one.mismatches;
  }
  return all;
}

}  // namespace npu::cli
