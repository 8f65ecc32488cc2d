// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the ops of a core body do, family by family.
#include "tests/compiler/import/core_fixture.h"

namespace npu::compiler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(CoreBody, LoopPassesValuesFromTurnToTurn) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %zero = arith.constant 0 : i32
    %sum = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %zero) -> (i32) {
      %x = memref.load %in[%i] : memref<64xi32>
      %next = arith.addi %acc, %x : i32
      scf.yield %next : i32
    }
    memref.store %sum, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(60));
}

TEST_F(CoreBody, LoopSwapsWhatItPassesOn) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %a = arith.constant 1 : i32
    %b = arith.constant 2 : i32
    %c3 = arith.constant 3 : index
    %r:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%x = %a, %y = %b) -> (i32, i32) {
      scf.yield %y, %x : i32, i32
    }
    memref.store %r#0, %out[%c0] : memref<64xi32>
    memref.store %r#1, %out[%c1] : memref<64xi32>
  )",
                  2),
              ElementsAre(2, 1));
}

TEST_F(CoreBody, LoopWithoutTurnsGivesItsFirstValues) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %a = arith.constant 7 : i32
    %b = arith.constant 9 : i32
    %r = scf.for %i = %c4 to %c4 step %c1 iter_args(%x = %a) -> (i32) {
      scf.yield %b : i32
    }
    memref.store %r, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(7));
}

TEST_F(CoreBody, WhileTestsBeforeItsBody) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %one = arith.constant 1 : i32
    %limit = arith.constant 100 : i32
    %r = scf.while (%x = %one) : (i32) -> i32 {
      %go = arith.cmpi slt, %x, %limit : i32
      scf.condition(%go) %x : i32
    } do {
    ^bb0(%x: i32):
      %twice = arith.addi %x, %x : i32
      scf.yield %twice : i32
    }
    memref.store %r, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(128));
}

TEST_F(CoreBody, IfWithoutElseDoesNothing) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %x = memref.load %in[%c1] : memref<64xi32>
    %y = memref.load %in[%c2] : memref<64xi32>
    %no = arith.cmpi sgt, %x, %y : i32
    scf.if %no {
      memref.store %x, %out[%c0] : memref<64xi32>
    }
    %yes = arith.cmpi slt, %x, %y : i32
    scf.if %yes {
      memref.store %y, %out[%c1] : memref<64xi32>
    }
  )",
                  2),
              ElementsAre(0, 20));
}

TEST_F(CoreBody, SwitchTakesTheCaseOrTheDefault) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    scf.for %i = %c0 to %c4 step %c1 {
      %r = scf.index_switch %i -> i32
      case 1 {
        %a = arith.constant 11 : i32
        scf.yield %a : i32
      }
      case 3 {
        %a = arith.constant 33 : i32
        scf.yield %a : i32
      }
      default {
        %a = arith.constant 5 : i32
        scf.yield %a : i32
      }
      memref.store %r, %out[%i] : memref<64xi32>
    }
  )",
                  4),
              ElementsAre(5, 11, 5, 33));
}

TEST_F(CoreBody, SwitchChoosesAMemref) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %m = scf.index_switch %c1 -> memref<64xi32>
    case 1 {
      scf.yield %in : memref<64xi32>
    }
    default {
      scf.yield %out : memref<64xi32>
    }
    %x = memref.load %m[%c4] : memref<64xi32>
    memref.store %x, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(40));
}

TEST_F(CoreBody, BlocksPassArgumentsAlongBranches) {
  EXPECT_THAT(out(R"(
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c5 = arith.constant 5 : index
    %zero = arith.constant 0 : i32
    cf.br ^test(%c0, %zero : index, i32)
  ^test(%i: index, %sum: i32):
    %go = arith.cmpi slt, %i, %c5 : index
    cf.cond_br %go, ^body, ^end
  ^body:
    %x = memref.load %in[%i] : memref<64xi32>
    %more = arith.addi %sum, %x : i32
    %next = arith.addi %i, %c1 : index
    cf.br ^test(%next, %more : index, i32)
  ^end:
    memref.store %sum, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(100));
}

TEST_F(CoreBody, SwitchOfBlocksPassesArguments) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %x = memref.load %in[%c1] : memref<64xi32>
    %a = arith.constant 1 : i32
    %b = arith.constant 2 : i32
    cf.switch %x : i32, [
      default: ^next(%a : i32),
      10: ^next(%b : i32),
      11: ^end
    ]
  ^next(%v: i32):
    memref.store %v, %out[%c0] : memref<64xi32>
    cf.br ^end
  ^end:
  )",
                  1),
              ElementsAre(2));
}

TEST_F(CoreBody, CasesOfASwitchAreNumbersOfItsWidth) {
  EXPECT_THAT(out(R"(
    %c0 = arith.constant 0 : index
    %a = arith.constant 7 : i32
    %x = arith.constant 255 : i8
    cf.switch %x : i8, [
      default: ^end,
      255: ^store
    ]
  ^store:
    memref.store %a, %out[%c0] : memref<64xi32>
    cf.br ^end
  ^end:
  )",
                  1),
              ElementsAre(7));
}

TEST_F(CoreBody, BranchToItselfKeepsTheOldValueForTheOtherWay) {
  EXPECT_THAT(out(R"(
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    cf.br ^loop(%c0 : index)
  ^loop(%i: index):
    %next = arith.addi %i, %c1 : index
    %go = arith.cmpi slt, %next, %c3 : index
    cf.cond_br %go, ^loop(%next : index), ^end
  ^end:
    %r = arith.index_cast %i : index to i32
    memref.store %r, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(2));
}

TEST_F(CoreBody, FunctionOfTheModuleBecomesPartOfIt) {
  bench.module_text = R"(
    func.func @twice(%x: i32, %m: memref<64xi32>) -> i32 {
      %c3 = arith.constant 3 : index
      %y = memref.load %m[%c3] : memref<64xi32>
      %r = arith.addi %x, %y : i32
      return %r : i32
    }
)";
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %x = memref.load %in[%c1] : memref<64xi32>
    %r = func.call @twice(%x, %in) : (i32, memref<64xi32>) -> i32
    %s = func.call @twice(%r, %in) : (i32, memref<64xi32>) -> i32
    memref.store %s, %out[%c0] : memref<64xi32>
  )",
                  1),
              ElementsAre(70));
}

TEST_F(CoreBody, FunctionThatCallsItselfIsRefused) {
  bench.module_text = "func.func @f() {\n func.call @f() : () -> ()\n return\n }\n";
  EXPECT_THAT(error("func.call @f() : () -> ()\n"),
              HasSubstr("`func.call`: 32 calls in each other"));
}

TEST_F(CoreBody, CallWithOtherArgumentsIsRefused) {
  bench.module_text = "func.func @f(%x: i32) {\n return\n }\n";
  EXPECT_EQ(error("func.call @f() : () -> ()\n"),
            "core(0,2), line 12: `func.call`: 0 arguments for 1");
}

TEST_F(CoreBody, OpsWithoutTheirOperandsAreRefusedWithTheirPlace) {
  const std::string what = "operands, results or regions that do not fit each other";
  EXPECT_EQ(error("%r = \"arith.addi\"() : () -> i32\n"),
            "core(0,2), line 9: `arith.addi`: " + what);
  EXPECT_EQ(error("\"scf.while\"() : () -> ()\n"), "core(0,2), line 9: `scf.while`: " + what);
  EXPECT_EQ(error("cf.br ^a\n^a(%x: i32):\n"), "core(0,2), line 9: `cf.br`: 0 values for 1 of ^a");
  EXPECT_EQ(error("%z = arith.constant 0 : index\nscf.for %i = %z to %z step %z {\n}\n"),
            "core(0,2), line 10: `scf.for`: a step of 0");
}

TEST_F(CoreBody, VectorsAreTheirLanes) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %two = arith.constant dense<2> : vector<4xi32>
    %v = vector.load %in[%c1] : memref<64xi32>, vector<4xi32>
    %p = arith.muli %v, %two : vector<4xi32>
    vector.store %p, %out[%c0] : memref<64xi32>, vector<4xi32>
    %s = vector.reduction <add>, %v : vector<4xi32> into i32
    memref.store %s, %out[%c4] : memref<64xi32>
  )",
                  5),
              ElementsAre(20, 40, 60, 80, 100));
}

TEST_F(CoreBody, TransfersReadAndWriteLanes) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %pad = arith.constant 0 : i32
    %v = vector.transfer_read %in[%c2], %pad {in_bounds = [true]} : memref<64xi32>, vector<4xi32>
    vector.transfer_write %v, %out[%c0] {in_bounds = [true]} : vector<4xi32>, memref<64xi32>
  )",
                  4),
              ElementsAre(20, 30, 40, 50));
}

TEST_F(CoreBody, LocksKeepTheirOrderAndValues) {
  bench.run(R"(
    aie.use_lock(%lock0, AcquireGreaterEqual, 1)
    aie.use_lock(%lock1, Acquire, 0)
    aie.use_lock(%lock1, Release, 2)
    aie.use_lock(%lock0, "Acquire", 1)
  )");
  EXPECT_THAT(bench.effects,
              ElementsAre("acquire 0 -1", "acquire 1 0", "release 1 2", "acquire 0 1"));
}

TEST_F(CoreBody, StreamsAndEvents) {
  EXPECT_THAT(out(R"(
    %c0 = arith.constant 0 : index
    %ch = arith.constant 1 : i32
    %x = aie.get_stream(%ch : i32) : i32
    aie.put_stream(%ch : i32, %x : i32)
    memref.store %x, %out[%c0] : memref<64xi32>
    aie.event(0)
  )",
                  1),
              ElementsAre(101));
  EXPECT_THAT(bench.effects, ElementsAre("get 1", "put 1 101", "event 0"));
}

TEST_F(CoreBody, CascadeWordsKeepTheirLanes) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    %v = vector.load %in[%c0] : memref<64xi32>, vector<16xi32>
    aie.put_cascade(%v : vector<16xi32>)
    %w = aie.get_cascade() : vector<16xi32>
    vector.store %w, %out[%c0] : memref<64xi32>, vector<16xi32>
  )",
                  3),
              ElementsAre(0, 10, 20));
}

TEST_F(CoreBody, KernelsGetAddressesAndNumbers) {
  bench.module_text = "func.func private @known(memref<64xi32>, i32)\n";
  bench.run(R"(
    %n = arith.constant 64 : i32
    func.call @known(%out, %n) : (memref<64xi32>, i32) -> ()
  )");
  EXPECT_THAT(bench.effects, ElementsAre("call known 0x72800 0x40"));
}

TEST_F(CoreBody, ArgumentsThatNeverChangeAreLoadedOnceForAllTheirCalls) {
  bench.module_text = "func.func private @known(memref<64xi32>, memref<64xi32>)\n";
  bench.compile(std::string(kConstants) + R"(
    scf.for %i = %c0 to %c4 step %c1 {
      func.call @known(%in, %out) : (memref<64xi32>, memref<64xi32>) -> ()
      func.call @known(%out) : (memref<64xi32>) -> ()
    }
  )");
  std::vector<arch::Op> ops;
  for (const arch::Instruction& instruction : bench.program.program.code)
    ops.push_back(instruction.op);
  EXPECT_THAT(ops, ElementsAre(arch::Op::Const, arch::Op::Const, arch::Op::Const, arch::Op::Call,
                               arch::Op::Call, arch::Op::Loop, arch::Op::Done));
}

TEST_F(CoreBody, CounterThatGoesDownToZeroIsOneInstruction) {
  bench.module_text = "func.func private @known(memref<64xi32>)\n";
  bench.compile(R"(
    %zero = arith.constant 0 : i64
    %one = arith.constant 1 : i64
    %three = arith.constant 3 : i64
    cf.br ^again(%three : i64)
  ^again(%left: i64):
    func.call @known(%out) : (memref<64xi32>) -> ()
    %less = arith.subi %left, %one : i64
    %go = arith.cmpi sgt, %less, %zero : i64
    cf.cond_br %go, ^again(%less : i64), ^end
  ^end:
  )");
  std::vector<arch::Op> ops;
  for (const arch::Instruction& instruction : bench.program.program.code)
    ops.push_back(instruction.op);
  EXPECT_THAT(ops, ElementsAre(arch::Op::Const, arch::Op::Const, arch::Op::Call, arch::Op::Loop,
                               arch::Op::Done));
}

TEST_F(CoreBody, CallsWithoutAKernelAreListed) {
  bench.module_text = "func.func private @a()\nfunc.func private @b()\n";
  EXPECT_EQ(error("func.call @a() : () -> ()\n func.call @b() : () -> ()\n"),
            "core(0,2), line 10: 2 calls of functions without a kernel:\n"
            "  line 11: `a`\n  line 12: `b`");
}

class FifoBody : public CoreBody {
 protected:
  FifoBody() {
    for (const char* name : {"e0", "e1", "e2"})
      bench.buffer(name, "memref<4xi32>");
    for (int i = 0; i < 3; ++i)
      bench.write("e" + std::to_string(i), Ints{100 * (i + 1), 0, 0, 0});
    bench.fifos = {{"f", 0, 1, {2, 3, 4}}};
  }
};

TEST_F(FifoBody, ElementsComeInTurn) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    scf.for %i = %c0 to %c4 step %c1 {
      %s = aie.objectfifo.acquire @f(Consume, 1) : !aie.objectfifosubview<memref<4xi32>>
      %e = aie.objectfifo.subview.access %s[0] : !aie.objectfifosubview<memref<4xi32>> -> memref<4xi32>
      %x = memref.load %e[%c0] : memref<4xi32>
      memref.store %x, %out[%i] : memref<64xi32>
      aie.objectfifo.release @f(Consume, 1)
    }
  )",
                  4),
              ElementsAre(100, 200, 300, 100));
  EXPECT_EQ(bench.effects.size(), 8u);
  EXPECT_EQ(bench.effects[0], "acquire 0 -1");
  EXPECT_EQ(bench.effects[1], "release 1 1");
}

TEST_F(FifoBody, AcquireWaitsForWhatIsNotHeldYet) {
  bench.run(R"(
    %a = aie.objectfifo.acquire @f(Consume, 2) : !aie.objectfifosubview<memref<4xi32>>
    aie.objectfifo.release @f(Consume, 1)
    %b = aie.objectfifo.acquire @f(Consume, 3) : !aie.objectfifosubview<memref<4xi32>>
    aie.objectfifo.release @f(Consume, 3)
  )");
  EXPECT_THAT(bench.effects,
              ElementsAre("acquire 0 -2", "release 1 1", "acquire 0 -2", "release 1 3"));
}

TEST_F(FifoBody, SlidingWindowWithoutPreambleCountsWhatItHolds) {
  EXPECT_THAT(out(std::string(kConstants) + R"(
    scf.for %i = %c0 to %c4 step %c1 {
      %s = aie.objectfifo.acquire @f(Consume, 2) : !aie.objectfifosubview<memref<4xi32>>
      %e = aie.objectfifo.subview.access %s[1] : !aie.objectfifosubview<memref<4xi32>> -> memref<4xi32>
      %x = memref.load %e[%c0] : memref<4xi32>
      memref.store %x, %out[%i] : memref<64xi32>
      aie.objectfifo.release @f(Consume, 1)
    }
  )",
                  4),
              ElementsAre(200, 300, 100, 200));
  EXPECT_THAT(bench.effects,
              ElementsAre("acquire 0 -2", "release 1 1", "acquire 0 -1", "release 1 1",
                          "acquire 0 -1", "release 1 1", "acquire 0 -1", "release 1 1"));
}

TEST_F(CoreBody, OpThatIsNoneOfACoreIsNamed) {
  EXPECT_EQ(error("\"tensor.pack\"() : () -> ()\n"),
            "core(0,2), line 9: `tensor.pack`: no op of a core body");
}

TEST_F(CoreBody, ProgramThatIsTooLargeIsRefusedWithItsSize) {
  std::string body = kConstants;
  for (int i = 0; i < 450; ++i)
    body += fmt::format(R"(
    %x{0} = memref.load %in[%c1] : memref<64xi32>
    %y{0} = arith.addi %x{0}, %x{0} : i32
    %z{0} = arith.muli %y{0}, %x{0} : i32
    %w{0} = arith.xori %z{0}, %y{0} : i32
    memref.store %w{0}, %out[%c0] : memref<64xi32>
)",
                        i);
  EXPECT_THAT(error(body), HasSubstr("2255 ops of the body: "));
  EXPECT_THAT(error(body), HasSubstr("bytes, the program memory has 16384"));
}

TEST_F(CoreBody, ValuesWithoutRegistersNeedStack) {
  std::string body = kConstants;
  for (int i = 0; i < 90; ++i)
    body += fmt::format("%x{0} = memref.load %in[%c1] : memref<64xi32>\n", i);
  for (int i = 0; i < 90; ++i)
    body += fmt::format("memref.store %x{0}, %out[%c0] : memref<64xi32>\n", i);
  bench.stack_bytes = 64;
  EXPECT_THAT(error(body), HasSubstr("bytes of stack, there are 64"));
  bench.stack_bytes = 1024;
  EXPECT_THAT(out(body, 1), ElementsAre(10));
}

}  // namespace
}  // namespace npu::compiler
