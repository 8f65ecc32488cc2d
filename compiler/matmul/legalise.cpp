// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/matmul/legalise.h"

#include <algorithm>
#include <optional>
#include <span>

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

/// A descriptor's dimensions, and what was cut to get them.
struct Fitted {
  std::vector<Dim> dims;
  std::vector<std::string> cuts;
};

std::string why_cut(Loop loop) {
  return loop.size > kMaxWrap
             ? fmt::format("{} steps exceed the wrap limit of {}", loop.size, kMaxWrap)
             : fmt::format("{} steps of {} words exceed a descriptor", loop.size, loop.step);
}

/// The dimensions of loops (outermost first), or nothing when a descriptor cannot hold them.
std::optional<Fitted> fit(std::span<const Loop> loops, WrapTiling wraps, std::string_view what) {
  if (loops.empty() || (loops.size() == 1 && loops[0].step == 1))
    return Fitted{};
  if (std::ranges::any_of(loops, [](const Loop& loop) { return loop.step < 1; }))
    return std::nullopt;
  Fitted result;
  for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
    Loop rest = *loop;
    while (rest.size > kMaxWrap && result.dims.size() + 1 < kDims) {
      const std::optional<int64_t> inner = cut_of(rest, wraps, what);
      if (!inner)
        return std::nullopt;
      result.dims.push_back({static_cast<uint64_t>(*inner), static_cast<uint64_t>(rest.step)});
      result.cuts.push_back(
          fmt::format("{}: {}: {} of {}", what, why_cut(rest), rest.size / *inner, *inner));
      rest = {rest.size / *inner, rest.step * *inner};
    }
    if (rest.size > 1)
      result.dims.push_back({static_cast<uint64_t>(rest.size), static_cast<uint64_t>(rest.step)});
  }
  const bool steps_fit = std::ranges::all_of(
      result.dims, [](const Dim& dim) { return dim.step >= 1 && dim.step <= kMaxStep; });
  if (result.dims.size() > kDims || !steps_fit)
    return std::nullopt;
  return result;
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

std::vector<Loop> without_ones(std::vector<Loop> loops) {
  std::erase_if(loops, [](const Loop& loop) { return loop.size == 1; });
  return loops;
}

/// Where the iterations of loops begin, in order.
std::vector<uint64_t> offsets(const std::vector<Loop>& loops) {
  std::vector<uint64_t> all{0};
  for (const Loop& loop : loops) {
    std::vector<uint64_t> next;
    for (const uint64_t base : all)
      for (int64_t i = 0; i < loop.size; ++i)
        next.push_back(base + static_cast<uint64_t>(i * loop.step));
    all = std::move(next);
  }
  return all;
}

/// Tasks before they are written out: a descriptor, or two that take turns, within loops.
struct Tasks {
  std::vector<Loop> outer;
  Task task;
  std::vector<Tasks> turns;  ///< instead of `task`
  std::vector<std::string> cuts;

  int64_t count() const {
    if (turns.empty())
      return count_tasks(outer);
    int64_t each = 0;
    for (const Tasks& turn : turns)
      each += turn.count();
    for (const Loop& loop : outer)
      each *= loop.size;
    return each;
  }

  std::vector<Task> list() const {
    std::vector<Task> tasks;
    if (turns.empty()) {
      enumerate(outer, 0, task, tasks);
      return tasks;
    }
    std::vector<Task> one;
    for (const Tasks& turn : turns)
      for (const Task& each : turn.list())
        one.push_back(each);
    for (const uint64_t shift : offsets(outer))
      for (Task each : one) {
        each.offset += shift;
        tasks.push_back(each);
      }
    return tasks;
  }
};

/// Tasks of one descriptor: as many of the inner loops as it holds, and the fewest tasks.
std::optional<Tasks> in_one_shape(const std::vector<Loop>& walk, WrapTiling wraps,
                                  std::string_view what) {
  std::optional<Tasks> best;
  for (size_t inner = walk.empty() ? 0 : 1; inner <= std::min(walk.size(), kDims); ++inner) {
    const size_t cut = walk.size() - inner;
    const auto fitted = fit(std::span(walk).subspan(cut), wraps, what);
    if (!fitted)
      continue;
    Tasks choice;
    choice.task.length = 1;
    choice.task.dims = fitted->dims;
    choice.cuts = fitted->cuts;
    choice.outer.assign(walk.begin(), walk.begin() + static_cast<std::ptrdiff_t>(cut));
    for (const Loop& loop : std::span(walk).subspan(cut))
      choice.task.length *= static_cast<uint64_t>(loop.size);
    if (!best || choice.count() < best->count())
      best = std::move(choice);
  }
  if (best && best->count() > 1)
    best->cuts.push_back(fmt::format("{}: {} takes {} transfers", what, text(walk), best->count()));
  return best;
}

/// Tasks of two descriptors that take turns: one for as many whole runs of a loop as it has, one
/// for the rest. Nothing when no loop is too long for a wrap.
std::optional<Tasks> with_remainder(const std::vector<Loop>& walk, std::string_view what) {
  std::optional<Tasks> best;
  for (size_t at = 0; at < walk.size(); ++at) {
    const Loop loop = walk[at];
    if (loop.size <= kMaxWrap || loop.step < 1 || loop.step > kMaxStep)
      continue;
    const int64_t run =
        loop.size < 2 * kMaxWrap ? kMaxWrap : std::min(kMaxWrap, kMaxStep / loop.step);
    const int64_t rest = loop.size % run;
    if (run < 2 || rest == 0)
      continue;
    const int64_t whole = loop.size - rest;
    std::vector<Loop> main{{whole / run, run * loop.step}, {run, loop.step}};
    std::vector<Loop> last{{rest, loop.step}};
    main.insert(main.end(), walk.begin() + static_cast<std::ptrdiff_t>(at) + 1, walk.end());
    last.insert(last.end(), walk.begin() + static_cast<std::ptrdiff_t>(at) + 1, walk.end());
    const auto first = in_one_shape(without_ones(main), WrapTiling::Default, what);
    auto second = in_one_shape(without_ones(last), WrapTiling::Default, what);
    if (!first || !second)
      continue;
    second->task.offset = static_cast<uint64_t>(whole * loop.step);
    Tasks choice{.outer = {walk.begin(), walk.begin() + static_cast<std::ptrdiff_t>(at)},
                 .task = {},
                 .turns = {*first, *second},
                 .cuts = {fmt::format("{}: {}: {} of {} and {}", what, why_cut(loop), whole / run,
                                      run, rest)}};
    if (!best || choice.count() < best->count())
      best = std::move(choice);
  }
  return best;
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

std::vector<Task> legalise(const std::vector<Loop>& loops, WrapTiling wraps, std::string_view what,
                           std::vector<std::string>* cuts) {
  const std::vector<Loop> walk = merged(loops);
  std::optional<Tasks> best = in_one_shape(walk, wraps, what);
  if (wraps == WrapTiling::Default)
    if (std::optional<Tasks> two = with_remainder(walk, what);
        two && (!best || two->count() < best->count()))
      best = std::move(two);
  if (!best)
    throw Error("{}: no descriptor walks {} (sizes and steps in words, outermost first)", what,
                text(walk))
        .hint("wraps up to {}, steps up to {} words", kMaxWrap, kMaxStep);
  if (cuts)
    cuts->insert(cuts->end(), best->cuts.begin(), best->cuts.end());
  return best->list();
}

}  // namespace npu::compiler::matmul
