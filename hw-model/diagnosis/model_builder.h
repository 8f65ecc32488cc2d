// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "hw-model/diagnosis/model.h"

namespace npu::diagnosis {

/// Places of a task queue that the machine's states have room for.
inline constexpr int kMostQueued = 8;

/// Turns an image into a model.
class ModelBuilder {
 public:
  ModelBuilder(const Image& image, const arch::Timing& timing);
  Model build();

 private:
  int agent(const observe::Agent& id);
  const observe::Agent& id(int agent) const { return m_.agents[static_cast<size_t>(agent)].id; }
  int lock(LockRef ref);
  int arbiter(int user, const logic::ArbiterUse& use);
  int route(int user, std::optional<uint32_t> header);
  void takes(int user, int lock, int amount);
  void gives(int user, int lock, int amount);

  void add_task(const npu::diagnosis::Task& task);
  Model::Step step(int user, const TaskBd& bd);
  bool stops(const observe::Agent& channel, const TaskBd& bd) const;
  void add_core(const CoreFacts& facts);
  int cascade_target(Coord tile);
  void read_control(Model::Agent& channel);
  void add_host();
  void add_sync(uint32_t command, const arch::Sync& sync);
  void add_poll(uint32_t command, const arch::MaskPoll& poll);
  void add_write(uint32_t command, uint32_t address, uint32_t value, bool masked);
  void add_lock_write(uint32_t command, int lock, int value);
  void add_rewrite(uint32_t command, Coord tile, int bd);

  template <typename... Args>
  void gap(fmt::format_string<Args...> text, Args&&... args) {
    std::string made = fmt::format(text, std::forward<Args>(args)...);
    if (std::find(m_.gaps.begin(), m_.gaps.end(), made) == m_.gaps.end())
      m_.gaps.push_back(std::move(made));
  }

  const Image& image_;
  Model m_;
  std::map<observe::Agent, int> agent_index_;
  std::vector<int> lock_index_;
  std::map<Model::ArbiterId, int> arbiter_index_;
};

}  // namespace npu::diagnosis
