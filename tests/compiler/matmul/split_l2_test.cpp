// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gmock/gmock.h>

#include "tests/compiler/matmul/machine.h"
#include "tests/compiler/matmul/plans.h"

namespace npu::compiler::testing {
namespace {

using matmul::Credits;
using matmul::credits;
using matmul::L2Buffer;
using matmul::L2Locks;
using matmul::Operand;
using matmul::Schedule;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A piece of C: its name, extents, and how many write and read it.
struct Piece {
  std::string name;
  int64_t rows;
  int64_t cols;
  size_t writers;
  size_t readers;
  bool operator==(const Piece&) const = default;
};
void PrintTo(const Piece& p, std::ostream* out) {
  *out << p.name << " " << p.rows << "x" << p.cols << " writers " << p.writers << " readers "
       << p.readers;
}

std::vector<Piece> pieces(const Schedule& s, Operand operand = Operand::C) {
  std::vector<Piece> list;
  for (const L2Buffer& b : s.l2)
    if (b.operand == operand)
      list.push_back({b.name, b.rows, b.cols, b.writers.size(), b.readers.size()});
  return list;
}

Options with(SplitL2 split, std::string_view strategy = kApril) {
  return {.strategy = std::string(strategy), .split_l2 = split};
}
Options herd(Herd herd, SplitL2 split) {
  return {.herd = herd, .split_l2 = split};
}
Options halved(Herd herd, SplitL2 split) {
  return {.strategy = std::string(kHalved), .herd = herd, .split_l2 = split};
}

int initial(const Design& design, std::string_view lock) {
  for (const Lock& l : design.locks)
    if (l.name == lock)
      return l.initial;
  return -1;
}

TEST(SplitL2Pass, FixedCutsCIntoOnePieceForEachHerdColumn) {
  EXPECT_THAT(pieces(plan(bf16(512, 512, 640), with(SplitL2::Fixed))),
              ElementsAre(Piece{"C@0", 64, 128, 2, 1}, Piece{"C@64", 64, 128, 2, 1},
                          Piece{"C@128", 64, 128, 2, 1}, Piece{"C@192", 64, 128, 2, 1}));
}

TEST(SplitL2Pass, LegacyLeavesPiecesUnreadUnderFourByTwo) {
  EXPECT_THAT(pieces(plan(bf16(512, 512, 640), with(SplitL2::Legacy))),
              ElementsAre(Piece{"C@0", 128, 128, 2, 1}, Piece{"C@64", 64, 128, 2, 0},
                          Piece{"C@128", 128, 128, 2, 1}, Piece{"C@192", 64, 128, 2, 0}));
}

TEST(SplitL2Pass, CutsAAndBTheSameInBothModes) {
  for (const SplitL2 split : {SplitL2::Fixed, SplitL2::Legacy}) {
    const Schedule s = plan(bf16(512, 512, 640), with(split));
    EXPECT_THAT(pieces(s, Operand::A),
                ElementsAre(Piece{"A@0", 64, 256, 1, 1}, Piece{"A@64", 64, 256, 1, 1},
                            Piece{"A@128", 64, 256, 1, 1}, Piece{"A@192", 64, 256, 1, 1}));
    EXPECT_THAT(pieces(s, Operand::B),
                ElementsAre(Piece{"B@0", 256, 64, 1, 1}, Piece{"B@64", 256, 64, 1, 1}));
  }
}

TEST(SplitL2Pass, AFactorOfOneStillGroups) {
  EXPECT_THAT(pieces(plan(bf16(256, 64, 192), halved({4, 3}, SplitL2::Legacy))),
              ElementsAre(Piece{"C@0", 256, 192, 3, 1}, Piece{"C@64", 64, 192, 3, 0},
                          Piece{"C@128", 64, 192, 3, 0}, Piece{"C@192", 64, 192, 3, 0}));
}

TEST(SplitL2Pass, BothModesAgreeWhenTheColumnsDivideTheRows) {
  for (const Herd h : {Herd{2, 4}, Herd{2, 2}, Herd{4, 4}, Herd{1, 4}, Herd{4, 1}, Herd{1, 1}}) {
    const Problem problem = bf16(64 * h.columns, 64, 64 * h.rows);
    EXPECT_EQ(pieces(plan(problem, herd(h, SplitL2::Legacy))),
              pieces(plan(problem, herd(h, SplitL2::Fixed))));
  }
}

TEST(SplitL2Pass, AHerdOfOneColumnIsCutAlongN) {
  EXPECT_THAT(pieces(plan(bf16(64, 64, 192), halved({1, 3}, SplitL2::Fixed))),
              ElementsAre(Piece{"C@0", 64, 64, 1, 1}, Piece{"C@64", 64, 64, 1, 1},
                          Piece{"C@128", 64, 64, 1, 1}));
}

TEST(LockRule, CountsTheOtherSide) {
  EXPECT_EQ(credits(2, 1), (Credits{1, 2}));
  EXPECT_EQ(credits(1, 3), (Credits{3, 1}));
  EXPECT_EQ(credits(2, 3), (Credits{2, 1}));
  EXPECT_EQ(credits(2, 0), (Credits{1, 1}));
  EXPECT_EQ(credits(0, 2), (Credits{1, 1}));
}

TEST(LockRule, AReadPieceStartsWithACreditForEachWriter) {
  const Design design = plan(bf16(512, 512, 640), with(SplitL2::Legacy)).design;
  EXPECT_EQ(initial(design, "C@0.write"), 2);
  EXPECT_EQ(initial(design, "C@0.read"), 0);
}

TEST(LockRule, AnUnreadPieceStartsWithOneCreditForTwoWriters) {
  const Design design = plan(bf16(512, 512, 640), with(SplitL2::Legacy)).design;
  EXPECT_EQ(initial(design, "C@64.write"), 1);
  EXPECT_EQ(initial(design, "C@64.read"), 0);
}

TEST(LockRule, PerWriterGivesEachWriterItsOwnPair) {
  Options options = with(SplitL2::Fixed);
  options.l2_locks = L2Locks::PerWriter;
  const Design design = plan(bf16(512, 512, 640), options).design;
  EXPECT_EQ(initial(design, "C@64.write0"), 1);
  EXPECT_EQ(initial(design, "C@64.write1"), 1);
  EXPECT_EQ(initial(design, "C@64.write"), -1);
}

// What comes out of running the designs, data left out.

std::vector<Machine::Bytes> empty_arguments(const Design& design) {
  std::vector<Machine::Bytes> arguments;
  for (const Argument& argument : design.arguments)
    arguments.emplace_back(argument.bytes());
  return arguments;
}

bool finishes(const Problem& problem, SplitL2 split) {
  const Design design = plan(problem, with(split)).design;
  return Machine(design, empty_arguments(design), false).run();
}

struct Row {
  int64_t m, k, n;
  bool legacy_passes;
};
class Reported : public ::testing::TestWithParam<Row> {};

TEST_P(Reported, LegacyEndsAsReported) {
  const Row& row = GetParam();
  EXPECT_EQ(finishes(bf16(row.m, row.k, row.n), SplitL2::Legacy), row.legacy_passes);
}
TEST_P(Reported, FixedFinishes) {
  const Row& row = GetParam();
  EXPECT_TRUE(finishes(bf16(row.m, row.k, row.n), SplitL2::Fixed));
}
INSTANTIATE_TEST_SUITE_P(Small, Reported,
                         ::testing::Values(Row{512, 512, 512, true}, Row{512, 512, 640, false},
                                           Row{640, 512, 512, true}, Row{640, 512, 640, true}));

TEST(Reported, F32HangsAtHalfTheSize) {
  EXPECT_FALSE(finishes(of(Type::F32, Type::F32, 256, 256, 320), SplitL2::Legacy));
  EXPECT_TRUE(finishes(of(Type::F32, Type::F32, 256, 256, 320), SplitL2::Fixed));
}

TEST(Reported, TheWritersOfAnUnreadPieceAreWhatWaits) {
  const Design design = plan(bf16(256, 64, 640), with(SplitL2::Legacy)).design;
  Machine machine(design, empty_arguments(design), false);
  EXPECT_FALSE(machine.run());
  EXPECT_THAT(machine.waiting(), Contains("C(1,2) memtile(1,1).s2mm"));
  EXPECT_THAT(machine.waiting(), Contains("C(1,3) memtile(1,1).s2mm"));
}

TEST(Reported, ASingleLaunchFinishesWithUnwrittenRows) {
  const Schedule s = plan(bf16(256, 64, 128), with(SplitL2::Legacy));
  EXPECT_EQ(s.launches(), 1);
  Machine machine(s.design, empty_arguments(s.design), false);
  EXPECT_TRUE(machine.run());
  EXPECT_EQ(machine.delivered("C0.out"),
            2 * (machine.delivered("C(0,2)") + machine.delivered("C(0,3)")));
}

TEST(Reported, NotesNameThePiecesThatNobodyReads) {
  const Design design = plan(bf16(512, 512, 640), with(SplitL2::Legacy)).design;
  EXPECT_THAT(design.notes, Contains("never-read C: 64 192"));
  EXPECT_THAT(design.notes,
              Contains("split-l2 C: legacy by 2 (from 4 2) along m, blocks written 4"));
}

}  // namespace
}  // namespace npu::compiler::testing
