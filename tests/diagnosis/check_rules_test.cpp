// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/lower/lower.h"
#include "hw-model/diagnosis/rules.h"
#include "tests/compiler/designs.h"

// A memtile buffer of 64 words with a writer and a reader, and what the rules say when one thing is
// changed.
namespace npu::diagnosis {
namespace {

using namespace compiler::testing;
using compiler::Descriptor;
using compiler::Design;
using compiler::Direction;
using compiler::LockUse;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Pair {
  Pair() {
    d.partition = arch::partition_of(arch::kNpu1, 1);
    buffer = add_buffer(d, "C", kMemtile, 64);
    write = add_lock(d, "C.write", kMemtile, 1);
    read = add_lock(d, "C.read", kMemtile, 0);
    writer = {.buffer = buffer,
              .length = 64,
              .acquire = LockUse{write},
              .release = LockUse{read},
              .next = 0};
    reader = {.buffer = buffer,
              .length = 64,
              .acquire = LockUse{read},
              .release = LockUse{write},
              .next = 0};
  }

  std::vector<std::string> findings() {
    const int from = add_channel(d, "from", kCore, Direction::Mm2s,
                                 {{.buffer = add_buffer(d, "x", kCore, 64), .length = 64}});
    const int in = add_channel(d, "in", kMemtile, Direction::S2mm, {writer});
    add_flow(d, "in", at_channel(d, from), {at_channel(d, in)});
    if (reads) {
      const int out = add_channel(d, "out", kMemtile, Direction::Mm2s, {reader});
      const int to = add_channel(d, "to", kCore, Direction::S2mm,
                                 {{.buffer = add_buffer(d, "y", kCore, 64), .length = 64}});
      add_flow(d, "out", at_channel(d, out), {at_channel(d, to)});
    }
    const compiler::Lowered lowered = compiler::lower(d);
    Image image(d.partition, {});
    image.configure(lowered.configuration);
    std::vector<std::string> out;
    for (const Finding& finding : check_rules(image, lowered.names))
      out.push_back(to_text(finding));
    return out;
  }

  Design d;
  int buffer = 0;
  int write = 0;
  int read = 0;
  Descriptor writer;
  Descriptor reader;
  bool reads = true;
};

TEST(Rules, FindNothingInAPairThatAgrees) {
  EXPECT_THAT(Pair().findings(), IsEmpty());
}

TEST(Rules, D1WantsAReader) {
  Pair pair;
  pair.reads = false;
  EXPECT_THAT(pair.findings(),
              ElementsAre("D1 buffer `C` of memtile(0,1): has 1 writer and 0 readers",
                          "D3 lock 0 `C.write` of memtile(0,1): starts at 1, and 1 descriptor "
                          "acquires 1 in a period that nothing releases"));
}

TEST(Rules, D2CountsBytesWrittenAndRead) {
  Pair pair;
  pair.reader.length = 48;
  pair.reader.dims = {{.size = 24, .step = 1}, {.size = 2, .step = 40}};
  EXPECT_THAT(pair.findings(),
              ElementsAre("D2 buffer `C` of memtile(0,1): 256 bytes are written in a period and "
                          "192 are read"));
}

TEST(Rules, D3CountsAcquiresAndReleases) {
  Pair pair;
  pair.reader.release = LockUse{.lock = pair.write, .value = 2};
  EXPECT_THAT(
      pair.findings(),
      ElementsAre("D3 lock 0 `C.write` of memtile(0,1): a period acquires 1 of it and releases 2",
                  "D3 lock 1 `C.read` of memtile(0,1): a period acquires 1 of it and releases 2"));
}

TEST(Rules, D4ComparesOffsets) {
  Pair pair;
  pair.writer.length = pair.reader.length = 32;
  pair.reader.offset = 16;
  EXPECT_THAT(pair.findings(),
              ElementsAre("D4 buffer `C` of memtile(0,1): writers cover offsets 0..127 and readers "
                          "64..191",
                          "D5 buffer `C` of memtile(0,1): 64 bytes are sent that nothing writes, "
                          "within offsets 128..191"));
}

TEST(Rules, D5FindsBytesThatNothingWrites) {
  Pair pair;
  pair.writer.length = 32;
  EXPECT_THAT(pair.findings(),
              ElementsAre("D2 buffer `C` of memtile(0,1): 128 bytes are written in a period and "
                          "256 are read",
                          "D4 buffer `C` of memtile(0,1): writers cover offsets 0..127 and readers "
                          "0..255",
                          "D5 buffer `C` of memtile(0,1): 128 bytes are sent that nothing writes, "
                          "within offsets 128..255"));
}

TEST(Rules, D5TakesInitialisedBytesAsWritten) {
  Pair pair;
  pair.d.buffers[static_cast<size_t>(pair.buffer)].initial.assign(64, 7);
  pair.writer.length = 32;
  EXPECT_EQ(pair.findings().size(), 2);
}

}  // namespace
}  // namespace npu::diagnosis
