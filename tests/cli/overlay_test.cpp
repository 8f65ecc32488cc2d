// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/overlay.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/arch/error_text.h"

namespace npu::cli {
namespace {

using testing::HasSubstr;

constexpr arch::Coord kCore{1, 2};

/// A core that waits 30 cycles for a lock and works 100, from `start` on.
void work(observe::Hub& hub, arch::Cycle start) {
  const observe::Agent core{kCore, observe::AgentKind::Core, 0};
  const auto state = [&](arch::Cycle at, observe::CoreState now) {
    hub.emit(at, observe::CoreChanged{core, now, 0, 0});
  };
  state(start, observe::CoreState::LockStall);
  state(start + 30, observe::CoreState::Kernel);
  state(start + 130, observe::CoreState::Done);
}

std::string device_trace(const std::string& text) {
  const std::string path = testing::TempDir() + "overlay" + std::to_string(getpid()) + ".json";
  std::ofstream(path) << text;
  return path;
}

std::string trace_of(arch::Cycle start) {
  std::string json;
  traces::AieTimeline timeline([&](std::string_view piece) { json += piece; }, {kCore});
  observe::Hub hub;
  hub.attach(timeline);
  work(hub, start);
  timeline.close();
  return json;
}

std::string overlaid(const std::string& device, arch::Cycle start) {
  Overlay overlay(device_trace(device));
  observe::Hub hub;
  overlay.attach(hub);
  work(hub, start);
  return overlay.html();
}

TEST(Overlay, OfTheSameEventsCountsTheSame) {
  EXPECT_THAT(overlaid(trace_of(500), 500),
              HasSubstr("<td>core_trace for tile2,1 LOCK_STALL</td><td>1</td><td>30</td><td>1</td>"
                        "<td>30</td>"));
}

TEST(Overlay, BeginsBothWhereTheirFirstCommonEventBegins) {
  EXPECT_THAT(overlaid(trace_of(9000), 500),
              HasSubstr("cycles after 8500 of the device and 0 of the model"));
}

TEST(Overlay, OfAnotherTileSharesNothing) {
  EXPECT_THAT(overlaid(R"([{"name":"process_name","ph":"M","pid":0,
                            "args":{"name":"core_trace for tile3,0"}},
                           {"name":"LOCK_STALL","ph":"B","pid":0,"ts":7}])",
                       500),
              HasSubstr("shares no event"));
}

TEST(Overlay, KeepsMarkupOfTheDeviceTraceOutOfThePage) {
  std::string device = trace_of(500);
  for (size_t at = 0; (at = device.find("core_trace", at)) != std::string::npos; at += 3)
    device.replace(at, 10, "<b>");
  device.insert(
      1, R"({"name":"process_name","ph":"M","pid":9,"args":{"name":"core_trace for tile2,1"}},
                      {"name":"LOCK_STALL","ph":"B","pid":9,"ts":1},)");
  device.insert(device.rfind(']'), R"(,{"name":"<i>","ph":"B","pid":9,"ts":2})");
  EXPECT_THAT(overlaid(device, 500), AllOf(HasSubstr("&lt;i&gt;"), testing::Not(HasSubstr("<i>"))));
}

TEST(Overlay, ReadsTheTileRowFirst) {
  EXPECT_THAT(parse_trace(trace_of(1), "t").tiles, testing::ElementsAre(kCore));
}

TEST(Overlay, OfARecordWithoutAProcessSaysWhich) {
  EXPECT_EQ(error_text([] { parse_trace(R"([{"name":"A","ph":"B","pid":3,"ts":1}])", "t"); }),
            "t: record 1: no `process_name` came before for process 3; a trace of mlir-aie's "
            "tools: records with `name`, `ph`, `pid` and `ts`");
}

TEST(Overlay, OfAFileThatIsNoTraceIsRefused) {
  EXPECT_EQ(error_text([] { parse_trace("{\"a\": 1}", "t"); }),
            "t: not an array of trace records; a trace of mlir-aie's tools");
}

}  // namespace
}  // namespace npu::cli
