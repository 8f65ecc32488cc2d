// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/arch/program.h"

#include <random>

#include <gmock/gmock.h>

#include "tests/arch/error_text.h"

namespace npu::arch {
namespace {

using testing::HasSubstr;

constexpr std::string_view kSmall =
    "kernel matmul bf16 bf16 f32 64x64x64\n"
    "kernel zero f32 4096\n"
    "  const r1, 458752\n"
    "  const r9, 4\n"
    "l2:\n"
    "  acquire 48, -1\n"
    "  call 0, r1, 3\n"
    "  release 49, 1\n"
    "  loop r9, l2\n"
    "  load.f32 r4, r1, 64\n"
    "  store.i8 r4, r1, -8\n"
    "  convert.bf16 r5, r4, f32\n"
    "  stream_put 0, r5, 1\n"
    "  done\n";

/// Well-formed programs, with the parts that an op does not use left at zero.
Program random_program(std::mt19937& random) {
  const auto below = [&](size_t end) { return static_cast<uint32_t>(random() % end); };
  Program program;
  program.kernels = {parse_kernel("zero f32 16"), parse_kernel("external filter"),
                     parse_kernel("add bf16 8")};
  const size_t size = 1 + below(60);
  for (size_t i = 0; i < size; ++i) {
    Instruction instruction;
    const OpRow& row = ops()[below(ops().size())];
    instruction.op = row.op;
    instruction.type = kTypes[below(kTypes.size())].type;
    for (const char operand : row.operands) {
      if (operand == 'd')
        instruction.dst = static_cast<uint8_t>(below(kProgramRegisters));
      if (operand == 'a' || operand == 'l')
        instruction.a = static_cast<uint8_t>(below(row.op == Op::Call ? 32 : kProgramRegisters));
      if (operand == 'b')
        instruction.b = static_cast<uint8_t>(below(kProgramRegisters));
      if (operand == 'n')
        instruction.b = static_cast<uint8_t>(below(32));
      if (operand == 'y')
        instruction.b = static_cast<uint8_t>(below(kTypes.size()));
      if (operand == 'i')
        instruction.imm = static_cast<int32_t>(random());
      if (operand == 't')
        instruction.imm = static_cast<int32_t>(below(size));
      if (operand == 'k')
        instruction.imm = static_cast<int32_t>(below(program.kernels.size()));
    }
    program.code.push_back(instruction);
  }
  return program;
}

std::vector<uint32_t> with_checksum(std::vector<uint32_t> image) {
  uint32_t hash = 0x811C9DC5;
  for (size_t i = 0; i + 1 < image.size(); ++i)
    for (int shift = 0; shift < 32; shift += 8)
      hash = (hash ^ (image[i] >> shift & 0xFF)) * 0x01000193;
  image.back() = hash;
  return image;
}

std::string complaint(const std::vector<uint32_t>& image) {
  return error_text([&] { decode(image); });
}

TEST(ProgramText, ReadsBackAsItPrints) {
  EXPECT_EQ(print(parse_program(kSmall)), kSmall);
}

TEST(ProgramText, ReadsBackRandomPrograms) {
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    const Program program = random_program(random);
    EXPECT_EQ(parse_program(print(program)), program) << print(program);
  }
}

TEST(ProgramText, TakesLabelsOfAnyNameAndComments) {
  const Program program =
      parse_program("again: ; for ever\n  jump again\n  jump end ; not reached\nend:\n  done\n");
  ASSERT_EQ(program.code.size(), 3u);
  EXPECT_EQ(program.code[0].imm, 0);
  EXPECT_EQ(program.code[1].imm, 2);
}

TEST(ProgramText, NamesTheLineThatIsWrong) {
  const auto wrong = [](std::string_view text) { return error_text([&] { parse_program(text); }); };
  EXPECT_EQ(wrong("  nop\n  fly r1\n"), "core program, line 2: there is no instruction `fly`");
  EXPECT_EQ(wrong("  move r1, r64\n"), "core program, line 1: `64` is not a number here; 0 to 63");
  EXPECT_EQ(wrong("  move r1, 7\n"), "core program, line 1: `7` is not a register; r0 to r63");
  EXPECT_EQ(
      wrong("  add.f64 r1, r2, r3\n"),
      "core program, line 1: `f64` is not an element type; bf16, f32, i8, i16, i32, i64, f16");
  EXPECT_EQ(wrong("  jump nowhere\n"), "core program, line 1: there is no label `nowhere`");
  EXPECT_EQ(wrong("  nop\n  jump end\nend:\n"),
            "core program, line 2: a branch to instruction 2 of 2");
  EXPECT_EQ(wrong("a:\n  done\na:\n"), "core program, line 3: label `a` is there twice");
  EXPECT_EQ(wrong("  call 0, r1, 2\n"), "core program, line 1: a call of kernel 0 of 0");
  EXPECT_EQ(wrong("  done r1\n"), "core program, line 1: `r1` is too much for `done`");
  EXPECT_EQ(wrong("kernel zero f64 1\n"),
            "core program, line 1: kernel `zero f64 1`: `f64` is not an element type; bf16, f32, "
            "i8, i16, i32");
}

TEST(ProgramImage, DecodesToWhatWasEncoded) {
  std::mt19937 random(5);
  for (int i = 0; i < 200; ++i) {
    const Program program = random_program(random);
    EXPECT_EQ(decode(encode(program)), program);
  }
}

TEST(ProgramImage, DecodesWithTheRestOfProgramMemoryBehindIt) {
  const Program program = parse_program(kSmall);
  std::vector<uint32_t> image = encode(program);
  image.resize(kProgramMemoryBytes / 4, 0xDEADBEEF);
  EXPECT_EQ(decode(image), program);
}

TEST(ProgramImage, PacksSixBitRegisters) {
  const std::vector<uint32_t> image =
      encode({{{.op = Op::Select, .type = Type::F32, .dst = 63, .a = 62, .b = 61, .imm = -1}}, {}});
  EXPECT_EQ(image[5], uint32_t{62} << 24 | 63u << 18 | 61u << 12 | 1u << 8 |
                          static_cast<uint32_t>(Op::Select));
  EXPECT_EQ(image[6], ~0u);
}

TEST(ProgramImage, OfAnotherToolChainIsNotOurs) {
  EXPECT_EQ(decode(std::vector<uint32_t>{0x00010203, 1, 2, 3}), std::nullopt);
  EXPECT_EQ(decode({}), std::nullopt);
}

TEST(ProgramImage, IsNeverReadWrongAfterABitFlip) {
  const Program program = parse_program(kSmall);
  const std::vector<uint32_t> image = encode(program);
  for (size_t bit = 0; bit < image.size() * 32; ++bit) {
    std::vector<uint32_t> broken = image;
    broken[bit / 32] ^= 1u << bit % 32;
    EXPECT_EQ(bit < 32 ? decode(broken).has_value() : complaint(broken).empty(), false) << bit;
  }
}

TEST(ProgramImage, IsRefusedWhereverItIsCut) {
  const std::vector<uint32_t> image = encode(parse_program(kSmall));
  for (size_t words = 1; words < image.size(); ++words)
    EXPECT_THAT(complaint({image.begin(), image.begin() + static_cast<std::ptrdiff_t>(words)}),
                HasSubstr("the image ends here"));
}

// A correct check sum over wrong words: what a bad writer would leave.
TEST(ProgramImage, EndsInAProgramOrAnErrorWhateverItsWordsAre) {
  const std::vector<uint32_t> image = encode(parse_program(kSmall));
  std::mt19937 random(9);
  for (int i = 0; i < 5000; ++i) {
    std::vector<uint32_t> broken = image;
    for (uint32_t flips = 1 + random() % 3; flips > 0; --flips)
      broken[1 + random() % (image.size() - 1)] ^= 1u << random() % 32;
    broken = with_checksum(broken);
    try {
      const auto program = decode(broken);
      ASSERT_TRUE(program);
      EXPECT_EQ(decode(encode(*program)), program);
    } catch (const Error&) {
    }
  }
}

TEST(ProgramImage, NamesTheWordThatIsWrong) {
  const std::vector<uint32_t> image =
      encode(parse_program("kernel zero f32 16\n  call 0, r1, 1\nend:\n  jump end\n"));
  const auto with = [&](size_t word, uint32_t value) {
    std::vector<uint32_t> broken = image;
    broken[word] = value;
    return complaint(with_checksum(broken));
  };
  EXPECT_EQ(with(1, 2), "core program, word 1: version 2; this is version 1");
  EXPECT_EQ(with(3, 9), "core program, word 3: 9 kernels in 4 words of text");
  EXPECT_EQ(with(3, 2), "core program, word 13: a kernel text is missing");
  EXPECT_EQ(with(3, 0), "core program, word 5: a call of kernel 0 of 0");
  EXPECT_EQ(with(5, 200), "core program, word 5: there is no op 200");
  EXPECT_EQ(with(5, 9 << 8), "core program, word 5: there is no type 9");
  EXPECT_EQ(with(5, 1u << 31), "core program, word 5: bits 31 and 30 are set");
  EXPECT_EQ(with(6, 1), "core program, word 5: a call of kernel 1 of 1");
  EXPECT_EQ(with(8, 2), "core program, word 7: a branch to instruction 2 of 2");
  EXPECT_EQ(with(9, 99), "core program, word 9: a kernel text of 99 bytes leaves its section");
  EXPECT_EQ(with(10, 0x7A7A7A7A),
            "core program, word 9: kernel `zzzz f32 16`: `zzzz` is not an operation");
  EXPECT_EQ(with(10, 0x78), "core program, word 9: a kernel text with the byte 0x00");
}

TEST(ProgramImage, SaysThatTheCheckSumDiffers) {
  std::vector<uint32_t> image = encode(parse_program("  done\n"));
  image.back() = 1;
  EXPECT_THAT(complaint(image),
              HasSubstr("core program, word 7: check sum is 0x00000001, the words give 0x"));
}

TEST(ProgramImage, MustFitProgramMemory) {
  const Program program{std::vector<Instruction>(2048), {}};
  EXPECT_EQ(error_text([&] { encode(program); }),
            "core program: 16408 bytes do not fit the program memory of 16384; 2048 instructions, "
            "0 kernels");
}

TEST(ProgramImage, IsNotMadeOfABranchOutOfTheProgram) {
  EXPECT_EQ(error_text([] {
              encode({{{.op = Op::Jump, .imm = 1}}, {}});
            }),
            "core program, instruction 0: a branch to instruction 1 of 1");
}

}  // namespace
}  // namespace npu::arch
