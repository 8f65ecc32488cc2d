// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/host_cache.h"
#include "tests/zoo/parts.h"

// What a host does wrong: too many tasks, no waits or the wrong ones, lengths, resets.
namespace npu::zoo {
namespace {

/// Many tasks on one shim channel, never more than four at a time.
Specimen many_tasks() {
  constexpr int kTasks = 8;
  constexpr uint64_t kWords = 16 * kObject;
  Copy c = copy_through_core(kTasks * 16);
  c.transfer(0).descriptor = kTasks;
  auto& sequence = c.design().sequence;
  sequence.erase(sequence.begin() + 1, sequence.end());
  for (int i = 0; i < kTasks; ++i) {
    if (i >= arch::kTaskQueueDepth)
      sequence.push_back(Await{10 + i - arch::kTaskQueueDepth});
    sequence.push_back(Transfer{.shim_channel = c.from,
                                .argument = 0,
                                .offset = 4 * static_cast<uint64_t>(i) * kWords,
                                .length = kWords,
                                .token = true,
                                .descriptor = i,
                                .id = 10 + i});
  }
  sequence.push_back(Await{1});
  c.specimen.timing.controller.queue_push.value = 100;
  return c.specimen;
}

TEST(Z08TaskQueueOverflow, DropsTheFifthTask) {
  Specimen s = many_tasks();
  s.tamper = wait_at_the_end;
  expect(s, Verdict::Hangs,
         "task 5 of shim(0,0).mm2s0 `in` was dropped, and 3 after it: its queue holds 4");
}
TEST(Z08TaskQueueOverflow, IsRefusedByTheCompiler) {
  Specimen s = many_tasks();
  std::erase_if(s.design.sequence, [](const auto& op) {
    const auto* await = std::get_if<Await>(&op);
    return await && await->id != 1;
  });
  expect(s, Verdict::Refused,
         "shim(0,0).mm2s0 (in): transfer 14 does not fit the task queue: 4 transfers are "
         "outstanding, the oldest is transfer 10");
}
TEST(Z08TaskQueueOverflow, PassesWhenEarlierTasksAreAwaited) {
  expect_healthy(many_tasks());
}

/// Three outputs in two descriptors: the second is used again when its task is done.
Specimen reused_descriptor() {
  constexpr uint64_t kWords = 4 * kObject;
  Copy c = copy_through_core(12);
  auto& sequence = c.design().sequence;
  const auto out = [&](int i, int descriptor) {
    return Transfer{.shim_channel = c.to,
                    .argument = 1,
                    .offset = 4 * static_cast<uint64_t>(i) * kWords,
                    .length = kWords,
                    .token = true,
                    .descriptor = descriptor,
                    .id = 10 + i};
  };
  const auto in = std::get<Transfer>(sequence[1]);
  sequence = {in, out(0, 4), out(1, 5), Await{10}, Await{11}, out(2, 5), Await{12}};
  return c.specimen;
}

TEST(Z09DescriptorReuse, SendsAQueuedTaskToTheAddressOfALaterOne) {
  Specimen s = reused_descriptor();
  // The feed comes last, so that everything is queued before.
  std::rotate(s.design.sequence.begin(), s.design.sequence.begin() + 1, s.design.sequence.end());
  s.design.sequence = {s.design.sequence[0], s.design.sequence[1], s.design.sequence[6],
                       s.design.sequence[2], s.design.sequence[3], s.design.sequence[4],
                       s.design.sequence[5]};
  s.tamper = wait_at_the_end;
  expect(s, Verdict::Wrong,
         "descriptor 5 of shim(0,0) was rewritten while shim(0,0).s2mm0 `out` still had a task "
         "with it");
}
TEST(Z09DescriptorReuse, IsRefusedByTheCompiler) {
  Specimen s = reused_descriptor();
  std::erase_if(s.design.sequence, [](const auto& op) {
    const auto* await = std::get_if<Await>(&op);
    return await && await->id != 12;
  });
  expect(s, Verdict::Refused,
         "shim(0,0).s2mm0 (out): transfer 12 rewrites descriptor 5, which transfer 11 still uses");
}
TEST(Z09DescriptorReuse, PassesWhenItsTaskIsAwaited) {
  expect_healthy(reused_descriptor());
}

/// The host pushes its tasks without asking for tokens.
void no_tokens(Lowered& lowered) {
  for (arch::Command& command : lowered.sequence)
    if (auto* write = std::get_if<arch::Write>(&command))
      write->value &= ~arch::queue::kToken.mask();
}

TEST(Z12WaitOnTheWrongThing, NeverEndsWhenNoTaskIssuesAToken) {
  Specimen s = copy_through_core().specimen;
  s.tamper = no_tokens;
  expect(s, Verdict::Hangs,
         "the host waits for a token of shim(0,0).s2mm0 `out`, and none of its tasks issues one");
}
/// The host polls until the core says that it is done.
void poll_the_core(Lowered& lowered) {
  lowered.sequence.back() = arch::MaskPoll{arch::address_of(kCore, 0x32004), 1u << 20, 1u << 20};
}

TEST(Z12WaitOnTheWrongThing, IsFollowedThroughThePolledCore) {
  Copy c = copy_through_core();
  c.transfer(1).length /= 2;
  c.specimen.tamper = poll_the_core;
  expect(
      c.specimen, Verdict::Hangs,
      "core(0,2).s2mm0 `in` has 0 of 1024 bytes and its source shim(0,0).mm2s0 `in` is idle: its "
      "only task is done");
}
TEST(Z12WaitOnTheWrongThing, IsRefusedByTheCompiler) {
  Copy c = copy_through_core();
  c.transfer(0).token = false;
  expect(c.specimen, Verdict::Refused, "transfer 1 is awaited and issues no token [awaits]");
}
TEST(Z12WaitOnTheWrongThing, ReturnsTooEarlyWhenOnlyTheInputIsAwaited) {
  Copy c = copy_through_core();
  c.transfer(0).token = false;
  c.transfer(1).token = true;
  c.design().sequence.back() = Await{2};
  c.specimen.timing.controller.sync.value = 0;
  expect(c.specimen, Verdict::Wrong,
         "the host goes on before shim(0,0).s2mm0 `out` is done: nothing awaits its last task");
}
TEST(Z12WaitOnTheWrongThing, PassesWhenTheOutputIsAwaited) {
  expect_healthy(copy_through_core().specimen);
}

TEST(Z13RepeatCountedTwice, WaitsForMoreThanItsSourceSends) {
  Copy c = copy_through_core();
  c.transfer(0).repeat = 4;
  expect(c.specimen, Verdict::Hangs,
         "shim(0,0).s2mm0 `out` waits for 4 times what its source sends: 4096 bytes came, and its "
         "task wants them 4 times");
}
TEST(Z13RepeatCountedTwice, PassesWhenTheRepeatIsOneOfTheDimensions) {
  Copy c = copy_through_core();
  c.transfer(0).repeat = 4;
  c.transfer(0).length /= 4;
  c.transfer(0).iteration_step = kObject;
  expect_healthy(c.specimen);
}

Specimen fill_of(uint64_t words) {
  Copy c = copy_through_core(2);
  c.transfer(1).length = words;
  return c.specimen;
}

TEST(Z14FillNotAWholeNumberOfObjects, LeavesTheReceiverInTheMiddleOfOne) {
  expect(fill_of(3 * kObject / 2), Verdict::Hangs,
         "core(0,2).s2mm0 `in` has 512 of 1024 bytes and its source shim(0,0).mm2s0 `in` is idle: "
         "the 1536 bytes that it sent are no whole number of objects");
}
TEST(Z14FillNotAWholeNumberOfObjects, LeavesWordsForTheNextRunWhenItIsTooLong) {
  Copy c = copy_through_core(3);
  c.transfer(0).length = 2 * kObject;
  c.transfer(1).length = 5 * kObject / 2;
  c.specimen.want->second.resize(2 * kObject);
  c.specimen.want->second.resize(3 * kObject);
  expect(
      c.specimen, Verdict::Suspect,
      "core(0,2).s2mm0 `in` has 512 bytes too many: its objects are of 1024 bytes, and 2560 came");
}
TEST(Z14FillNotAWholeNumberOfObjects, PassesWithWholeObjects) {
  expect_healthy(fill_of(2 * kObject));
}

/// A core with two inputs.
Specimen two_inputs(bool fill_both) {
  Copy c = copy_through_core();
  Design& d = c.design();
  const Fifo b = add_fifo(d, "b", kCore);
  const int from = add_shim(d, "b", 0, Direction::Mm2s);
  add_flow(d, "b", at_shim(d, from), {at_channel(d, add_ring(d, "b", kCore, Direction::S2mm, b))});
  Code code(kCore);
  for (const size_t i : {0, 1})
    code.acquire(c.in.full)
        .acquire(b.full)
        .acquire(c.out.free)
        .call(KernelOp::Add, {c.in.buffers[i], b.buffers[i], c.out.buffers[i]})
        .release(c.in.free)
        .release(b.free)
        .release(c.out.full);
  d.cores = {code.end()};
  Transfer fill = c.transfer(1);
  fill.shim_channel = from;
  fill.id = 3;
  if (fill_both)
    d.sequence.insert(d.sequence.begin() + 2, fill);
  for (uint32_t& word : c.specimen.want->second)
    word *= 2;
  return c.specimen;
}

TEST(Z15FifoWithoutATransfer, StarvesItsConsumer) {
  expect(two_inputs(false), Verdict::Hangs,
         "core(0,2).s2mm1 `b` has 0 of 1024 bytes and its source shim(0,0).mm2s1 `b` is idle: it "
         "was never given a task");
}
TEST(Z15FifoWithoutATransfer, PassesWhenTheHostFillsIt) {
  expect_healthy(two_inputs(true));
}

/// A core that serves two invocations, or one.
Specimen invoked_twice(bool for_ever) {
  Copy c = copy_through_core(2);
  Code code = copying(kCore, c.in, c.out);
  c.design().cores = {for_ever ? code.end() : code.done()};
  c.specimen.before = c.design();
  return c.specimen;
}

TEST(Z21CoreRunsOnce, HangsInTheSecondInvocation) {
  expect(invoked_twice(false), Verdict::Hangs,
         "lock 3 `out.full` of core(0,2) is 0 and only core(0,2) would release it, whose program "
         "has ended");
}
TEST(Z21CoreRunsOnce, PassesWithALoopAroundTheProgram) {
  expect_healthy(invoked_twice(true));
}

/// A core that is in no hurry.
Specimen slow_core(arch::Cycle limit) {
  Copy c = copy_through_core();
  Code code(kCore);
  for (const size_t i : {0, 1}) {
    code.acquire(c.in.full).acquire(c.out.free);
    for (int slow = 0; slow < 40; ++slow)
      code.copy(c.in.buffers[i], c.out.buffers[i]);
    code.release(c.in.free).release(c.out.full);
  }
  c.design().cores = {code.end()};
  c.specimen.limit = limit;
  return c.specimen;
}

TEST(Z25TimeOutReadAsSuccess, HasAVerdictOfItsOwn) {
  expect(slow_core(40000), Verdict::TimesOut,
         "core(0,2) still runs, and core(0,2).mm2s0 `out` waits for lock 3 `out.full` of core(0,2) "
         ">= 1, is 0");
}
TEST(Z25TimeOutReadAsSuccess, LeavesAPartOfTheOutputAndSaysHowMuch) {
  const Report report = examine(slow_core(40000));
  EXPECT_EQ(report.text.substr(0, report.text.find('\n')),
            "stopped at cycle 40000: host command 7 of 7, 3072 of 4096 output bytes written");
  EXPECT_NE(report.arguments[1].front(), 0u);
  EXPECT_EQ(report.arguments[1].back(), 0u);
}
TEST(Z25TimeOutReadAsSuccess, PassesWhenTheWatchdogWaitsLongEnough) {
  expect_healthy(slow_core(1000000));
}

/// A host that clears C before the run, through its cache, and reads it after the run.
class HostClearsC {
 public:
  /// What the host reads in the end is that the device wrote.
  bool run(bool sync) {
    cache_.write(0, std::vector<std::byte>(bytes()));
    if (sync)
      cache_.sync_to_device();
    Specimen s = copy_.specimen;
    s.arguments[1] = memory_;
    const Report report = examine(s);
    EXPECT_EQ(report.verdict, Verdict::Passes);
    std::copy(report.arguments[1].begin(), report.arguments[1].end(), memory_.begin());
    if (sync)
      cache_.sync_from_device();
    // Whenever the host's processor likes.
    cache_.write_back();
    Words read(memory_.size());
    cache_.read(0, std::as_writable_bytes(std::span(read)));
    return read == s.want->second;
  }
  std::vector<std::string> findings() const { return cache_.findings(); }

 private:
  uint64_t bytes() const { return 4 * memory_.size(); }

  Copy copy_ = copy_through_core();
  Words memory_ = Words(copy_.specimen.want->second.size());
  sim::HostCache cache_{{reinterpret_cast<std::byte*>(memory_.data()), 4 * memory_.size()}, "c"};
};

TEST(Z27HostCacheNotSynced, WritesOldLinesOverTheResult) {
  HostClearsC host;
  EXPECT_FALSE(host.run(false));
  ASSERT_FALSE(host.findings().empty());
  EXPECT_EQ(host.findings().front(),
            "bytes 0..63 of `c` are dirty in the host's cache, and the device has written them");
}
TEST(Z27HostCacheNotSynced, PassesWithASyncBeforeAndAfterTheRun) {
  HostClearsC host;
  EXPECT_TRUE(host.run(true));
  EXPECT_TRUE(host.findings().empty());
}
TEST(Z27HostCacheNotSynced, ReadsOldLinesWhenOnlyTheSyncAfterIsMissing) {
  Words memory(16);
  sim::HostCache cache({reinterpret_cast<std::byte*>(memory.data()), 64}, "c");
  Words read(16);
  cache.read(0, std::as_writable_bytes(std::span(read)));
  memory[3] = 5;  // the device
  cache.read(0, std::as_writable_bytes(std::span(read)));
  EXPECT_EQ(read[3], 0u);
  EXPECT_EQ(cache.findings(),
            std::vector<std::string>{
                "bytes 0..63 of `c` are old in the host's cache, and the device has written them"});
}

/// A run that leaves half an object behind, and the right one after it.
Specimen after_a_failed_run(bool reset) {
  Specimen s = copy_through_core(2).specimen;
  s.before = fill_of(3 * kObject / 2).design;
  s.reset = reset;
  return s;
}

TEST(Z33ResidueOfAFailedRun, SpoilsTheNextOne) {
  expect(after_a_failed_run(false), Verdict::Hangs,
         "shim(0,0).s2mm0 `out` begins the run with 1024 of 2048 bytes of a descriptor moved: the "
         "array was not reset after a run that left work undone");
}
TEST(Z33ResidueOfAFailedRun, PassesAfterAReset) {
  expect_healthy(after_a_failed_run(true));
}

}  // namespace
}  // namespace npu::zoo
