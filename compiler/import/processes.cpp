// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions registered at object fifos: cores that acquire, call and release by patterns.
#include <algorithm>

#include "compiler/import/import_state.h"
#include "compiler/import/rewrite.h"

namespace npu::compiler::import {

namespace {

constexpr std::string_view kRegister = "aie.objectfifo.register_process";

/// Turns with the same numbers of objects.
struct Turns {
  int acquired = 0;
  int released = 0;
  int64_t count = 0;
};

/// Puts what is registered into the cores of one device.
class Processes {
 public:
  Processes(const Op& module, const ImportOptions& options, int next)
      : module_(module), options_(options), definitions_(mlir::definitions(module)), next_(next) {}

  int run(Op& device) {
    if (device.regions.empty() || device.regions[0].empty())
      return next_;
    mlir::Block& block = device.regions[0][0];
    std::vector<Op> registered;
    std::erase_if(block.ops, [&](Op& op) {
      if (op.name != kRegister)
        return false;
      registered.push_back(std::move(op));
      return true;
    });
    for (const Op& op : registered) {
      std::vector<Op> body = process(op, block);
      std::vector<Op>& ops = core(block, op).regions.at(0).back().ops;
      ops.insert(ops.begin(), body.begin(), body.end());
    }
    return next_;
  }

 private:
  template <typename... Args>
  Error error(const Op& op, fmt::format_string<Args...> text, Args&&... args) const {
    return Error("{}: {}", mlir::place(options_.file, op),
                 fmt::format(text, std::forward<Args>(args)...));
  }

  mlir::Value value(std::string type) { return {"%process", std::move(type), next_++}; }

  const Op& fifo_of(const Op& op, const mlir::Block& block) const {
    const std::string name = mlir::name_of(op, "objFifo_name");
    for (const Op& each : block.ops)
      if (each.name == "aie.objectfifo" && mlir::name_of(each, "sym_name") == name)
        return each;
    throw error(op, "there is no object fifo `{}`", name);
  }

  /// The tile of the producer, or of the next consumer that has no process yet.
  const mlir::Value& tile(const Op& op, const Op& fifo, bool producer) {
    if (fifo.operands.empty())
      throw error(fifo, "has no producer");
    if (producer)
      return fifo.operands[0];
    const std::string name = mlir::name_of(fifo, "sym_name");
    const size_t consumer = ++consumers_[name];
    if (consumer >= fifo.operands.size())
      throw error(op, "each consumer of `{}` has a process", name);
    return fifo.operands[consumer];
  }

  /// The core of the tile that the last process is for; a new one does nothing else.
  Op& core(mlir::Block& block, const Op& op) {
    for (Op& each : block.ops)
      if (each.name == "aie.core" && !each.operands.empty() && each.operands[0].id == tile_.id) {
        if (each.regions.empty() || each.regions[0].empty())
          throw error(op, "the core that it is for has no body");
        return each;
      }
    Op made{.name = "aie.core",
            .operands = {tile_},
            .results = {value("index")},
            .location = op.location};
    made.regions.resize(1);
    made.regions[0].resize(1);
    made.regions[0][0].ops.push_back({.name = "aie.end", .location = op.location});
    const auto end = std::ranges::find(block.ops, "aie.end", &Op::name);
    return *block.ops.insert(end, std::move(made));
  }

  std::vector<int> pattern(const Op& op, size_t operand) const {
    constexpr int kMost = 1 << 16;
    const mlir::Value& from = op.operands.at(operand);
    const auto found = definitions_.find(from.id);
    const mlir::Attribute* dense = found != definitions_.end() && found->second.op
                                       ? found->second.op->attribute("value")
                                       : nullptr;
    const mlir::Type type = mlir::parse_type(from.type);
    const int64_t count = type.elements();
    const auto bytes = dense && count > 0 && count <= kMost
                           ? mlir::dense_bytes(dense->text, "i32", static_cast<uint64_t>(count))
                           : std::nullopt;
    if (!bytes)
      throw error(op, "`{}` is no pattern", from.name).hint("arith.constant dense<[1, 2]>");
    std::vector<int> numbers;
    for (size_t i = 0; i + 4 <= bytes->size(); i += 4) {
      uint32_t word = 0;
      for (size_t byte = 0; byte < 4; ++byte)
        word |= uint32_t{(*bytes)[i + byte]} << 8 * byte;
      const auto number = static_cast<int32_t>(word);
      if (number < 0)
        throw error(op, "{} objects in `{}`", number, from.name);
      numbers.push_back(number);
    }
    return numbers;
  }

  int64_t length(const Op& op) const {
    const auto found = definitions_.find(op.operands.at(2).id);
    const auto number = found != definitions_.end() && found->second.op
                            ? mlir::integer_of(*found->second.op, "value")
                            : std::nullopt;
    if (!number || *number < 1)
      throw error(op, "a length of `{}`", op.operands[2].name).hint("a constant of 1 or more");
    return *number;
  }

  /// Two single numbers hold for all turns. Else a pattern is gone through once, and a single
  /// number beside it holds for each turn of it.
  std::vector<Turns> turns(const Op& op) const {
    const std::vector<int> acquired = pattern(op, 0);
    const std::vector<int> released = pattern(op, 1);
    if (acquired.size() == 1 && released.size() == 1)
      return {{acquired[0], released[0], length(op)}};
    const size_t size = std::max(acquired.size(), released.size());
    if ((acquired.size() != 1 && acquired.size() != size) ||
        (released.size() != 1 && released.size() != size))
      throw error(op, "patterns of {} and {} turns", acquired.size(), released.size());
    if ((acquired.size() == 1 || released.size() == 1) && length(op) != static_cast<int64_t>(size))
      throw error(op, "a pattern of {} turns and a length of {}", size, length(op));
    std::vector<Turns> all;
    for (size_t i = 0; i < size; ++i) {
      const int a = acquired[acquired.size() == 1 ? 0 : i];
      const int r = released[released.size() == 1 ? 0 : i];
      if (all.empty() || all.back().acquired != a || all.back().released != r)
        all.push_back({a, r, 0});
      ++all.back().count;
    }
    return all;
  }

  /// Types of the callee's arguments.
  std::vector<std::string> parameters(const Op& op, const std::string& name) const {
    const Op* function = nullptr;
    mlir::walk(module_, [&](const Op& each) {
      if (!function && each.name == "func.func" && mlir::name_of(each, "sym_name") == name)
        function = &each;
    });
    if (!function)
      throw error(op, "there is no function `{}`", name);
    // `(types)`, with an arrow and results behind it or without.
    const std::string type = mlir::name_of(*function, "function_type");
    const std::string_view whole = std::string_view(type).substr(0, type.rfind(" -> "));
    std::vector<std::string> types;
    if (whole.size() > 2)
      for (const std::string_view each : mlir::split(whole.substr(1, whole.size() - 2), ','))
        types.emplace_back(each);
    return types;
  }

  std::vector<Op> process(const Op& op, const mlir::Block& block) {
    constexpr size_t kOperands = 3;
    if (op.operands.size() < kOperands)
      throw error(op, "has {} operands, not {}", op.operands.size(), kOperands)
          .hint("what it acquires, what it releases, and how often");
    const Op& fifo = fifo_of(op, block);
    tile_ = tile(op, fifo, is_producer(options_, op));
    std::vector<Op> body;
    for (const Turns& each : turns(op)) {
      std::vector<Op> once = turn(op, fifo, each);
      if (each.count > 1)
        once = loop(op, std::move(once), each.count);
      std::ranges::move(once, std::back_inserter(body));
    }
    return body;
  }

  std::vector<Op> loop(const Op& op, std::vector<Op> body, int64_t count) {
    std::vector<Op> ops;
    Op loop{.name = "scf.for", .location = op.location};
    for (const int64_t number : {int64_t{0}, count, int64_t{1}}) {
      const mlir::Value bound = value("index");
      ops.push_back({.name = "arith.constant",
                     .results = {bound},
                     .attributes = {mlir::integer("value", number, "index")},
                     .location = op.location});
      loop.operands.push_back(bound);
    }
    body.push_back({.name = "scf.yield", .location = op.location});
    loop.regions.resize(1);
    loop.regions[0].push_back({.arguments = {value("index")}, .ops = std::move(body)});
    ops.push_back(std::move(loop));
    return ops;
  }

  /// Without objects there is no call. The callee takes nothing, what was acquired as one, or each
  /// of the objects.
  std::vector<Op> turn(const Op& op, const Op& fifo, const Turns& turns) {
    const auto of_fifo = [&](std::string_view what, int size) {
      return Op{.name = fmt::format("aie.objectfifo.{}", what),
                .attributes = {mlir::symbol("objFifo_name", mlir::name_of(op, "objFifo_name")),
                               *op.attribute("port"), mlir::integer("size", size)},
                .location = op.location};
    };
    std::vector<Op> ops;
    if (turns.acquired > 0) {
      const std::string name = mlir::name_of(op, "callee");
      constexpr std::string_view kHead = "!aie.objectfifo<";
      const std::string type = mlir::name_of(fifo, "elemType");
      const std::string object =
          type.starts_with(kHead) ? type.substr(kHead.size(), type.size() - kHead.size() - 1) : "";
      const mlir::Value view = value("!aie.objectfifosubview<" + object + ">");
      ops.push_back(of_fifo("acquire", turns.acquired));
      ops.back().results = {view};
      Op call{.name = "func.call",
              .attributes = {mlir::symbol("callee", name)},
              .location = op.location};
      const std::vector<std::string> types = parameters(op, name);
      if (types.size() == 1 && types[0].starts_with("!aie.objectfifosubview")) {
        call.operands = {view};
      } else if (!types.empty()) {
        if (types.size() != static_cast<size_t>(turns.acquired))
          throw error(op, "`{}` takes {} arguments for {} acquired object{}", name, types.size(),
                      turns.acquired, turns.acquired == 1 ? "" : "s");
        for (int i = 0; i < turns.acquired; ++i) {
          call.operands.push_back(value(object));
          ops.push_back({.name = "aie.objectfifo.subview.access",
                         .operands = {view},
                         .results = {call.operands.back()},
                         .attributes = {mlir::integer("index", i)},
                         .location = op.location});
        }
      }
      ops.push_back(std::move(call));
    }
    if (turns.released > 0)
      ops.push_back(of_fifo("release", turns.released));
    return ops;
  }

  const Op& module_;
  const ImportOptions& options_;
  std::unordered_map<int, mlir::Definition> definitions_;
  std::map<std::string, size_t> consumers_;  ///< that have a process, by fifo
  mlir::Value tile_;
  int next_;  ///< id of the next value
};

}  // namespace

std::optional<Op> lower_processes(const Op& module, const ImportOptions& options) {
  return rewrite_devices(module, kRegister, [&](Op& device, int next) {
    return Processes(module, options, next).run(device);
  });
}

}  // namespace npu::compiler::import
