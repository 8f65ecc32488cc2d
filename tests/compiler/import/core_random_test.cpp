// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random core bodies do what the definition of their ops says.
#include <random>

#include <gtest/gtest.h>

#include "tests/compiler/import/core_bench.h"
#include "tests/compiler/import/core_reference.h"

namespace npu::compiler {
namespace {

using Types = std::vector<std::string>;

constexpr int kElements = 16;

/// Writes a body: arithmetic on all types, loads and stores, loops and branches that pass on
/// values.
class Writer {
 public:
  Writer(uint32_t seed, Types integers, Types reals)
      : random_(seed), integers_(std::move(integers)), reals_(std::move(reals)) {
    types_ = integers_;
    types_.insert(types_.end(), reals_.begin(), reals_.end());
  }

  std::string body(int size) {
    for (const std::string& type : types_)
      for (int i = 0; i < 3; ++i)
        constant(type);
    block(size, 0);
    keep_all();
    return text_;
  }

  static std::string buffer_of(const std::string& type) { return "m_" + type; }
  /// Types whose bits fill their bytes.
  static bool has_buffer(const std::string& type) {
    static const Types kTypes{"i8", "i16", "i32", "i64", "f32", "bf16", "f16"};
    return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
  }

 private:
  size_t below(size_t n) { return random_() % n; }
  template <typename T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

  template <typename... Args>
  void line(fmt::format_string<Args...> text, Args&&... args) {
    text_ += "      " + fmt::format(text, std::forward<Args>(args)...) + "\n";
  }
  std::string fresh(const std::string& type) {
    const std::string name = fmt::format("%v{}", next_++);
    pool_[type].push_back(name);
    return name;
  }
  std::string any(const std::string& type) { return one_of(pool_.at(type)); }

  void constant(const std::string& type) {
    std::string value;
    if (type == "i1")
      value = below(2) != 0 ? "true" : "false";
    else if (is_real(type))
      value = fmt::format("{}.{} : {}", static_cast<int>(below(40)) - 20, below(2) * 5, type);
    else
      value = fmt::format("{} : {}",
                          static_cast<int>(below(1u << std::min(bits(type) - 1, 20))) -
                              (type == "index" ? 0 : 1 << (std::min(bits(type), 20) - 2)),
                          type);
    line("{} = arith.constant {}", fresh(type), value);
  }

  static int bits(const std::string& type) {
    return type == "index" ? 64 : std::stoi(type.substr(type == "bf16" ? 2 : 1));
  }
  static bool is_real(const std::string& type) { return type.find('f') != type.npos; }

  /// A number from 1 on that fits shifts and is no divisor of the least one.
  std::string small(const std::string& type) {
    const std::string name = fresh(type);
    line("{} = arith.constant {} : {}", name,
         type == "i1" ? 1 : 1 + below(static_cast<size_t>(std::min(bits(type) - 2, 5))), type);
    return name;
  }

  void integer() {
    static const std::vector<std::string> kAny{"addi", "subi",  "muli",  "andi",  "ori",
                                               "xori", "minsi", "maxsi", "minui", "maxui"};
    static const std::vector<std::string> kSmall{"shli",      "shrsi",    "shrui", "divsi",
                                                 "divui",     "remsi",    "remui", "floordivsi",
                                                 "ceildivsi", "ceildivui"};
    const std::string type = one_of(integers_);
    const bool restricted = below(3) == 0 && bits(type) > 2;
    const std::string a = any(type);
    const std::string b = restricted ? small(type) : any(type);
    line("{} = arith.{} {}, {} : {}", fresh(type), one_of(restricted ? kSmall : kAny), a, b, type);
  }

  void real() {
    static const std::vector<std::string> kOps{"addf",     "subf",     "mulf",    "divf",
                                               "maximumf", "minimumf", "maxnumf", "minnumf"};
    const std::string type = one_of(reals_);
    const std::string a = any(type);
    if (below(6) == 0)
      return line("{} = arith.negf {} : {}", fresh(type), a, type);
    const std::string b = any(type);
    line("{} = arith.{} {}, {} : {}", fresh(type), one_of(kOps), a, b, type);
  }

  void compare() {
    static const std::vector<std::string> kIntegers{"eq",  "ne",  "slt", "sle", "sgt",
                                                    "sge", "ult", "ule", "ugt", "uge"};
    static const std::vector<std::string> kReals{"oeq", "ogt", "oge", "olt", "ole", "one", "ord",
                                                 "ueq", "ugt", "uge", "ult", "ule", "une", "uno"};
    const bool integral = reals_.empty() || below(2) == 0;
    const std::string type = one_of(integral ? integers_ : reals_);
    const std::string a = any(type);
    const std::string b = any(type);
    line("{} = arith.{} {}, {}, {} : {}", fresh("i1"), integral ? "cmpi" : "cmpf",
         one_of(integral ? kIntegers : kReals), a, b, type);
  }

  void select() {
    const std::string type = one_of(types_);
    const std::string c = any("i1");
    const std::string a = any(type);
    const std::string b = any(type);
    line("{} = arith.select {}, {}, {} : {}", fresh(type), c, a, b, type);
  }

  void convert() {
    const std::string from = one_of(types_);
    const std::string to = one_of(types_);
    const bool real_from = is_real(from);
    const bool real_to = is_real(to);
    const bool index = from == "index" || to == "index";
    std::string op;
    if (!index && from != to && bits(from) == bits(to) && (real_from || real_to) && below(2) == 0)
      op = "bitcast";
    else if (real_from && real_to && bits(from) != bits(to))
      op = to == "f32" ? "extf" : "truncf";
    else if (real_to && !real_from && !index)
      op = below(2) != 0 ? "sitofp" : "uitofp";
    else if (real_from && !real_to && !index && bits(to) > 1)
      op = "fptosi";
    else if ((from == "index") != (to == "index") && !real_from && !real_to)
      op = below(2) != 0 ? "index_cast" : "index_castui";
    else if (!real_from && !real_to && !index && bits(from) < bits(to))
      op = below(2) != 0 ? "extsi" : "extui";
    else if (!real_from && !real_to && !index && bits(from) > bits(to))
      op = "trunci";
    else
      return;
    const std::string a = any(from);
    line("{} = arith.{} {} : {} to {}", fresh(to), op, a, from, to);
  }

  /// Values of every type end in memory, those that memory has no room for widened.
  void keep_all() {
    for (const std::string& type : integers_)
      for (int i = 0; i < 4 && bits(type) < 64; ++i) {
        const std::string from = any(type);
        line("{} = arith.ext{} {} : {} to i64", fresh("i64"), i % 2 != 0 ? "ui" : "si", from, type);
      }
    for (const std::string& type : types_)
      for (int i = 0; i < kElements && has_buffer(type); ++i) {
        const std::string index = fmt::format("%v{}", next_++);
        line("{} = arith.constant {} : index", index, i);
        line("memref.store {}, %{}[{}] : memref<{}x{}>",
             pool_.at(
                 type)[pool_.at(type).size() - 1 - static_cast<size_t>(i) % pool_.at(type).size()],
             buffer_of(type), index, kElements, type);
      }
  }

  /// An index into a buffer.
  std::string place() {
    const std::string count = fmt::format("%v{}", next_++);
    const std::string index = fmt::format("%v{}", next_++);
    line("{} = arith.constant {} : index", count, kElements);
    line("{} = arith.remui {}, {} : index", index, any("index"), count);
    return index;
  }
  void memory() {
    const std::string type = one_of(types_);
    if (!has_buffer(type))
      return;
    const std::string at = place();
    if (below(2) == 0)
      line("memref.store {}, %{}[{}] : memref<{}x{}>", any(type), buffer_of(type), at, kElements,
           type);
    else
      line("{} = memref.load %{}[{}] : memref<{}x{}>", fresh(type), buffer_of(type), at, kElements,
           type);
  }

  /// Values that are defined inside stay inside.
  template <typename F>
  void scoped(F f) {
    const auto outside = pool_;
    f();
    pool_ = outside;
  }

  void loop(int depth) {
    const std::string type = one_of(types_);
    const std::string other = one_of(types_);
    const std::string low = fmt::format("%v{}", next_++);
    const std::string high = fmt::format("%v{}", next_++);
    const std::string step = fmt::format("%v{}", next_++);
    line("{} = arith.constant {} : index", low, below(3));
    line("{} = arith.constant {} : index", high, below(7));
    line("{} = arith.constant {} : index", step, 1 + below(2));
    if (below(3) == 0) {  // bounds that are only known when it runs
      line("{}r = arith.minsi {}, {} : index", high, any("index"), high);
      return counted(depth, type, other, low, high + "r", step);
    }
    counted(depth, type, other, low, high, step);
  }

  void counted(int depth, const std::string& type, const std::string& other, const std::string& low,
               const std::string& high, const std::string& step) {
    const std::string result = fmt::format("%v{}", next_++);
    const std::string index = fmt::format("%v{}", next_++);
    line(
        "{0}:2 = scf.for {1} = {2} to {3} step {4} iter_args({1}a = {5}, {1}b = {6}) -> ({7}, {8}) "
        "{{",
        result, index, low, high, step, any(type), any(other), type, other);
    scoped([&] {
      pool_["index"].push_back(index);
      pool_[type].push_back(index + "a");
      pool_[other].push_back(index + "b");
      block(5, depth + 1);
      line("scf.yield {}, {} : {}, {}", any(type), any(other), type, other);
    });
    line("}}");
    pool_[type].push_back(result + "#0");
    pool_[other].push_back(result + "#1");
  }

  void branch(int depth) {
    const std::string type = one_of(types_);
    const std::string condition = any("i1");
    const std::string result = fmt::format("%v{}", next_++);
    line("{} = scf.if {} -> ({}) {{", result, condition, type);
    for (const bool last : {false, true}) {
      scoped([&] {
        block(3, depth + 1);
        line("scf.yield {} : {}", any(type), type);
      });
      line("{}", last ? "}" : "} else {");
    }
    pool_[type].push_back(result);
  }

  void block(int size, int depth) {
    for (int i = 0; i < size; ++i) {
      const size_t kind = below(depth < 3 ? 9 : 7);
      if (kind <= 1)
        integer();
      else if (kind == 2 && !reals_.empty())
        real();
      else if (kind == 3)
        compare();
      else if (kind == 4)
        select();
      else if (kind == 5)
        convert();
      else if (kind == 6)
        memory();
      else if (kind == 7)
        loop(depth);
      else if (kind == 8)
        branch(depth);
    }
  }

  std::mt19937 random_;
  Types integers_;
  Types reals_;
  Types types_;
  std::map<std::string, std::vector<std::string>> pool_;
  std::string text_;
  int next_ = 0;
};

/// Memory after a body and what the reference says it is.
void compare(uint32_t seed, const Types& integers, const Types& reals, int size) {
  Types types = integers;
  types.insert(types.end(), reals.begin(), reals.end());
  CoreBench bench;
  bench.stack_bytes = 4096;
  for (const std::string& type : types)
    if (Writer::has_buffer(type))
      bench.buffer(Writer::buffer_of(type), fmt::format("memref<{}x{}>", kElements, type));
  const std::string body = Writer(seed, integers, reals).body(size);
  const mlir::Op module = bench.compile(body);
  CoreReference reference;
  const mlir::Op* core = nullptr;
  std::mt19937 random(seed);
  std::map<std::string, int> ids;
  for (const mlir::Op& op : module.regions[0][0].ops[0].regions[0][0].ops) {
    if (op.name == "aie.core")
      core = &op;
    if (op.name != "aie.buffer")
      continue;
    std::vector<std::byte> bytes(kElements * 8);
    const bool real = op.results[0].type.find('f', 6) != std::string::npos;
    for (std::byte& byte : bytes)  // floats of ordinary size
      byte = real ? std::byte{0x3F} : static_cast<std::byte>(random());
    const std::string name = op.results[0].name.substr(1);
    bench.write(name, bytes);
    reference.memory[op.results[0].id] = bytes;
    ids[name] = op.results[0].id;
  }
  reference.run(core->regions[0], {});
  bench.execute();
  for (const auto& [name, id] : ids)
    ASSERT_EQ(bench.read<std::byte>(name, kElements * 8), reference.memory[id])
        << "seed " << seed << ", " << name << "\n"
        << body;
}

TEST(RandomCoreBody, OfIntegersOfEveryWidthIsWhatItsOpsSay) {
  for (uint32_t seed = 1; seed <= 150; ++seed)
    compare(seed, {"i1", "i8", "i16", "i32", "i64", "index"}, {}, 30);
}

TEST(RandomCoreBody, OfIntegersThatTheMachineHasNotIsWhatItsOpsSay) {
  for (uint32_t seed = 1; seed <= 100; ++seed)
    compare(seed, {"i1", "i4", "i7", "i24", "i33", "i64", "index"}, {}, 30);
}

TEST(RandomCoreBody, OfFloatsIsWhatItsOpsSay) {
  for (uint32_t seed = 1; seed <= 100; ++seed)
    compare(seed, {"i1", "i32", "i64", "index"}, {"f32", "bf16"}, 30);
}

TEST(RandomCoreBody, OfFloatsOf16BitsIsWhatItsOpsSay) {
  for (uint32_t seed = 1; seed <= 100; ++seed)
    compare(seed, {"i1", "i16", "i64", "index"}, {"f16", "bf16", "f32"}, 30);
}

TEST(RandomCoreBody, WithMoreValuesThanRegistersIsWhatItsOpsSay) {
  for (uint32_t seed = 1; seed <= 10; ++seed)
    compare(seed, {"i1", "i8", "i32", "i64", "index"}, {"f32"}, 150);
}

}  // namespace
}  // namespace npu::compiler
