// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/import/core_code.h"
#include "compiler/import/core_types.h"
#include "compiler/mlir/tree.h"
#include "hw-model/arch/error.h"

// What the families of ops of a core body share: values while they are turned into code.
namespace npu::compiler::core {

/// A number that is known, or in a register. Integers are sign extended to 64 bits, an i1 is 0 or
/// 1, floats are the bits of an f32.
struct Number {
  int reg = -1;
  int64_t value = 0;
  bool known() const { return reg < 0; }
};
inline Number known(int64_t value) {
  return {.reg = -1, .value = value};
}

/// A memref: where its first element is, and how far apart the others are.
struct View {
  int buffer = -1;     ///< index of a buffer; -1: `dynamic` is a whole address
  int dynamic = -1;    ///< register with bytes to add; -1: none
  int64_t offset = 0;  ///< bytes
  std::string element_name = {};
  NumberType element = {};
  std::vector<Number> sizes = {};
  std::vector<Number> strides = {};  ///< elements
  Number moved = {};                 ///< bytes from where its memory begins to its first element
};

/// What stands for a value: one number, the lanes of a vector, or a memref.
struct Held {
  BodyType type = {};
  std::vector<Number> lanes = {};
  std::optional<View> view = {};
  const CoreFifo* fifo = nullptr;  ///< what an acquire gives
};

/// One end of an object fifo while its core is compiled: the elements' addresses, next first, and
/// how many are held, when that is the same on every way to a place.
struct FifoState {
  std::vector<int> elements = {};  ///< registers
  std::optional<int> held = 0;
  int held_register = -1;  ///< used when `held` is not known
};

/// Throws Error at an op: `core(0,2), line 3: `memref.load`: ...`.
class Emitter {
 public:
  explicit Emitter(const CoreContext& context) : context_(context) {}

  Code& code() { return code_; }
  const CoreContext& context() const { return context_; }
  Error error(const mlir::Op& op, std::string_view text) const;

  // Values of the body.
  Held held(const mlir::Op& op, const mlir::Value& value);
  Number number(const mlir::Op& op, size_t operand);
  View view(const mlir::Op& op, size_t operand);
  std::vector<Number> lanes(const mlir::Op& op, size_t operand);
  std::vector<Number> numbers(const mlir::Op& op, size_t first, size_t count);
  /// Throws Error when it is not what the value's type says: so many lanes, so many dimensions.
  void define(const mlir::Op& op, const mlir::Value& value, Held held);
  void define(const mlir::Op& op, Number number);
  void define(const mlir::Op& op, std::vector<Number> lanes);
  void define(const mlir::Op& op, View view);

  // Numbers.
  int reg(Number number);
  Number emit(arch::Op op, arch::Type type, Number a, Number b = known(0));
  Number add(Number a, Number b) { return emit(arch::Op::Add, arch::Type::I64, a, b); }
  Number multiply(Number a, Number b) { return emit(arch::Op::Mul, arch::Type::I64, a, b); }
  Number negate(Number a, arch::Type type) { return emit(arch::Op::Sub, type, known(0), a); }
  Number invert(Number truth) { return emit(arch::Op::CmpEq, arch::Type::I64, truth, known(0)); }
  /// Whether both truths hold.
  Number both(Number a, Number b);
  Number select(Number condition, Number yes, Number no);
  /// a * b + c of floats, rounded once to the type.
  Number fused(Number a, Number b, Number c, NumberType type);
  /// The value of the low bits as the type holds it.
  Number canonical(Number raw, NumberType type);
  Number zero_extended(Number number, NumberType type);
  Number sign_extended(Number number, NumberType type);
  Number convert(Number number, arch::Type from, arch::Type to);
  void move(int to, Number from);

  // Memory.
  /// What a load as one type gives of what was stored as another of the same width.
  Number through_memory(Number number, arch::Type stored, arch::Type loaded);
  /// A place in the stack for elements that follow each other.
  View in_stack(NumberType element, int64_t elements);
  Number address(const View& view, std::span<const Number> indices = {});
  Number load(const View& view, std::span<const Number> indices);
  void store(const View& view, std::span<const Number> indices, Number value);
  View new_buffer(std::string name, const BodyType& type, std::vector<uint32_t> words);
  std::vector<Buffer> take_buffers() { return std::move(buffers_); }

  // Values that several ways of control lead to.
  Held slot(const mlir::Op& op, const BodyType& type);
  /// Throws std::out_of_range when a slot gets no value, or one of other lanes or dimensions.
  void assign(const std::vector<Held>& slots, const std::vector<Held>& values);
  void branch(arch::Op op, Number condition, int block) {
    code_.add({.op = op, .a = reg(condition), .target = block});
  }

  /// Gives what a terminator passes on: of a yield or return its operands.
  using Leave = std::function<void(const std::vector<Held>&)>;
  /// The ops of a region whose first block has these arguments.
  void region(const mlir::Op& owner, const mlir::Region& region, const std::vector<Held>& arguments,
              const Leave& leave);
  /// The same, and what it leaves with.
  std::vector<Held> inlined(const mlir::Op& owner, const mlir::Region& region,
                            const std::vector<Held>& arguments, size_t results);
  void lower(const mlir::Op& op);

  std::map<std::string, FifoState> fifos;  ///< by name
  std::map<std::string, View> globals;     ///< by name
  std::vector<std::string> missing;        ///< external functions without a kernel
  std::vector<Number> loops;               ///< of the structured op around
  int depth = 0;                           ///< of calls

 private:
  void blocks(const mlir::Op& owner, const mlir::Region& region, const std::vector<Held>& arguments,
              const Leave& leave);
  void scalar_address(const View& view, std::span<const Number> indices, int& base, int64_t& imm);

  const CoreContext& context_;
  Code code_;
  std::map<int, Held> values_;
  std::vector<Buffer> buffers_;
  std::optional<View> word_;  ///< of the stack
};

/// A loop with bounds, a step and first values of what it passes on.
struct Loop {
  Number low = {};
  Number high = {};
  Number step = {};
  std::vector<Held> initial = {};
};
void lower_loop(Emitter& out, const mlir::Op& op, const Loop& loop);
/// One of several regions, the first whose condition holds, or the last; what it yields are the
/// op's results.
void lower_choice(Emitter& out, const mlir::Op& op, const std::vector<Number>& conditions,
                  const std::vector<const mlir::Region*>& regions);
/// Instructions for `low`, `low` + `step`, ... below `high`; what `body` writes to registers stays
/// for the next turn. `indexed`: `body` uses the number that it is given.
void repeat(Emitter& out, const Loop& loop, bool indexed,
            const std::function<void(Number index)>& body);
/// One loop per dimension around `body`.
void for_each_element(Emitter& out, std::span<const Number> sizes,
                      const std::function<void(std::span<const Number> indices)>& body);
/// An affine map `(d0, d1) -> (d1 * 2 + d0, 0)`: what goes in by name, and expressions of it.
struct Map {
  std::vector<std::string> loops;
  std::vector<std::string> results;

  /// The loop that a result is, when it is nothing more.
  std::optional<size_t> loop(size_t result) const;
};
Map map_of(Emitter& out, const mlir::Op& op, std::string_view text);

/// What the names of an affine map stand for.
using Names = std::map<std::string, Number>;
/// The value of an affine expression: `d0 * 2 + d1`.
Number affine_value(Emitter& out, const mlir::Op& op, std::string_view text, const Names& names);

/// An op of the machine on numbers of a type: what is narrow is rounded, integers of a width that
/// the machine has not are brought to 64 bits and cut again.
Number calculate(Emitter& out, arch::Op op, NumberType type, Number a, Number b = known(0));
/// The same value in another type; integers have signs, and floats become them towards zero.
Number converted(Emitter& out, Number number, NumberType from, NumberType to);
/// The same memory from an element on, its address in one register.
View pinned(Emitter& out, const View& view, std::span<const Number> indices);
/// Throws Error when a vector has more dimensions than the memory that it is in.
void check_rank(Emitter& out, const mlir::Op& op, const View& view, std::span<const int64_t> shape);
/// The elements of a vector of that shape, from an element of memory on.
std::vector<Number> load_lanes(Emitter& out, const mlir::Op& op, const View& view,
                               std::span<const Number> indices, std::span<const int64_t> shape);
void store_lanes(Emitter& out, const mlir::Op& op, const View& view,
                 std::span<const Number> indices, std::span<const int64_t> shape,
                 std::span<const Number> values);

// The families: each says whether the op is one of its own.
bool lower_number(Emitter& out, const mlir::Op& op);
bool lower_vector(Emitter& out, const mlir::Op& op);
bool lower_transfer(Emitter& out, const mlir::Op& op);
bool lower_memory(Emitter& out, const mlir::Op& op);
bool lower_linalg(Emitter& out, const mlir::Op& op);
bool lower_control(Emitter& out, const mlir::Op& op);
bool lower_affine(Emitter& out, const mlir::Op& op);
bool lower_tile(Emitter& out, const mlir::Op& op);
bool lower_call(Emitter& out, const mlir::Op& op);

/// Whether an op ends a block and passes its operands on: a yield, a return, an end.
bool leaves(std::string_view op);

// Attributes.
int64_t integer_of(const mlir::Op& op, std::string_view name, int64_t otherwise);
/// Numbers in brackets; kOpen where an operand stands.
std::vector<int64_t> integers_of(const mlir::Op& op, std::string_view name);
/// Whether a list has each number below `count` once.
bool is_permutation(std::span<const int64_t> list, size_t count);
inline constexpr int64_t kOpen = INT64_MIN;
/// A text without quotes or `@`.
std::string text_of(const mlir::Op& op, std::string_view name);
/// The number that an attribute's text is, as a number of that type holds it; a float's bits.
std::optional<int64_t> literal(std::string_view text, NumberType type);
/// The numbers of `dense<...>`. Nothing when the text is another, or has not that many.
std::optional<std::vector<int64_t>> dense(std::string_view text, NumberType type, int64_t elements);

/// The number of the place among values of names in a table.
template <typename Rows>
auto find_row(const Rows& rows, std::string_view name) {
  const auto row =
      std::find_if(std::begin(rows), std::end(rows), [&](const auto& r) { return r.name == name; });
  return row == std::end(rows) ? nullptr : &*row;
}

}  // namespace npu::compiler::core
