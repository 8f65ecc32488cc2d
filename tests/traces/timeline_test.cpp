// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "traces/timeline.h"

#include <map>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/observe/random_events.h"
#include "traces/extended_timeline.h"

namespace npu::traces {
namespace {

using namespace observe;
using nlohmann::json;
using testing::ElementsAre;

constexpr Agent kCore{{3, 2}, AgentKind::Core, 0};

std::vector<Coord> all_tiles(int columns) {
  std::vector<Coord> tiles;
  for (uint8_t col = 0; col < columns; ++col)
    for (uint8_t row = 0; row < arch::kRows; ++row)
      tiles.push_back({col, row});
  return tiles;
}

Sink into(std::string& text) {
  return [&text](std::string_view piece) { text.append(piece); };
}

std::string aie_text(const std::vector<Event>& events, const std::vector<Coord>& tiles) {
  std::string text;
  AieTimeline timeline(into(text), tiles);
  for (const Event& event : events)
    timeline.on(event);
  timeline.finish(events.empty() ? 0 : events.back().cycle);
  timeline.close();
  return text;
}

json aie_json(const std::vector<Event>& events, const std::vector<Coord>& tiles) {
  return json::parse(aie_text(events, tiles));
}

json extended_json(const std::vector<Event>& events, const Facts& facts = {}) {
  std::string text;
  ExtendedTimeline timeline(into(text), facts);
  for (const Event& event : events)
    timeline.on(event);
  timeline.finish(events.empty() ? 0 : events.back().cycle);
  timeline.close();
  return json::parse(text);
}

/// Cycles from each INSTR_EVENT_0 to the next INSTR_EVENT_1, the way the consumers of the format
/// take them: one list per process_name record, found by using the pid of an event as its index.
std::map<std::string, std::vector<int64_t>> cycles_summary(const json& trace) {
  std::vector<std::pair<std::string, std::vector<int64_t>>> rows;
  std::vector<int64_t> begun;
  for (const json& record : trace) {
    if (record.at("name") == "process_name") {
      rows.emplace_back(record.at("args").at("name"), std::vector<int64_t>{});
      begun.push_back(-1);
    }
    if (record.at("ph") != "B")
      continue;
    const auto pid = record.at("pid").get<size_t>();
    if (record.at("name") == "INSTR_EVENT_0") {
      begun.at(pid) = record.at("ts");
    } else if (record.at("name") == "INSTR_EVENT_1" && begun.at(pid) >= 0) {
      rows.at(pid).second.push_back(record.at("ts").get<int64_t>() - begun.at(pid));
      begun.at(pid) = -1;
    }
  }
  return {rows.begin(), rows.end()};
}

int64_t vector_time(const json& trace) {
  int64_t sum = 0;
  for (const json& record : trace)
    if (record.at("name") == "INSTR_VECTOR")
      sum +=
          record.at("ph") == "E" ? record.at("ts").get<int64_t>() : -record.at("ts").get<int64_t>();
  return sum;
}

/// B and E of each thread alternate, and time never goes back.
void expect_well_formed(const json& records) {
  std::map<std::pair<int, int>, std::string> open;
  double last = 0;
  for (const json& record : records) {
    const std::string phase = record.at("ph");
    if (phase == "M")
      continue;
    ASSERT_GE(record.at("ts").get<double>(), last) << record;
    last = record.at("ts");
    const std::pair<int, int> thread(record.at("pid"), record.at("tid"));
    if (phase == "B") {
      ASSERT_TRUE(open.emplace(thread, record.at("name")).second) << record;
    } else if (phase == "E") {
      ASSERT_EQ(open.erase(thread), 1u) << record;
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST(AieTimeline, IsABareArrayOfProcessesAndTheirEightSlots) {
  const json trace = aie_json({}, {{3, 2}});
  ASSERT_EQ(trace.size(), 18u);
  EXPECT_EQ(
      trace[0],
      json::parse(
          R"({"name":"process_name","ph":"M","pid":0,"args":{"name":"core_trace for tile2,3"}})"));
  EXPECT_EQ(
      trace[1],
      json::parse(
          R"({"name":"thread_name","ph":"M","pid":0,"tid":0,"args":{"name":"INSTR_EVENT_0"}})"));
  EXPECT_EQ(trace[9].at("args").at("name"), "mem_trace for tile2,3");
}

TEST(AieTimeline, NumbersProcessesInTheOrderOfTheirRecords) {
  std::vector<std::string> names;
  for (const json& record : aie_json({}, {{1, 1}, {1, 0}, {1, 2}, {0, 2}}))
    if (record.at("name") == "process_name") {
      EXPECT_EQ(record.at("pid"), names.size());
      names.push_back(record.at("args").at("name"));
    }
  EXPECT_THAT(names, ElementsAre("core_trace for tile2,0", "core_trace for tile2,1",
                                 "mem_trace for tile2,0", "mem_trace for tile2,1",
                                 "shim_trace for tile0,1", "memtile_trace for tile1,1"));
}

TEST(AieTimeline, AnEventHasExactlyTheMembersOfTheFormat) {
  const std::string text =
      aie_text({{1234, CoreChanged{kCore, CoreState::LockStall, 3}}}, {{3, 2}});
  EXPECT_THAT(
      text,
      testing::HasSubstr(
          "{\"name\":\"LOCK_STALL\",\"ts\":1234,\"ph\":\"B\",\"pid\":0,\"tid\":5,\"args\":{}}"));
}

TEST(AieTimeline, AKernelIsMarkedFromItsBeginToItsEnd) {
  const json trace = aie_json({{10, CoreChanged{kCore, CoreState::Kernel, 0, 90}},
                               {100, CoreChanged{kCore, CoreState::Kernel, 0, 50}},
                               {150, CoreChanged{kCore, CoreState::Running}}},
                              all_tiles(4));
  EXPECT_THAT(cycles_summary(trace).at("core_trace for tile2,3"), ElementsAre(90, 50));
  EXPECT_EQ(vector_time(trace), 140);
}

TEST(AieTimeline, TheMarksOfAProgramReplaceThoseOfItsKernels) {
  const json trace = aie_json({{5, CoreMarked{kCore, 0}},
                               {10, CoreChanged{kCore, CoreState::Kernel, 0, 90}},
                               {100, CoreChanged{kCore, CoreState::Running}},
                               {110, CoreMarked{kCore, 1}}},
                              {{3, 2}});
  EXPECT_THAT(cycles_summary(trace).at("core_trace for tile2,3"), ElementsAre(105));
}

TEST(AieTimeline, AStreamStarvationOfAShimHasItsSlot) {
  const json trace = aie_json(
      {{7, ChannelChanged{{{0, 0}, AgentKind::S2mm, 1}, ChannelState::Starved, 0, 1}}}, {{0, 0}});
  EXPECT_EQ(trace[9].at("name"), "DMA_S2MM_1_STREAM_STARVATION");
  EXPECT_EQ(trace[9].at("tid"), 7);
}

TEST(AieTimeline, AMemtilesPortsAreS2mmThenMm2s) {
  const json trace = aie_json(
      {{7, ChannelChanged{{{0, 1}, AgentKind::Mm2s, 2}, ChannelState::Running, 0, 1}}}, {{0, 1}});
  EXPECT_EQ(trace[9].at("name"), "PORT_RUNNING_6");
}

TEST(AieTimeline, WhatIsStillHighEndsWithTheRun) {
  const json trace =
      aie_json({{7, CoreChanged{kCore, CoreState::LockStall, 1}}, {50, TokenIssued{}}}, {{3, 2}});
  EXPECT_EQ(trace.back().at("ph"), "E");
  EXPECT_EQ(trace.back().at("ts"), 50);
}

TEST(AieTimeline, SlicesNestAndTimeIsMonotoneForAnyEvents) {
  expect_well_formed(aie_json(RandomEvents(1, 2).take(20000), all_tiles(2)));
}

TEST(ExtendedTimeline, SlicesNestAndTimeIsMonotoneForAnyEvents) {
  const json trace = extended_json(RandomEvents(2, 2).take(20000));
  EXPECT_EQ(trace.at("displayTimeUnit"), "ns");
  expect_well_formed(trace.at("traceEvents"));
}

TEST(ExtendedTimeline, TellsItsClockAndSettings) {
  Facts facts;
  facts.clock_mhz = 1250;
  facts.settings = {{"version", "a\"b"}};
  const json trace = extended_json({}, facts);
  EXPECT_EQ(trace.at("otherData").at("clock_mhz"), "1250");
  EXPECT_EQ(trace.at("otherData").at("version"), "a\"b");
}

TEST(ExtendedTimeline, TimeIsInMicrosecondsOfTheArrayClock) {
  Facts facts;
  facts.clock_mhz = 1250;
  const json trace = extended_json({{5000, CoreChanged{kCore, CoreState::Running}}}, facts);
  EXPECT_DOUBLE_EQ(trace.at("traceEvents")[2].at("ts").get<double>(), 4.0);
  EXPECT_EQ(trace.at("traceEvents")[2].at("args").at("cycle"), 5000);
}

TEST(ExtendedTimeline, AnArrowLeadsFromAReleaseToTheAcquireItAllows) {
  const Agent dma{{3, 2}, AgentKind::S2mm, 0};
  const json trace =
      extended_json({{1, LockChanged{{3, 2}, 4, LockChanged::What::Released, dma, 1, 1}},
                     {2, LockChanged{{3, 2}, 4, LockChanged::What::Acquired, kCore, -1, 0}},
                     {3, LockChanged{{3, 2}, 4, LockChanged::What::Acquired, kCore, -1, 0}}});
  std::vector<std::string> arrows;
  for (const json& record : trace.at("traceEvents"))
    if (record.contains("id"))
      arrows.push_back(record.at("ph").get<std::string>() + record.at("id").dump());
  EXPECT_THAT(arrows, ElementsAre("s1", "f1"));
}

TEST(ExtendedTimeline, ALockIsCountedUnderItsName) {
  Facts facts;
  facts.names.locks = {{{3, 2}, 4, 1, "C.write", ""}};
  const json trace =
      extended_json({{1, LockChanged{{3, 2}, 4, LockChanged::What::Set, {}, 2, 2}}}, facts);
  const json& record = trace.at("traceEvents")[0];
  EXPECT_EQ(record.at("name"), "lock4 C.write");
  EXPECT_EQ(record.at("args").at("value"), 2);
}

}  // namespace
}  // namespace npu::traces
