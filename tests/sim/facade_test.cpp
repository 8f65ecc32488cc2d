// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The simulation as a whole: how runs end, what they keep, that they repeat.
#include "hw-model/sim/sim.h"
#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using enum BdField;
using ::testing::ElementsAre;

constexpr Coord kShim{1, 0};
constexpr Coord kMemtile{1, 1};
constexpr Coord kCore{1, 2};

/// DDR -> memtile -> core, which adds one to each word -> DDR, in blocks of 64 words.
class Pipeline {
 public:
  explicit Pipeline(const Options& options) : bench(options) {
    bench.circuit(kShim, kDma0, kMemtile, kDma0, 0);
    bench.circuit(kMemtile, kDma0, kCore, kDma0, 1);
    bench.circuit(kCore, kDma0, kShim, kDma0, 2);
    bench.route_tokens(kShim);
    configure_memtile();
    configure_core();
  }

  RunResult run(uint32_t first) {
    in_ = counting(first, 256);
    out.assign(256, 0);
    const std::vector<HostBuffer> arguments{argument(in_), argument(out)};
    return bench.run(Bench::shim_task(kShim, kS2mm, 0, 1, 1, {{Length, 256}}, true) +
                         Bench::shim_task(kShim, kMm2s, 0, 0, 0, {{Length, 256}}) +
                         arch::Commands{arch::Sync{.col = 1, .row = 0}},
                     arguments);
  }

  Bench bench;
  Words out;

 private:
  static constexpr int64_t kOwn = 0x80000 / 4;

  void configure_memtile() {
    bench.set_lock(kMemtile, 0, 2);
    for (const int i : {0, 1}) {
      bench.bd(kMemtile, i,
               {{BaseAddress, kOwn + 64 * i},
                {Length, 64},
                {UseNextBd, 1},
                {NextBd, 1 - i},
                {AcquireEnable, 1},
                {AcquireId, 64},
                {AcquireValue, -1},
                {ReleaseId, 65},
                {ReleaseValue, 1}});
      bench.bd(kMemtile, 2 + i,
               {{BaseAddress, kOwn + 64 * i},
                {Length, 64},
                {UseNextBd, 1},
                {NextBd, 3 - i},
                {AcquireEnable, 1},
                {AcquireId, 65},
                {AcquireValue, -1},
                {ReleaseId, 64},
                {ReleaseValue, 1}});
    }
    bench.push(kMemtile, kS2mm, 0, 0);
    bench.push(kMemtile, kMm2s, 0, 2);
  }

  void configure_core() {
    bench.set_lock(kCore, 0, 1);
    bench.bd(kCore, 0,
             {{Length, 64},
              {UseNextBd, 1},
              {NextBd, 0},
              {AcquireEnable, 1},
              {AcquireId, 0},
              {AcquireValue, -1},
              {ReleaseId, 1},
              {ReleaseValue, 1}});
    bench.bd(kCore, 1,
             {{Length, 64},
              {UseNextBd, 1},
              {NextBd, 1},
              {AcquireEnable, 1},
              {AcquireId, 2},
              {AcquireValue, -1},
              {ReleaseId, 0},
              {ReleaseValue, 1}});
    bench.push(kCore, kS2mm, 0, 0);
    bench.push(kCore, kMm2s, 0, 1);
    bench.start_core(kCore, R"(
      again:
        acquire 49, -1
        const r1, 458752
        const r2, 64
      word:
        load r3, r1, 0
        add_imm r3, r3, 1
        store r3, r1, 0
        add_imm r1, r1, 4
        loop r2, word
        release 50, 1
        jump again)");
  }

  Words in_;
};

class Facade : public BothFidelities {};
INSTANTIATE_TEST_SUITE_P(Streams, Facade, kBothFidelities, fidelity_name);

TEST_P(Facade, RunsADesignToItsResult) {
  Pipeline p(options());
  EXPECT_EQ(p.run(100).end, End::Finished);
  EXPECT_EQ(p.out, counting(101, 256));
}

TEST_P(Facade, RunsAgainWithoutAReset) {
  Pipeline p(options());
  p.run(100);
  EXPECT_EQ(p.run(500).end, End::Finished);
  EXPECT_EQ(p.out, counting(501, 256));
}

TEST_P(Facade, TimeGoesOnFromRunToRun) {
  Pipeline p(options());
  const Cycle first = p.run(0).cycles;
  const RunResult second = p.run(0);
  EXPECT_GT(second.cycles, 0u);
  EXPECT_GE(p.bench.simulation.now(), first + second.cycles);
}

TEST_P(Facade, LocksKeepTheirValuesBetweenRuns) {
  Bench b(options());
  b.start_core(kCore, "acquire 48, -1\n done\n");
  const uint32_t lock = arch::address_of(kCore, Bench::offset(kCore, RegisterId::LockValue));
  b.run({arch::Write{lock, 3}});
  EXPECT_EQ(b.run({arch::MaskPoll{lock, 0x3F, 2}}).end, End::Finished);
}

TEST_P(Facade, SimulationsMayFollowEachOther) {
  Cycle first = 0;
  for (int i = 0; i < 3; ++i) {
    Pipeline p(options());
    const Cycle cycles = p.run(7).cycles;
    EXPECT_EQ(p.out, counting(8, 256));
    if (i == 0)
      first = cycles;
    EXPECT_EQ(cycles, first);
  }
}

TEST_P(Facade, SimulationsMayLiveSideBySideAndRunInTurn) {
  Pipeline a(options());
  Pipeline b(options());
  const Cycle first = a.run(100).cycles;
  EXPECT_EQ(b.run(200).cycles, first);
  const Cycle second = a.run(300).cycles;
  EXPECT_EQ(b.run(400).cycles, second);
  EXPECT_EQ(a.out, counting(301, 256));
  EXPECT_EQ(b.out, counting(401, 256));
}

TEST_P(Facade, SimulationsMayEndInAnyOrder) {
  auto a = std::make_unique<Pipeline>(options());
  auto b = std::make_unique<Pipeline>(options());
  a->run(1);
  a.reset();
  EXPECT_EQ(b->run(1).end, End::Finished);
  EXPECT_EQ(b->out, counting(2, 256));
}

TEST_P(Facade, ObserverChangesNothing) {
  struct Greedy : observe::Observer {
    void on(const observe::Event&) override { ++events; }
    bool wants_memory() const override { return true; }
    uint64_t events = 0;
  };
  Pipeline plain(options());
  Pipeline watched(options());
  Greedy greedy;
  watched.bench.simulation.hub().attach(greedy);
  const RunResult a = plain.run(9);
  const RunResult b = watched.run(9);
  EXPECT_EQ(a.cycles, b.cycles);
  EXPECT_EQ(a.events, b.events);
  EXPECT_EQ(plain.out, watched.out);
  EXPECT_GT(greedy.events, plain.bench.record.events.size());
}

TEST_P(Facade, SameInputsGiveTheSameEvents) {
  Pipeline a(options());
  Pipeline b(options());
  a.run(3);
  b.run(3);
  EXPECT_EQ(a.bench.record.events, b.bench.record.events);
}

TEST_P(Facade, ScheduleSeedKeepsTheResult) {
  for (const uint64_t seed : {1, 2, 3, 4, 5}) {
    Options seeded = options();
    seeded.schedule_seed = seed;
    Pipeline p(seeded);
    EXPECT_EQ(p.run(100).end, End::Finished) << seed;
    EXPECT_EQ(p.out, counting(101, 256)) << seed;
  }
}

TEST_P(Facade, TimingOnlyTakesTheSameCycles) {
  Options timing = options();
  timing.timing_only = true;
  Pipeline with(options());
  Pipeline without(timing);
  EXPECT_EQ(without.run(5).cycles, with.run(5).cycles);
}

TEST_P(Facade, HangEndsAtOnce) {
  Bench b(options());
  const RunResult result = b.run({arch::Sync{.col = 0, .row = 0}});
  EXPECT_EQ(result.end, End::Hang);
  EXPECT_LT(result.cycles, 10u);
}

TEST_P(Facade, EndlessActivityEndsAtTheLimit) {
  Options limited = options();
  limited.limit_cycles = 20'000;
  Bench b(limited);
  b.start_core(kCore, "again:\n jump again\n");
  const RunResult result = b.run({arch::Sync{.col = 0, .row = 0}});
  EXPECT_EQ(result.end, End::Limit);
  EXPECT_LE(result.cycles, 20'000u);
}

TEST_P(Facade, LimitCountsTheCyclesOfEachRun) {
  Options limited = options();
  limited.limit_cycles = 5000;
  Bench b(limited, Bench::npu1(), [] {
    arch::Timing timing = quick_controller();
    timing.controller.write.value = 4000;
    return timing;
  }());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(b.run({arch::Write{arch::address_of(kCore, 0), 1}}).end, End::Finished);
}

TEST_P(Facade, ProgressMayInterruptARun) {
  Options interrupted = options();
  interrupted.progress_events = 5;
  interrupted.progress = [](Cycle) { return false; };
  Bench b(interrupted);
  b.start_core(kCore, "again:\n jump again\n");
  EXPECT_EQ(b.run({arch::Sync{.col = 0, .row = 0}}).end, End::Interrupted);
}

TEST_P(Facade, CanRunAgainAfterAHang) {
  Pipeline p(options());
  p.bench.run({arch::Sync{.col = 0, .row = 0}});
  EXPECT_EQ(p.run(100).end, End::Finished);
  EXPECT_EQ(p.out, counting(101, 256));
}

TEST_P(Facade, EmptySequenceFinishesAtOnce) {
  Bench b(options());
  const RunResult result = b.run({});
  EXPECT_EQ(result.end, End::Finished);
  EXPECT_EQ(result.cycles, 0u);
}

TEST_P(Facade, LoopingChannelsDoNotKeepARunAlive) {
  Bench b(options());
  b.circuit(kCore, kDma0, kCore, kDma0);
  b.bd(kCore, 0, {{Length, 16}, {UseNextBd, 1}, {NextBd, 0}});
  b.bd(kCore, 1, {{BaseAddress, 64}, {Length, 16}, {UseNextBd, 1}, {NextBd, 1}});
  b.push(kCore, kMm2s, 0, 0);
  b.push(kCore, kS2mm, 0, 1);
  EXPECT_EQ(b.run({arch::Write{arch::address_of(kCore, 0x8000), 1}}).end, End::Finished);
}

/// The two fidelities keep one rule, so a design without races takes the same cycles in both.
TEST(Fidelities, AgreeOnCyclesAndResults) {
  Options word;
  word.fidelity = Fidelity::Word;
  Pipeline flow({});
  Pipeline slow(word);
  const RunResult a = flow.run(100);
  const RunResult b = slow.run(100);
  EXPECT_EQ(a.end, b.end);
  EXPECT_EQ(flow.out, slow.out);
  EXPECT_EQ(a.cycles, b.cycles);
}

TEST(Fidelities, AgreeOnWhatAHangLeavesBehind) {
  Options word;
  word.fidelity = Fidelity::Word;
  Pipeline fast({});
  Pipeline slow(word);
  for (Pipeline* p : {&fast, &slow}) {
    p->run(100);
    p->bench.write(kCore, Bench::offset(kCore, RegisterId::CoreControl), 0);
    EXPECT_EQ(p->run(500).end, End::Hang);
  }
  for (const Coord tile : {kMemtile, kCore}) {
    EXPECT_EQ(fast.bench.words(tile, 0, 128), slow.bench.words(tile, 0, 128)) << to_string(tile);
    for (int lock = 0; lock < 16; ++lock)
      EXPECT_EQ(fast.bench.lock(tile, lock), slow.bench.lock(tile, lock)) << to_string(tile);
    for (const RegisterId id : {RegisterId::S2mmStatus, RegisterId::Mm2sStatus})
      EXPECT_EQ(fast.bench.read(tile, Bench::offset(tile, id)),
                slow.bench.read(tile, Bench::offset(tile, id)))
          << to_string(tile);
  }
}

TEST(Fidelities, AgreeOnATransferThatIsStoppedInTheMiddle) {
  std::vector<uint32_t> counts;
  std::vector<int64_t> written;
  for (const Fidelity fidelity : {Fidelity::Flow, Fidelity::Word}) {
    Options options;
    options.fidelity = fidelity;
    options.limit_cycles = 50;
    Bench b(options);
    b.circuit(kCore, kDma0, kCore, kDma0);
    b.bd(kCore, 0, {{Length, 200}});
    b.bd(kCore, 1, {{BaseAddress, 0x2000}, {Length, 200}});
    b.push(kCore, kMm2s, 0, 0);
    b.push(kCore, kS2mm, 0, 1);
    b.write_words(kCore, 0, counting(1, 200));
    EXPECT_EQ(b.settle().end, End::Limit);
    const Words got = b.words(kCore, 0x8000, 200);
    written.push_back(200 - std::ranges::count(got, 0u));
    counts.push_back(b.read(kCore, Bench::offset(kCore, RegisterId::S2mmWriteCount)));
  }
  EXPECT_GT(counts[0], 30u);
  EXPECT_LT(counts[0], 50u);
  EXPECT_EQ(counts[0], counts[1]);
  EXPECT_EQ(written[0], counts[0]);
  EXPECT_EQ(written[1], counts[1]);
}

TEST(Fidelities, FlowNeedsFewEvents) {
  Options word;
  word.fidelity = Fidelity::Word;
  Pipeline flow({});
  Pipeline slow(word);
  EXPECT_LT(20 * flow.run(0).events, slow.run(0).events);
}

}  // namespace
}  // namespace npu::sim
