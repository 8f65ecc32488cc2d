// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/observe/event_text.h"

#include <sstream>

#include <gmock/gmock.h>

#include "hw-model/arch/error.h"
#include "hw-model/observe/text_log.h"
#include "tests/observe/random_events.h"

namespace npu::observe {
namespace {

using testing::HasSubstr;

TEST(EventText, AChannelThatWaitsForItsLockReadsAsASentence) {
  const Event event{18432,
                    ChannelChanged{{{0, 2}, AgentKind::S2mm, 0}, ChannelState::Acquiring, 0, 1}};
  EXPECT_EQ(to_string(event), "18432 core(0,2).s2mm0 acquiring bd0 queued 1");
}

TEST(EventText, ALockEventNamesTheLockItsUserAndTheValueAfterwards) {
  const Event event{
      7, LockChanged{{1, 1}, 63, LockChanged::What::Acquired, {{1, 1}, AgentKind::Mm2s, 5}, -1, 0}};
  EXPECT_EQ(to_string(event), "7 memtile(1,1).lock63 acquired -1 by memtile(1,1).mm2s5 now 0");
}

TEST(EventText, ABroadcastsSecondReceiverIsMarkedAsACopy) {
  const Event event{
      9, WordsMoved{{{0, 1}, AgentKind::Mm2s, 0}, {{0, 3}, AgentKind::S2mm, 1}, 64, false}};
  EXPECT_EQ(to_string(event), "9 core(0,3).s2mm1 took 64 from memtile(0,1).mm2s0 copy");
}

TEST(EventText, AFaultShowsItsValueAsTheRegisterTablesDo) {
  EXPECT_EQ(to_string(Event{0, Fault{{}, FaultKind::NotModelled, 0x1d204}}),
            "0 host fault not-modelled 0x1d204");
}

TEST(EventText, EveryEventReadsBackAsItWasWritten) {
  for (const Event& event : RandomEvents(1).take(20000))
    ASSERT_EQ(parse_event(to_string(event)), event) << to_string(event);
}

TEST(EventText, AValueReadsBackWithAnotherSeparator) {
  for (const Event& event : RandomEvents(2).take(5000)) {
    TextLine line('_');
    append(line, event.payload);
    ASSERT_EQ(line.view().find(' '), std::string_view::npos) << line.view();
    ASSERT_EQ(parse_payload(subject_of(event.payload), line.view(), '_'), event.payload)
        << line.view();
  }
}

TEST(EventText, AStreamInputOfACoreIsASubjectOfItsOwn) {
  const Event event{3, RouteFill{{{0, 2}, AgentKind::Core, 1}, 4}};
  EXPECT_EQ(parse_event("3 core(0,2).stream1 holds 4"), event);
}

struct BadLine {
  std::string_view line;
  std::string_view says;
};

class EventTextRefuses : public testing::TestWithParam<BadLine> {};

TEST_P(EventTextRefuses, WithTheWordThatIsWrong) {
  try {
    parse_event(GetParam().line);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(std::string(GetParam().says)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Lines, EventTextRefuses,
    testing::Values(
        BadLine{"", "ends too early"}, BadLine{"x host done command 1", "'x' where a number"},
        BadLine{"1 core(0,1) running 0 cycles 0", "unknown tile 'core(0,1)'"},
        BadLine{"1 core(9,2) running 0 cycles 0", "unknown tile 'core(9,2)'"},
        BadLine{"1 shim(0,0).s2mm2 token", "unknown subject 'shim(0,0).s2mm2'"},
        BadLine{"1 core(0,2).lock16 set 0 by host now 0", "core(0,2).lock16"},
        BadLine{"1 memtile(0,1) running 0 cycles 0", "unknown subject 'memtile(0,1)'"},
        BadLine{"1 core(0,2) sleeping 0 cycles 0", "unknown state of a core 'sleeping'"},
        BadLine{"1 core(0,2).s2mm0 idle bd300 queued 0", "'300', which is too large"},
        BadLine{"1 host done command 1 more", "goes on with 'more'"},
        BadLine{"1 core(0,2).lock1 acquired -1 by core(0,2).lock1 now 0", "unknown agent"},
        BadLine{"1 host fault melted 0x0", "unknown fault 'melted'"}));

TEST(TextLog, TurnsBackIntoTheEventsThatWereObserved) {
  const std::vector<Event> events = RandomEvents(3).take(2000);
  std::stringstream file;
  TextLog log(file);
  for (const Event& event : events)
    log.on(event);
  log.finish(events.back().cycle);
  EXPECT_EQ(read_text_log(file), events);
}

TEST(TextLog, ABrokenLineIsReportedWithItsNumber) {
  std::istringstream file("1 host done command 1\n# a remark\n\n2 host rests command 1\n");
  try {
    read_text_log(file);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("line 4: event text has the unknown state of the host 'rests'"));
  }
}

}  // namespace
}  // namespace npu::observe
