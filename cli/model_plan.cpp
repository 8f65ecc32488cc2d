// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/model_plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "cli/model_design.h"

namespace npu::cli {
namespace {

class Planner {
 public:
  Planner(const Model& model, bool dedup)
      : model_(model), dedup_(dedup), shared_(model.settings.size()) {
    for (const Settings& settings : model.settings)
      keys_.push_back(design_key(settings));
  }

  ModelPlan run() {
    for (size_t i = 0; i < model_.entries.size(); ++i)
      add(i);
    name_containers();
    return std::move(plan_);
  }

 private:
  /// Containers that are one for the user: of one name and for one partition.
  struct Group {
    std::string name;
    int columns = 0;
    std::vector<size_t> containers = {};
    std::map<size_t, size_t> place = {};  ///< of a design: its container
  };

  void add(size_t index) {
    const ModelEntry& entry = model_.entries[index];
    if (dedup_)
      return add_row(index, entry.name, entry.repeat, shared_design(entry));
    for (int64_t i = 1; i <= entry.repeat; ++i) {
      const std::string name = entry.repeat == 1 ? entry.name : fmt::format("{}.{}", entry.name, i);
      add_row(index, name, 1, new_design(entry, name));
    }
  }

  size_t shared_design(const ModelEntry& entry) {
    std::optional<size_t>& design = shared_[entry.settings];
    if (design)
      return *design;
    const auto [known, fresh] = designs_.emplace(keys_[entry.settings], plan_.designs.size());
    if (fresh)
      new_design(entry, entry.name);
    design = known->second;
    return *design;
  }

  size_t new_design(const ModelEntry& entry, const std::string& name) {
    plan_.designs.push_back({name, entry.where, entry.settings, keys_[entry.settings]});
    return plan_.designs.size() - 1;
  }

  void add_row(size_t index, const std::string& name, int64_t repeat, size_t design) {
    const ModelEntry& entry = model_.entries[index];
    Group& group = group_of(entry.container.empty() ? model_.name : entry.container,
                            model_.settings[entry.settings].partition().columns);
    auto [place, fresh] = group.place.emplace(design, 0);
    if (fresh)
      place->second = room_in(group, design);
    plan_.rows.push_back({index, name, repeat, design, place->second});
  }

  Group& group_of(const std::string& name, int columns) {
    for (Group& group : groups_)
      if (group.name == name && group.columns == columns)
        return group;
    return groups_.emplace_back(Group{name, columns});
  }

  size_t room_in(Group& group, size_t design) {
    const auto most = static_cast<size_t>(xclbin::Limits().pdis);
    if (group.containers.empty() ||
        plan_.containers[group.containers.back()].designs.size() == most) {
      group.containers.push_back(plan_.containers.size());
      plan_.containers.emplace_back();
    }
    plan_.containers[group.containers.back()].designs.push_back(design);
    return group.containers.back();
  }

  /// `NAME.xclbin`, `NAME.2.xclbin` and so on; names that are taken are passed over.
  void name_containers() {
    std::set<std::string> taken;
    for (const Group& group : groups_)
      for (const size_t container : group.containers) {
        std::string file = group.name + ".xclbin";
        for (int i = 2; !taken.insert(file).second; ++i)
          file = fmt::format("{}.{}.xclbin", group.name, i);
        plan_.containers[container].file = file;
      }
  }

  const Model& model_;
  bool dedup_;
  std::vector<std::string> keys_;              // of the model's settings
  std::map<std::string, size_t> designs_;      // by key
  std::vector<std::optional<size_t>> shared_;  // the design of settings, once it is known
  std::vector<Group> groups_;
  ModelPlan plan_;
};

}  // namespace

ModelPlan plan_model(const Model& model, bool dedup) {
  return Planner(model, dedup).run();
}

}  // namespace npu::cli
