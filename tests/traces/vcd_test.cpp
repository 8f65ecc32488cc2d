// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/vcd.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>

#include "hw-model/arch/error.h"
#include "hw-model/observe/event_text.h"
#include "tests/observe/random_events.h"
#include "traces/gtkw.h"
#include "traces/vcd_reader.h"

namespace npu::traces {
namespace {

using namespace observe;
using testing::ElementsAre;
using testing::HasSubstr;

/// A directory of this test's own.
class VcdTest : public testing::Test {
 protected:
  VcdTest()
      : folder_(testing::TempDir() + "airlock_" +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::create_directories(folder_);
  }
  ~VcdTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

Facts two_columns() {
  Facts facts;
  facts.columns = 2;
  return facts;
}

/// Random events that a waveform carries.
std::vector<Event> some_events(uint64_t seed, size_t count) {
  std::vector<Event> events = RandomEvents(seed, 2).take(count);
  std::erase_if(events,
                [](const Event& e) { return std::holds_alternative<MemoryAccess>(e.payload); });
  return events;
}

void record(const std::string& file, const std::vector<Event>& events,
            const TraceFilter& filter = {}, const Facts& facts = two_columns()) {
  VcdWriter writer(file_sink(file), facts, filter);
  for (const Event& event : events)
    writer.on(event);
  writer.finish(events.back().cycle);
  writer.close();
}

TEST_F(VcdTest, ReadsBackTheEventsThatWereWritten) {
  const auto events = some_events(1, 20000);
  record(path("a.vcd"), events);
  const Recording recording = read_vcd(path("a.vcd"));
  EXPECT_TRUE(recording.events == events);
  EXPECT_TRUE(recording.complete);
  EXPECT_EQ(recording.end, events.back().cycle);
}

TEST_F(VcdTest, ReadsBackThroughGzip) {
  const auto events = some_events(2, 5000);
  record(path("a.vcd.gz"), events);
  EXPECT_EQ(read(path("a.vcd.gz")).substr(0, 2), "\x1f\x8b");
  EXPECT_TRUE(read_vcd(path("a.vcd.gz")).events == events);
}

TEST_F(VcdTest, TheSameEventsGiveTheSameBytes) {
  const auto events = some_events(3, 2000);
  record(path("a.vcd"), events);
  record(path("b.vcd"), events);
  EXPECT_EQ(read(path("a.vcd")), read(path("b.vcd")));
}

/// Events of each subject, in order: what a conversion that sorts changes by signal must keep.
std::vector<Event> by_subject(std::vector<Event> events) {
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    const auto key = [](const Event& e) {
      return std::tuple(e.cycle, subject_of(e.payload), e.payload.index());
    };
    return key(a) < key(b);
  });
  return events;
}

TEST_F(VcdTest, AnFstCopyHoldsTheSameEventsAndFacts) {
  if (std::system("command -v vcd2fst >/dev/null && command -v fst2vcd >/dev/null") != 0)
    GTEST_SKIP() << "vcd2fst and fst2vcd are not installed (package gtkwave)";
  const auto events = some_events(4, 5000);
  Facts facts = two_columns();
  facts.names.notes = {"two words"};
  record(path("a.vcd"), events, {}, facts);
  const std::string convert =
      fmt::format("vcd2fst {0} {1} >/dev/null && fst2vcd {1} -o {2} >/dev/null", path("a.vcd"),
                  path("a.fst"), path("b.vcd"));
  ASSERT_EQ(std::system(convert.c_str()), 0);
  const Recording copy = read_vcd(path("b.vcd"));
  EXPECT_TRUE(by_subject(copy.events) == by_subject(events));
  EXPECT_THAT(copy.facts.names.notes, ElementsAre("two words"));
  EXPECT_TRUE(copy.complete);
}

TEST_F(VcdTest, CarriesNamesAndCommands) {
  Facts facts = two_columns();
  facts.device = "npu4";
  facts.clock_mhz = 1800;
  facts.names.design = "mm 512 $end %";
  facts.names.buffers = {{{0, 1}, 0x4000, 16384, "C@64", "64x128xf32", "a b.mlir:12"}};
  facts.names.locks = {{{0, 1}, 3, 2, "C@64.write", ""}};
  facts.names.flows = {{{1, 2}, arch::Direction::S2mm, 1, "A|0", "x"}};
  facts.names.cores = {{{1, 2}, "matmul"}};
  facts.names.arguments = {{2, "C", 1u << 20, "f32"}};
  facts.configuration = {arch::Write{0x200010, 7},
                         arch::BlockWrite{0x20, std::vector<uint32_t>(150, 0xabcdef)},
                         arch::MaskWrite{1, 2, 3}, arch::BlockWrite{0x40, {}}};
  facts.loads[9] = {arch::Write{1, 2}};
  facts.loads[10] = {};
  facts.load_names[10].locks = {{{1, 2}, 3, 0, "never", "b.mlir:7"}};
  facts.sequence = {arch::AddressPatch{4, 1, 1ull << 40},
                    arch::Sync{1, 0, arch::Direction::Mm2s, 1, 2, 3}, arch::MaskPoll{1, 2, 3},
                    arch::Load{9}};
  facts.settings = {{"version", "1.0"}};
  record(path("a.vcd"), some_events(5, 10), {}, facts);
  const Facts back = read_vcd(path("a.vcd")).facts;
  EXPECT_EQ(to_words(back), to_words(facts));
  EXPECT_EQ(back.configuration, facts.configuration);
  EXPECT_EQ(back.loads, facts.loads);
  EXPECT_EQ(back.load_names.at(10).locks[0].source, "b.mlir:7");
  EXPECT_TRUE(back.names.locks.size() == facts.names.locks.size());
  EXPECT_EQ(back.sequence, facts.sequence);
  EXPECT_EQ(back.names.buffers[0].source, "a b.mlir:12");
  EXPECT_EQ(back.names.design, "mm 512 $end %");
}

TEST_F(VcdTest, ACutFileGivesAPrefixAndSaysSo) {
  const auto events = some_events(6, 3000);
  record(path("a.vcd"), events);
  const std::string whole = read(path("a.vcd"));
  const size_t header = whole.find("sdevice|");
  for (size_t size = header + 200; size < whole.size() - 10; size += 4999) {
    write(path("cut.vcd"), std::string_view(whole).substr(0, size));
    const Recording cut = read_vcd(path("cut.vcd"));
    ASSERT_FALSE(cut.complete);
    ASSERT_LE(cut.events.size(), events.size());
    ASSERT_TRUE(std::equal(cut.events.begin(), cut.events.end(), events.begin())) << size;
  }
}

TEST_F(VcdTest, ACutGzipFileGivesAPrefix) {
  const auto events = some_events(7, 50000);
  record(path("a.vcd.gz"), events);
  const std::string whole = read(path("a.vcd.gz"));
  write(path("cut.vcd.gz"), std::string_view(whole).substr(0, whole.size() / 2));
  const Recording cut = read_vcd(path("cut.vcd.gz"));
  EXPECT_FALSE(cut.complete);
  EXPECT_GT(cut.events.size(), 1000u);
  EXPECT_TRUE(std::equal(cut.events.begin(), cut.events.end(), events.begin()));
}

TEST_F(VcdTest, AKilledWriterLeavesAllButTheLastPiece) {
  const auto events = some_events(8, 50000);
  VcdWriter writer(file_sink(path("a.vcd")), two_columns());
  for (const Event& event : events)
    writer.on(event);
  const Recording cut = read_vcd(path("a.vcd"));
  EXPECT_FALSE(cut.complete);
  EXPECT_GT(cut.events.size(), events.size() / 2);
}

TEST_F(VcdTest, OnlyTheChosenTilesAreDeclared) {
  const auto events = some_events(9, 5000);
  TraceFilter filter;
  filter.tiles = {{1, 2}};
  record(path("a.vcd"), events, filter);
  EXPECT_THAT(read(path("a.vcd")), testing::Not(HasSubstr("col0")));
  const Recording recording = read_vcd(path("a.vcd"));
  EXPECT_EQ(recording.filter, filter);
  for (const Event& event : recording.events) {
    const Subject subject = subject_of(event.payload);
    ASSERT_TRUE(subject == Subject{} || subject.agent.tile == (Coord{1, 2}));
  }
}

TEST_F(VcdTest, OnlyTheChosenKindsAreRecorded) {
  TraceFilter filter;
  filter.kinds = {SignalKind::Lock};
  record(path("a.vcd"), some_events(10, 5000), filter);
  const Recording recording = read_vcd(path("a.vcd"));
  ASSERT_FALSE(recording.events.empty());
  for (const Event& event : recording.events)
    ASSERT_TRUE(std::holds_alternative<LockChanged>(event.payload));
}

/// The last event of each subject and kind before `cycle`.
std::map<std::pair<Subject, size_t>, Payload> state_at(const std::vector<Event>& events,
                                                       Cycle cycle) {
  std::map<std::pair<Subject, size_t>, Payload> state;
  for (const Event& event : events)
    if (event.cycle < cycle && !std::holds_alternative<TokenIssued>(event.payload))
      state[{subject_of(event.payload), event.payload.index()}] = event.payload;
  return state;
}

TEST_F(VcdTest, AWindowBeginsWithTheStateBeforeIt) {
  const auto events = some_events(11, 5000);
  TraceFilter filter;
  filter.from = events[2000].cycle;
  filter.to = events[3000].cycle;
  record(path("a.vcd"), events, filter);
  const Recording recording = read_vcd(path("a.vcd"));
  std::vector<Event> inside = events;
  std::erase_if(inside,
                [&](const Event& e) { return e.cycle < filter.from || e.cycle > filter.to; });
  EXPECT_TRUE(recording.events == inside);
  EXPECT_EQ(recording.begin, filter.from);
  EXPECT_EQ(recording.end, filter.to);
  std::map<std::pair<Subject, size_t>, Payload> state;
  for (const Event& event : recording.initial)
    state[{subject_of(event.payload), event.payload.index()}] = event.payload;
  EXPECT_TRUE(state == state_at(events, filter.from));
}

TEST_F(VcdTest, ARingKeepsTheLastCycles) {
  const auto events = some_events(12, 5000);
  TraceFilter filter;
  filter.ring = 500;
  record(path("a.vcd"), events, filter);
  const Recording recording = read_vcd(path("a.vcd"));
  const Cycle from = events.back().cycle - 500;
  std::vector<Event> last = events;
  std::erase_if(last, [&](const Event& e) { return e.cycle < from; });
  EXPECT_TRUE(recording.events == last);
  EXPECT_EQ(recording.begin, from);
  EXPECT_TRUE(recording.complete);
}

TEST_F(VcdTest, ARecordingThatGoesOnAfterAFirstRunIsNotCompleteBeforeTheSecondEnds) {
  const auto events = some_events(13, 100);
  VcdWriter writer(file_sink(path("a.vcd")), two_columns());
  writer.on(events[0]);
  writer.finish(events[0].cycle);
  writer.on(events[1]);
  writer.flush();
  EXPECT_FALSE(read_vcd(path("a.vcd")).complete);
  writer.finish(events[1].cycle);
  EXPECT_TRUE(read_vcd(path("a.vcd")).complete);
}

constexpr std::string_view kHeader =
    "$scope module npu $end $var string 1 ! recording $end $var string 1 \" facts $end\n"
    "$scope module host $end $var string 1 # state $end $upscope $end $upscope $end "
    "$enddefinitions $end\n";

TEST_F(VcdTest, AValueThatIsNoEventIsReportedWithItsLine) {
  write(path("a.vcd"), std::string(kHeader) + "#0\nsdone_command_1 #\nsdance #\n");
  try {
    read_vcd(path("a.vcd"));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("a.vcd: line 5: event text has the unknown state of the host 'dance'"));
  }
}

TEST_F(VcdTest, TimeThatGoesBackIsRefused) {
  write(path("a.vcd"), std::string(kHeader) + "#5\n#4\n");
  EXPECT_THROW(read_vcd(path("a.vcd")), Error);
}

TEST_F(VcdTest, ATraceOfAnotherToolIsRefused) {
  write(
      path("a.vcd"),
      "$scope module top $end $var wire 1 ! clk $end $upscope $end $enddefinitions $end\n#0\n1!\n");
  EXPECT_THROW(read_vcd(path("a.vcd")), Error);
}

TEST_F(VcdTest, AFileThatIsNoVcdIsRefusedWithTheWayOut) {
  write(path("a.fst"), std::string(100, '\0'));
  try {
    read_vcd(path("a.fst"));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), HasSubstr("fst2vcd"));
  }
}

TEST_F(VcdTest, MoreEventsThanAllowedAreRefused) {
  record(path("a.vcd"), some_events(14, 100));
  EXPECT_THROW(read_vcd(path("a.vcd"), {.events = 10}), Error);
}

TEST_F(VcdTest, RandomDamageNeverCrashesTheReader) {
  record(path("a.vcd"), some_events(15, 200));
  const std::string whole = read(path("a.vcd"));
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 5; ++i)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    write(path("b.vcd"), damaged);
    try {
      read_vcd(path("b.vcd"));
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("b.vcd: line "));
    }
  }
}

TEST_F(VcdTest, ALockIsFoundByItsName) {
  Facts facts = two_columns();
  facts.names.locks = {{{0, 1}, 3, 2, "C@64.write", ""}};
  record(path("a.vcd"), some_events(16, 10), {}, facts);
  EXPECT_THAT(read(path("a.vcd")), HasSubstr("$scope module lock3_C_64_write $end"));
}

TEST_F(VcdTest, WhatStallsAtTheEndIsKnown) {
  VcdWriter writer(file_sink(path("a.vcd")), two_columns());
  writer.on({1, ChannelChanged{{{1, 1}, AgentKind::S2mm, 5}, ChannelState::Acquiring, 0, 1}});
  writer.on({2, ChannelChanged{{{0, 1}, AgentKind::S2mm, 5}, ChannelState::Starved, 0, 1}});
  writer.on({3, ChannelChanged{{{0, 1}, AgentKind::S2mm, 5}, ChannelState::Running, 0, 1}});
  EXPECT_THAT(writer.stalled_tiles(), ElementsAre(Coord{1, 1}));
}

TEST_F(VcdTest, OnlySignalsThatChangedAreWorthAView) {
  VcdWriter writer(file_sink(path("a.vcd")), two_columns());
  writer.on({1, RouteFill{{{1, 1}, AgentKind::S2mm, 5}, 3}});
  std::vector<std::string> paths;
  for (const Signal& signal : writer.used_signals())
    paths.push_back(signal.path());
  EXPECT_THAT(paths, ElementsAre("npu.col1.memtile.s2mm5.port", "npu.col1.memtile.s2mm5.fill"));
}

TEST(SaveFile, OpensTheGroupsOfTilesThatStall) {
  TraceFilter filter;
  filter.tiles = {{0, 1}, {0, 2}};
  const std::string text =
      gtkw_text("a.vcd", signals(1, filter, {}), {.open = {{0, 2}}, .end = 1000, .span = 100});
  EXPECT_THAT(text, HasSubstr("@c00200\n-memtile(0,1)\n"));
  EXPECT_THAT(text, HasSubstr("@800200\n-core(0,2)\n"));
  EXPECT_THAT(text, HasSubstr("[timestart] 900\n"));
  EXPECT_THAT(text, HasSubstr("[color] 1\n+{core:stalled} npu.col0.core_r2.core.stalled\n"));
}

TEST(SaveFile, NamesOnlySignalsThatTheWaveformDeclares) {
  TraceFilter filter;
  filter.kinds = {SignalKind::Core};
  const std::string text = gtkw_text("a.vcd", signals(1, filter, {}), {.open = {}, .end = 10});
  EXPECT_THAT(text, testing::Not(HasSubstr("s2mm")));
}

}  // namespace
}  // namespace npu::traces
