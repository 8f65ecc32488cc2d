// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/group.h"

#include "hw-model/arch/error.h"
#include "hw-model/sim/platform.h"

namespace npu::sim {
namespace {

/// A partition and what runs on it.
struct Member {
  arch::Partition partition;
  std::span<const arch::Command> configuration;
  std::unique_ptr<Platform> platform;
  bool configured = false;
  size_t job = 0;  ///< the one under way
};

/// Whether `later` waits, directly or not, for `earlier`.
bool waits_for(std::span<const Job> jobs, size_t later, size_t earlier) {
  while (jobs[later].after && *jobs[later].after != earlier)
    later = *jobs[later].after;
  return jobs[later].after.has_value();
}

}  // namespace

struct Group::State {
  State(const arch::Timing& all_timing, const Options& all_options)
      : timing(all_timing),
        options(all_options),
        kernel(std::make_unique<sc_core::sc_simcontext>()),
        ddr(std::make_shared<Server>(timing.ddr.bytes_per_cycle.value)) {
    const KernelGuard guard(*kernel);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  }
  ~State() {
    const KernelGuard guard(*kernel);
    members.clear();
    kernel.reset();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void check(std::span<const Job> all) const;
  void start(size_t number, Cycle now);
  void ended(Member& member);

  arch::Timing timing;
  Options options;
  std::unique_ptr<sc_core::sc_simcontext> kernel;
  std::shared_ptr<Server> ddr;
  std::vector<Member> members;
  std::span<const Job> jobs;
  std::vector<JobResult> results;
};

void Group::State::check(std::span<const Job> all) const {
  for (size_t later = 0; later < all.size(); ++later) {
    if (all[later].after && *all[later].after >= later)
      throw Error("job {} waits for job {}, which does not come before it", later,
                  *all[later].after);
    for (size_t earlier = 0; earlier < later; ++earlier) {
      const arch::Partition& a = members[all[earlier].partition].partition;
      const arch::Partition& b = members[all[later].partition].partition;
      if (arch::overlap(a, b) && !waits_for(all, later, earlier))
        throw Error("jobs {} and {} run at the same time on columns {} to {} and {} to {}", earlier,
                    later, a.first_column, a.first_column + a.columns - 1, b.first_column,
                    b.first_column + b.columns - 1)
            .hint("columns of their own, or one after the other");
    }
  }
}

void Group::State::start(size_t number, Cycle now) {
  const Job& job = jobs[number];
  Member& member = members[job.partition];
  member.job = number;
  const std::vector<uint64_t> addresses = member.platform->map(job.arguments);
  const std::span<const arch::Command> configuration =
      member.configured ? std::span<const arch::Command>() : member.configuration;
  member.configured = true;
  member.platform->npu.start_sequence_at(now + job.delay, configuration, job.sequence, addresses);
}

/// Takes the result of the job under way and starts those that wait for it.
void Group::State::ended(Member& member) {
  NpuModule& npu = member.platform->npu;
  const size_t number = member.job;
  JobResult& result = results[number];
  result.start = npu.sequence_start();
  result.started = true;
  static_cast<RunResult&>(result) = npu.finish_sequence();
  const Cycle now = npu.context().now();
  npu.context().hub.finish(now);
  if (result.end != End::Finished)
    return;
  for (size_t next = number + 1; next < jobs.size(); ++next)
    if (jobs[next].after == number)
      start(next, now);
}

Group::Group(const arch::Timing& timing, const Options& options)
    : state_(std::make_unique<State>(timing, options)) {}
Group::~Group() = default;

size_t Group::add(const arch::Partition& partition, std::span<const arch::Command> configuration) {
  const KernelGuard guard(*state_->kernel);
  const size_t number = state_->members.size();
  auto platform = std::make_unique<Platform>(fmt::format("_{}", number), partition, state_->timing,
                                             state_->options, state_->ddr);
  platform->npu.on_end([state = state_.get(), number] { state->ended(state->members[number]); });
  state_->members.push_back({partition, configuration, std::move(platform)});
  return number;
}

observe::Hub& Group::hub(size_t partition) {
  return state_->members[partition].platform->npu.context().hub;
}

std::vector<JobResult> Group::run(std::span<const Job> jobs) {
  const KernelGuard guard(*state_->kernel);
  state_->check(jobs);
  state_->jobs = jobs;
  state_->results.assign(jobs.size(), {});
  for (size_t i = 0; i < jobs.size(); ++i)
    if (!jobs[i].after)
      state_->start(i, 0);
  sc_core::sc_start();
  for (const Member& member : state_->members)
    member.platform->npu.rethrow();
  return std::move(state_->results);
}

}  // namespace npu::sim
