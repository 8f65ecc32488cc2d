// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structured ops of a core body, whose maps may be any expression of the loops.
#include <functional>
#include <random>

#include "hw-model/arch/float16.h"
#include "tests/compiler/import/core_fixture.h"

namespace npu::compiler {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

/// Views of the first elements of `in` (0, 10, 20, ...) and `out`.
class CoreLinalg : public CoreBody {
 protected:
  static std::string view(std::string_view name, std::string_view buffer, std::string_view sizes,
                          std::string_view strides, std::string_view type, int offset = 0) {
    return fmt::format(
        "%{} = memref.reinterpret_cast %{} to offset: [{}], sizes: [{}], strides: [{}] : "
        "memref<64xi32> to memref<{}xi32, strided<[{}], offset: {}>>\n",
        name, buffer, offset, sizes, strides, type, strides, offset);
  }
  static std::string type(std::string_view shape, std::string_view strides, int offset = 0) {
    return fmt::format("memref<{}xi32, strided<[{}], offset: {}>>", shape, strides, offset);
  }
};

TEST_F(CoreLinalg, MapMayCalculate) {
  EXPECT_THAT(out(R"(
    %v = memref.subview %out[0] [4] [1] : memref<64xi32> to memref<4xi32, strided<[1]>>
    %w = memref.subview %in[0] [2] [1] : memref<64xi32> to memref<2xi32, strided<[1]>>
    linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1 + 1)>,
                                     affine_map<(d0, d1) -> (d1)>,
                                     affine_map<(d0, d1) -> (d0)>],
                    iterator_types = ["parallel", "reduction"]}
        ins(%in, %w : memref<64xi32>, memref<2xi32, strided<[1]>>)
        outs(%v : memref<4xi32, strided<[1]>>) {
    ^bb0(%a: i32, %b: i32, %c: i32):
      %d = arith.addi %a, %c : i32
      linalg.yield %d : i32
    }
  )",
                  5),
              ElementsAre(30, 70, 110, 150, 0));
}

TEST_F(CoreLinalg, BodyMayAskForItsTurn) {
  EXPECT_THAT(out(view("v", "out", "2, 3", "3, 1", "2x3") + R"(
    linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>],
                    iterator_types = ["parallel", "parallel"]}
        outs(%v : memref<2x3xi32, strided<[3, 1], offset: 0>>) {
    ^bb0(%o: i32):
      %i = linalg.index 0 : index
      %j = linalg.index 1 : index
      %k = index.mul %i, %i
      %l = index.add %k, %j
      %r = arith.index_cast %l : index to i32
      linalg.yield %r : i32
    }
  )",
                  6),
              ElementsAre(0, 1, 2, 1, 2, 3));
}

TEST_F(CoreLinalg, NumberIsAnInputOfEveryTurn) {
  EXPECT_THAT(out(view("v", "out", "3", "1", "3") + R"(
    %seven = arith.constant 7 : i32
    linalg.generic {indexing_maps = [affine_map<(i) -> ()>, affine_map<(i) -> (i)>],
                    iterator_types = ["parallel"]}
        ins(%seven : i32) outs(%v : memref<3xi32, strided<[1], offset: 0>>) {
    ^bb0(%x: i32, %o: i32):
      linalg.yield %x : i32
    }
  )",
                  4),
              ElementsAre(7, 7, 7, 0));
}

TEST_F(CoreLinalg, ConvolutionSteps) {
  // Input 0, 10, ... with a weight of 1, 2: every third element and the second one after it.
  bench.buffer("weights", "memref<2x1x1xi32>");
  bench.write("weights", Ints{1, 2});
  EXPECT_THAT(out(view("x", "in", "1, 9, 1", "9, 1, 1", "1x9x1") +
                      view("y", "out", "1, 3, 1", "3, 1, 1", "1x3x1") +
                      R"(
    linalg.conv_1d_nwc_wcf {dilations = dense<2> : tensor<1xi64>, strides = dense<3> : vector<1xi64>}
        ins(%x, %weights : memref<1x9x1xi32, strided<[9, 1, 1], offset: 0>>, memref<2x1x1xi32>)
        outs(%y : memref<1x3x1xi32, strided<[3, 1, 1], offset: 0>>)
  )",
                  4),
              ElementsAre(0 + 2 * 20, 30 + 2 * 50, 60 + 2 * 80, 0));
}

TEST_F(CoreLinalg, PoolingLooksAtAllOfItsWindow) {
  bench.buffer("window", "memref<2x2xi32>");
  EXPECT_THAT(out(view("x", "in", "1, 4, 4, 1", "16, 4, 1, 1", "1x4x4x1") +
                      view("y", "out", "1, 2, 2, 1", "4, 2, 1, 1", "1x2x2x1") + R"(
    linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>}
        ins(%x, %window : memref<1x4x4x1xi32, strided<[16, 4, 1, 1], offset: 0>>, memref<2x2xi32>)
        outs(%y : memref<1x2x2x1xi32, strided<[4, 2, 1, 1], offset: 0>>)
  )",
                  4),
              ElementsAre(50, 70, 130, 150));
}

TEST_F(CoreLinalg, TransposeAndBroadcastRearrange) {
  EXPECT_THAT(
      out(view("x", "in", "2, 3", "3, 1", "2x3") + view("y", "out", "3, 2", "2, 1", "3x2") +
              view("r", "in", "2", "1", "2") + view("z", "out", "2, 2", "2, 1", "2x2", 6) + R"(
    linalg.transpose ins(%x : memref<2x3xi32, strided<[3, 1], offset: 0>>)
        outs(%y : memref<3x2xi32, strided<[2, 1], offset: 0>>) permutation = [1, 0]
    linalg.broadcast ins(%r : memref<2xi32, strided<[1], offset: 0>>)
        outs(%z : memref<2x2xi32, strided<[2, 1], offset: 6>>) dimensions = [0]
  )",
          10),
      ElementsAre(0, 30, 10, 40, 20, 50, 0, 10, 0, 10));
}

TEST_F(CoreLinalg, ReduceAndMapHaveBodies) {
  EXPECT_THAT(out(view("x", "in", "2, 3", "3, 1", "2x3") + view("y", "out", "2", "1", "2") +
                      view("z", "out", "2", "1", "2", 2) + R"(
    linalg.reduce ins(%x : memref<2x3xi32, strided<[3, 1], offset: 0>>)
        outs(%y : memref<2xi32, strided<[1], offset: 0>>) dimensions = [1]
        (%a: i32, %b: i32) {
          %c = arith.addi %a, %b : i32
          linalg.yield %c : i32
        }
    linalg.map ins(%y, %y : memref<2xi32, strided<[1], offset: 0>>, memref<2xi32, strided<[1], offset: 0>>)
        outs(%z : memref<2xi32, strided<[1], offset: 2>>)
        (%a: i32, %b: i32) {
          %c = arith.muli %a, %b : i32
          linalg.yield %c : i32
        }
  )",
                  4),
              ElementsAre(30, 120, 900, 14400));
}

TEST_F(CoreLinalg, ShortFormsReduceFromTheOutputOnAndMapTheInputs) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %k = arith.constant 5 : i32
    %x = memref.alloca() : memref<2x3xi32>
    %y = memref.alloca() : memref<2xi32>
    %z = memref.alloca() : memref<2xi32>
    linalg.fill ins(%k : i32) outs(%x : memref<2x3xi32>)
    %n = arith.constant 100 : i32
    linalg.fill ins(%n : i32) outs(%y : memref<2xi32>)
    linalg.reduce { arith.subi {overflowFlags = #arith.overflow<none>} } ins(%x : memref<2x3xi32>)
        outs(%y : memref<2xi32>) dimensions = [1]
    linalg.map { arith.muli } ins(%y, %y : memref<2xi32>, memref<2xi32>) outs(%z : memref<2xi32>)
    %a = memref.load %y[%c1] : memref<2xi32>
    %b = memref.load %z[%c1] : memref<2xi32>
    memref.store %a, %out[%c0] : memref<64xi32>
    memref.store %b, %out[%c1] : memref<64xi32>
  )",
                  2),
              ElementsAre(85, 85 * 85));
}

TEST_F(CoreLinalg, SquareMultipliesAnElementByItself) {
  EXPECT_THAT(out("linalg.square ins(%in : memref<64xi32>) outs(%out : memref<64xi32>)", 4),
              ElementsAre(0, 100, 400, 900));
}

TEST_F(CoreLinalg, MapMayHaveNoInput) {
  EXPECT_THAT(out(R"(
    linalg.map outs(%out : memref<64xi32>) () {
      %i = linalg.index 0 : index
      %w = arith.index_cast %i : index to i32
      linalg.yield %w : i32
    }
  )",
                  3),
              ElementsAre(0, 1, 2));
}

TEST_F(CoreLinalg, TranspositionNamesEachDimensionOnce) {
  EXPECT_EQ(error("%x = memref.alloca() : memref<2x2xi32>\n"
                  "linalg.transpose ins(%x : memref<2x2xi32>) outs(%x : memref<2x2xi32>)"
                  " permutation = [0, 0]\n"),
            "core(0,2), line 10: `linalg.transpose`: a permutation of other dimensions");
}

TEST_F(CoreLinalg, ProductsAreOfTheTypeOfTheSum) {
  bench.buffer("bytes", "memref<2xi8>");
  bench.buffer("halves", "memref<2xf16>");
  bench.buffer("real", "memref<f32>");
  bench.write("bytes", std::vector<int8_t>{-128, 127});
  bench.write("halves", std::vector<uint16_t>{0x7800, 0x3C01});
  bench.run(R"(
    %s = memref.reinterpret_cast %out to offset: [0], sizes: [], strides: [] : memref<64xi32> to memref<i32, strided<[], offset: 0>>
    linalg.dot ins(%bytes, %bytes : memref<2xi8>, memref<2xi8>) outs(%s : memref<i32, strided<[], offset: 0>>)
    linalg.dot ins(%halves, %bytes : memref<2xf16>, memref<2xi8>) outs(%real : memref<f32>)
  )");
  EXPECT_THAT(bench.read<int32_t>("out", 1), ElementsAre(128 * 128 + 127 * 127));
  EXPECT_THAT(bench.read<float>("real", 1), ElementsAre(-128 * 32768.0F + 127 * (1 + 0x1p-10F)));
}

TEST_F(CoreLinalg, SumsOfF16AreRoundedInEveryTurn) {
  bench.buffer("ones", "memref<4xf16>");
  bench.buffer("sum", "memref<f16>");
  bench.write("ones", std::vector<uint16_t>(4, 0x3C00));
  bench.write("sum", std::vector<uint16_t>{0x6800});  // 2048: one more is no f16
  bench.run(
      "linalg.dot ins(%ones, %ones : memref<4xf16>, memref<4xf16>) outs(%sum : memref<f16>)\n");
  EXPECT_THAT(bench.read<uint16_t>("sum", 1), ElementsAre(0x6800));
}

TEST_F(CoreLinalg, MapThatLeavesItsOperandIsRefused) {
  EXPECT_EQ(error(view("y", "out", "3", "1", "3") + view("x", "in", "2", "1", "2") + R"(
    linalg.conv_1d ins(%x, %y : memref<2xi32, strided<[1], offset: 0>>, memref<3xi32, strided<[1], offset: 0>>) outs(%y : memref<3xi32, strided<[1], offset: 0>>)
)"),
            "core(0,2), line 12: `linalg.conv_1d`: operand 0 has 2 elements in dimension 0, turns "
            "lead to number 4");
}

TEST_F(CoreLinalg, OperandsOfOtherSizesAreRefused) {
  EXPECT_EQ(error(view("y", "out", "3", "1", "3") + view("x", "in", "2", "1", "2") + R"(
    linalg.add ins(%x, %y : memref<2xi32, strided<[1], offset: 0>>, memref<3xi32, strided<[1], offset: 0>>) outs(%y : memref<3xi32, strided<[1], offset: 0>>)
)"),
            "core(0,2), line 12: `linalg.add`: operand 1 has 3 elements in dimension 0, others 2");
}

TEST_F(CoreLinalg, OpWithoutARowIsNamed) {
  EXPECT_EQ(error("linalg.softmax ins(%in : memref<64xi32>) outs(%out : memref<64xi32>)\n"),
            "core(0,2), line 9: `linalg.softmax`: no op of a core body");
}

// Named ops against what they are short for.

struct Short {
  std::string name;
  std::string attributes;
  std::array<std::string, 3> shapes;
  std::string loops;
  std::array<std::string, 3> maps;
};

const std::vector<Short>& shorts() {
  const std::string steps =
      "{dilations = dense<[1, 2]> : tensor<2xi64>, strides = dense<[2, 1]> : tensor<2xi64>}";
  static const std::vector<Short> kShorts{
      {"matvec", "", {"3x4", "4", "3"}, "i, j", {"i, j", "j", "i"}},
      {"vecmat", "", {"3", "3x4", "4"}, "j, i", {"i", "i, j", "j"}},
      {"matmul_transpose_a", "", {"4x2", "4x3", "2x3"}, "i, j, k", {"k, i", "k, j", "i, j"}},
      {"matmul_transpose_b", "", {"2x4", "3x4", "2x3"}, "i, j, k", {"i, k", "j, k", "i, j"}},
      {"batch_matmul",
       "",
       {"2x2x4", "2x4x3", "2x2x3"},
       "z, i, j, k",
       {"z, i, k", "z, k, j", "z, i, j"}},
      {"batch_reduce_matmul",
       "",
       {"2x2x4", "2x4x3", "2x3"},
       "z, i, j, k",
       {"z, i, k", "z, k, j", "i, j"}},
      {"mmt4d",
       "",
       {"1x2x2x3", "2x2x2x3", "1x2x2x2"},
       "i, j, k, p, q, r",
       {"i, k, p, r", "j, k, q, r", "i, j, p, q"}},
      {"conv_2d", "", {"4x5", "2x3", "3x3"}, "y, x, v, u", {"y + v, x + u", "v, u", "y, x"}},
      {"conv_2d_nhwc_hwcf",
       steps,
       {"1x6x5x2", "2x3x2x2", "1x3x1x2"},
       "n, y, x, f, v, u, c",
       {"n, y * 2 + v, x + u * 2, c", "v, u, c, f", "n, y, x, f"}},
      {"conv_2d_nchw_fchw",
       steps,
       {"1x2x6x5", "2x2x2x3", "1x2x3x1"},
       "n, f, y, x, c, v, u",
       {"n, c, y * 2 + v, x + u * 2", "f, c, v, u", "n, f, y, x"}},
      {"depthwise_conv_2d_nhwc_hwc",
       steps,
       {"1x6x5x2", "2x3x2", "1x3x1x2"},
       "n, y, x, c, v, u",
       {"n, y * 2 + v, x + u * 2, c", "v, u, c", "n, y, x, c"}}};
  return kShorts;
}

std::vector<uint16_t> sums(const Short& op, const std::string& name, const std::string& end) {
  CoreBench bench;
  std::mt19937 random(7);
  std::array<std::string, 3> types;
  for (size_t i = 0; i < 3; ++i) {
    types[i] = "memref<" + op.shapes[i] + "xf16>";
    bench.buffer("x" + std::to_string(i), types[i]);
    std::vector<uint16_t> values(100);
    for (uint16_t& value : values)  // from 1 to 4 with all of their digits
      value = static_cast<uint16_t>(0x3C00 + random() % 0x0800);
    bench.write("x" + std::to_string(i), values);
  }
  bench.run(fmt::format("linalg.{} ins(%x0, %x1 : {}, {}) outs(%x2 : {}){}\n", name, types[0],
                        types[1], types[2], end));
  return bench.read<uint16_t>("x2", 100);
}

TEST(NamedLinalg, IsWhatItIsShortFor) {
  for (const Short& op : shorts()) {
    std::string maps;
    for (const std::string& map : op.maps)
      maps += fmt::format("{}affine_map<({}) -> ({})>", maps.empty() ? "" : ", ", op.loops, map);
    EXPECT_EQ(sums(op, op.name + " " + op.attributes, ""),
              sums(op, fmt::format("generic {{indexing_maps = [{}], iterator_types = []}}", maps),
                   " {\n^bb0(%a: f16, %b: f16, %c: f16):\n%p = arith.mulf %a, %b : f16\n"
                   "%s = arith.addf %c, %p : f16\nlinalg.yield %s : f16\n}"))
        << op.name;
  }
}

// Random maps.

using Turn = std::vector<int64_t>;

/// An expression of loops, as text and as what it means.
struct Expression {
  std::string text;
  std::function<int64_t(const Turn&)> value;
};

class RandomNest {
 public:
  explicit RandomNest(uint32_t seed) : random_(seed) {
    turns_.resize(1 + below(3));
    for (int64_t& turns : turns_)
      turns = 1 + below(4);
    for (size_t i = 0; i < turns_.size(); ++i)
      all_.push_back(loop(i));
    for (int64_t rank = below(2); rank >= 0; --rank)
      from_.push_back(expression());
    for (size_t i = 0; i < turns_.size(); ++i)
      if (i == 0 || below(2) == 0)
        to_.insert(to_.begin() + below(static_cast<int64_t>(to_.size()) + 1), loop(i));
  }

  /// The extents of an operand that such expressions lead into.
  Turn shape(const std::vector<Expression>& map) {
    Turn sizes(map.size(), 1);
    each([&](const Turn& turn) {
      for (size_t i = 0; i < map.size(); ++i)
        sizes[i] = std::max(sizes[i], map[i].value(turn) + 1);
    });
    return sizes;
  }
  size_t place(const std::vector<Expression>& map, const Turn& turn) {
    const Turn sizes = shape(map);
    int64_t at = 0;
    for (size_t i = 0; i < map.size(); ++i)
      at = at * sizes[i] + map[i].value(turn);
    return static_cast<size_t>(at);
  }
  std::string memref(const std::vector<Expression>& map, const std::string& element) {
    std::string text = "memref<";
    for (const int64_t size : shape(map))
      text += std::to_string(size) + "x";
    return text + element + ">";
  }
  std::string map(const std::vector<Expression>& results) const {
    std::string loops;
    for (size_t i = 0; i < turns_.size(); ++i)
      loops += (i > 0 ? ", d" : "d") + std::to_string(i);
    std::string text;
    for (const Expression& result : results)
      text += (text.empty() ? "" : ", ") + result.text;
    return fmt::format("affine_map<({}) -> ({})>", loops, text);
  }

  /// Calls a function for every turn of all loops, in order.
  void each(const std::function<void(const Turn&)>& f) const {
    Turn turn(turns_.size(), 0);
    for (;;) {
      f(turn);
      size_t i = turn.size();
      while (i > 0 && ++turn[i - 1] == turns_[i - 1])
        turn[--i] = 0;
      if (i == 0)
        return;
    }
  }

  const std::vector<Expression>& all() const { return all_; }
  const std::vector<Expression>& from() const { return from_; }
  const std::vector<Expression>& to() const { return to_; }
  int64_t below(int64_t n) { return static_cast<int64_t>(random_()) % n; }

 private:
  Expression loop(size_t i) const {
    return {"d" + std::to_string(i), [i](const Turn& turn) { return turn[i]; }};
  }
  Expression expression() {
    const Expression a = loop(static_cast<size_t>(below(static_cast<int64_t>(turns_.size()))));
    const Expression b = loop(static_cast<size_t>(below(static_cast<int64_t>(turns_.size()))));
    const int64_t n = 1 + below(3);
    const int64_t most = 3 * n;
    switch (below(6)) {
      case 0:
        return a;
      case 1:
        return {std::to_string(n), [=](const Turn&) { return n; }};
      case 2:
        return {fmt::format("{} * {} + {}", a.text, n, b.text),
                [=](const Turn& t) { return a.value(t) * n + b.value(t); }};
      case 3:
        return {fmt::format("({} + {}) floordiv {} + 1", a.text, b.text, n),
                [=](const Turn& t) { return (a.value(t) + b.value(t)) / n + 1; }};
      case 4:
        return {fmt::format("({} + {} * 2) mod {}", a.text, b.text, n),
                [=](const Turn& t) { return (a.value(t) + b.value(t) * 2) % n; }};
      default:  // backwards
        return {fmt::format("{} - {} * {}", most, a.text, n),
                [=](const Turn& t) { return most - a.value(t) * n; }};
    }
  }

  std::mt19937 random_;
  Turn turns_;
  std::vector<Expression> all_;   ///< one result for each loop
  std::vector<Expression> from_;  ///< of the input
  std::vector<Expression> to_;    ///< of the output: some of the loops
};

template <typename T>
void compare(uint32_t seed, const std::string& element, const std::string& kind,
             const std::function<T(int64_t)>& number) {
  RandomNest nest(seed);
  CoreBench bench;
  const std::string from = nest.memref(nest.from(), element);
  const std::string weights = nest.memref(nest.all(), element);
  const std::string to = nest.memref(nest.to(), element);
  bench.buffer("from", from);
  bench.buffer("weights", weights);
  bench.buffer("to", to);
  std::map<std::string, std::vector<int64_t>> values;
  for (const char* name : {"from", "weights", "to"}) {
    std::vector<T> memory;
    for (int i = 0; i < 300; ++i) {
      values[name].push_back(nest.below(9) - 4);
      memory.push_back(number(values[name].back()));
    }
    bench.write(name, memory);
  }
  const std::string body = fmt::format(
      "linalg.generic {{indexing_maps = [{}, {}, {}], iterator_types = []}} ins(%from, %weights : "
      "{}, {}) outs(%to : {}) {{\n^bb0(%a: {t}, %b: {t}, %c: {t}):\n"
      "%d = arith.mul{k} %a, %b : {t}\n%e = arith.add{k} %c, %d : {t}\nlinalg.yield %e : {t}\n}}\n",
      nest.map(nest.from()), nest.map(nest.all()), nest.map(nest.to()), from, weights, to,
      fmt::arg("t", element), fmt::arg("k", kind));
  bench.run(body);
  nest.each([&](const Turn& turn) {
    values["to"][nest.place(nest.to(), turn)] += values["from"][nest.place(nest.from(), turn)] *
                                                 values["weights"][nest.place(nest.all(), turn)];
  });
  std::vector<T> expected;
  for (const int64_t value : values["to"])
    expected.push_back(number(value));
  ASSERT_THAT(bench.read<T>("to", expected.size()), ElementsAreArray(expected))
      << "seed " << seed << "\n"
      << body;
}

TEST(RandomLinalg, OfIntegersWalksAsItsMapsSay) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    compare<int32_t>(seed, "i32", "i", [](int64_t value) { return static_cast<int32_t>(value); });
    compare<int8_t>(seed, "i8", "i", [](int64_t value) { return static_cast<int8_t>(value); });
  }
}

TEST(RandomLinalg, OfF16WalksAsItsMapsSay) {
  for (uint32_t seed = 1; seed <= 60; ++seed)
    compare<uint16_t>(seed, "f16", "f",
                      [](int64_t value) { return arch::to_f16(static_cast<double>(value)); });
}

}  // namespace
}  // namespace npu::compiler
