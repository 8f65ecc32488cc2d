// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/legalise.h"

#include <algorithm>
#include <optional>

#include "compiler/matmul/strategy.h"
#include "hw-model/arch/device.h"
#include "hw-model/arch/error.h"

namespace npu::compiler::matmul {

namespace {

// Fields of a shim descriptor (hardware reference 4.1). The last dimension has no wrap.
constexpr int64_t kMaxWrap = 1023;
constexpr int64_t kMaxStep = 1 << 20;
constexpr int64_t kMaxIteration = 64;
constexpr int64_t kLegacyWrap = 512;
constexpr size_t kDims = arch::facts(arch::TileKind::Shim).dims;

/// Inner size into which a dimension of `n` steps is cut; nothing when no divisor fits.
std::optional<int64_t> cut_of(Loop loop, WrapTiling wraps, std::string_view what) {
  if (wraps == WrapTiling::Legacy) {
    if (loop.size % kLegacyWrap != 0)
      throw Error("{}: {} steps exceed the wrap limit of {} and {} is not a multiple of {}", what,
                  loop.size, kMaxWrap, loop.size, kLegacyWrap)
          .hint("wraps: default cuts by any divisor");
    return kLegacyWrap;
  }
  const int64_t most = std::min(kMaxWrap, kMaxStep / loop.step);
  const int64_t inner = largest_divisor(loop.size, most);
  return inner > 1 ? std::optional(inner) : std::nullopt;
}

/// The dimensions of loops (outermost first), or nothing when a descriptor cannot hold them.
std::optional<std::vector<Dim>> dims_of(const std::vector<Loop>& loops, WrapTiling wraps,
                                        std::string_view what) {
  if (loops.empty() || (loops.size() == 1 && loops[0].step == 1))
    return std::vector<Dim>{};
  if (std::ranges::any_of(loops, [](const Loop& loop) { return loop.step < 1; }))
    return std::nullopt;
  std::vector<Dim> dims;
  for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
    Loop rest = *loop;
    while (rest.size > kMaxWrap && dims.size() + 1 < kDims) {
      const std::optional<int64_t> inner = cut_of(rest, wraps, what);
      if (!inner)
        return std::nullopt;
      dims.push_back({static_cast<uint64_t>(*inner), static_cast<uint64_t>(rest.step)});
      rest = {rest.size / *inner, rest.step * *inner};
    }
    if (rest.size > 1)
      dims.push_back({static_cast<uint64_t>(rest.size), static_cast<uint64_t>(rest.step)});
  }
  const bool steps_fit = std::ranges::all_of(
      dims, [](const Dim& dim) { return dim.step >= 1 && dim.step <= kMaxStep; });
  if (dims.size() > kDims || !steps_fit)
    return std::nullopt;
  return dims;
}

/// Executions that one task can make of the innermost loop around a descriptor.
int64_t executions(const std::vector<Loop>& outer, size_t depth) {
  const Loop loop = outer[depth];
  if (depth + 1 < outer.size() || loop.step > kMaxStep)
    return 1;
  return loop.step == 0 ? arch::kMaxRepeat : kMaxIteration;
}

int64_t count_tasks(const std::vector<Loop>& outer) {
  int64_t count = 1;
  for (size_t depth = 0; depth < outer.size(); ++depth) {
    const int64_t most = executions(outer, depth);
    count *= (outer[depth].size + most - 1) / most;
  }
  return count;
}

/// Loops around a descriptor: as many executions a task as the iteration or repeat field allows, a
/// task for the rest.
void enumerate(const std::vector<Loop>& outer, size_t depth, Task task, std::vector<Task>& tasks) {
  if (depth == outer.size()) {
    tasks.push_back(task);
    return;
  }
  const Loop loop = outer[depth];
  const int64_t most = executions(outer, depth);
  for (int64_t i = 0; i < loop.size; i += most) {
    Task one = task;
    one.offset += static_cast<uint64_t>(i * loop.step);
    one.repeat = static_cast<int>(std::min(most, loop.size - i));
    one.iteration_step = one.repeat > 1 ? static_cast<uint64_t>(loop.step) : 0;
    enumerate(outer, depth + 1, one, tasks);
  }
}

std::string text(const std::vector<Loop>& loops) {
  std::string text;
  for (const Loop& loop : loops)
    text += fmt::format("{}{}x{}", text.empty() ? "" : " ", loop.size, loop.step);
  return text;
}

}  // namespace

std::vector<Loop> merged(const std::vector<Loop>& loops) {
  std::vector<Loop> result;
  for (const Loop& loop : loops) {
    if (loop.size == 1)
      continue;
    if (!result.empty() && result.back().step == loop.size * loop.step)
      result.back() = {result.back().size * loop.size, loop.step};
    else
      result.push_back(loop);
  }
  return result;
}

std::vector<Task> legalise(const std::vector<Loop>& loops, WrapTiling wraps,
                           std::string_view what) {
  const std::vector<Loop> walk = merged(loops);
  struct Choice {
    Task task;
    std::vector<Loop> outer;
  };
  std::optional<Choice> best;
  for (size_t inner = walk.empty() ? 0 : 1; inner <= std::min(walk.size(), kDims); ++inner) {
    const auto cut = walk.end() - static_cast<std::ptrdiff_t>(inner);
    const auto dims = dims_of({cut, walk.end()}, wraps, what);
    if (!dims)
      continue;
    Choice choice;
    choice.task.length = 1;
    choice.task.dims = *dims;
    choice.outer.assign(walk.begin(), cut);
    for (auto loop = cut; loop != walk.end(); ++loop)
      choice.task.length *= static_cast<uint64_t>(loop->size);
    if (!best || count_tasks(choice.outer) < count_tasks(best->outer))
      best = std::move(choice);
  }
  if (!best)
    throw Error("{}: no descriptor walks {} (sizes and steps in words, outermost first)", what,
                text(walk))
        .hint("wraps up to {}, steps up to {} words", kMaxWrap, kMaxStep);
  std::vector<Task> tasks;
  enumerate(best->outer, 0, best->task, tasks);
  return tasks;
}

}  // namespace npu::compiler::matmul
