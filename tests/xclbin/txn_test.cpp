// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/txn.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/error_text.h"
#include "tests/xclbin/random.h"
#include "xclbin/hex_text.h"

namespace npu::xclbin {
namespace {

using arch::Command;
using arch::Commands;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// The streams of data/txn_vectors.txt by name.
std::map<std::string, Bytes> vectors() {
  std::ifstream file(AIRLOCK_XCLBIN_DATA "/txn_vectors.txt");
  std::map<std::string, std::string> texts;
  std::string name;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('[')) {
      name = line.substr(1, line.find(']') - 1);
      continue;
    }
    std::istringstream words(line.substr(0, line.find('#')));
    for (std::string word; words >> word;)
      texts[name] += word + '\n';
  }
  std::map<std::string, Bytes> streams;
  for (const auto& [key, text] : texts)
    streams[key] = bytes_of(parse_hex_text(text));
  return streams;
}

Bytes vector(const std::string& name) {
  return vectors().at(name);
}

Bytes encode(const Commands& commands, TxnVersion version = TxnVersion::V01) {
  return write_txn(to_txn(commands, txn_header(arch::Generation::Aie2, 4, version)));
}

TEST(Txn, PublicStreamsReadBackToTheSameBytes) {
  for (const auto& [name, bytes] : vectors())
    EXPECT_EQ(write_txn(read_txn(bytes)), bytes) << name;
}

TEST(Txn, AStreamWithCleanPaddingIsTheSameAfterItsCommands) {
  const Bytes stream = vector("one_column");
  const Txn again = to_txn(to_commands(stream).commands, read_txn(stream).header);
  EXPECT_EQ(write_txn(again), stream);
}

TEST(Txn, TheWordsOfAStreamMeanItsCommands) {
  const std::vector<uint32_t> data{100, 101, 102, 103, 104, 105, 106, 107};
  EXPECT_EQ(to_commands(vector("npu1")).commands,
            (Commands{arch::Write{0x06400DEF, 0x42}, arch::Write{0xABC00DEF, 0x314},
                      arch::BlockWrite{0x12345679, data}, arch::BlockWrite{0x02100064, data},
                      arch::MaskWrite{0x0430567A, 0xF00FF00F, 0x1001},
                      arch::Sync{3, 4, arch::Direction::Mm2s, 5, 1, 2}, arch::Load{2}}));
}

TEST(Txn, GarbageAboveTheCodeIsIgnored) {
  EXPECT_EQ(to_commands(vector("upper_bytes_of_the_code")).commands.at(1),
            Command(arch::Write{0x0641DE14, 0x8002000A}));
}

TEST(Txn, AnyCommandsComeBackFromEitherVersion) {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const Commands commands = random.commands(20, &Random::command);
    EXPECT_EQ(to_commands(encode(commands, TxnVersion::V01)).commands, commands);
    EXPECT_EQ(to_commands(encode(commands, TxnVersion::V10)).commands, commands);
  }
}

TEST(Txn, EveryOperationWithALayoutComesBackWithItsFields) {
  Random random(2);
  for (const TxnOpRow& row : txn_ops())
    for (const TxnVersion version : {TxnVersion::V01, TxnVersion::V10}) {
      if (!row.in(version) || row.words == 0)
        continue;
      Words words = random.words(row.words);
      words[0] = (words[0] & ~0xFFu) | static_cast<uint32_t>(row.code);
      if (row.data)
        words.resize(row.words + 5u);
      if (row.size_word >= 0)
        words[row.size_word] = static_cast<uint32_t>(4 * words.size());
      const Txn txn{txn_header(arch::Generation::Aie2p, 8, version), {{words}}};
      EXPECT_EQ(read_txn(write_txn(txn)), txn) << row.name;
    }
}

TEST(Txn, VersionOneDropsSizesAndPadding) {
  EXPECT_EQ(to_txn(Commands{arch::MaskWrite{0x1D200, 0x1F00, 0xF00}},
                   txn_header(arch::Generation::Aie2p, 8, TxnVersion::V10))
                .ops.at(0)
                .words,
            (Words{3, 0x1D200, 0xF00, 0x1F00}));
}

TEST(Txn, AMaskWriteMayBePaddedToEightWords) {
  const Txn txn{txn_header(arch::Generation::Aie2, 4), {{{3, 0, 0x1D200, 0, 1, 3, 32, 0xDEAD}}}};
  EXPECT_EQ(to_commands(write_txn(txn)).commands, (Commands{arch::MaskWrite{0x1D200, 3, 1}}));
}

TEST(Txn, AVersionOnePatchMayHaveSixWords) {
  const Txn txn{txn_header(arch::Generation::Aie2p, 4, TxnVersion::V10),
                {{{0x81, 24, 0x1D004, 2, 0x100, 1}}}};
  EXPECT_EQ(to_commands(write_txn(txn)).commands,
            (Commands{arch::AddressPatch{0x1D004, 2, 0x1'0000'0100}}));
}

// Offset in the stream of the addend of its only operation.
Words addend(uint32_t argument, uint64_t offset, Aperture aperture) {
  const Txn txn = to_txn(Commands{arch::AddressPatch{0x12340, argument, offset}},
                         txn_header(arch::Generation::Aie2, 4), aperture);
  const Words& words = txn.ops.at(0).words;
  return {words.at(8), words.at(10), words.at(11)};
}

TEST(Txn, TheAddendOfAPatchHas64Bits) {
  EXPECT_EQ(addend(0, 0xFFFF'FFFF, Aperture::Firmware), (Words{0, 0xFFFFFFFF, 0}));
  EXPECT_EQ(addend(0, 0x1'0000'0000, Aperture::Firmware), (Words{0, 0, 1}));
  EXPECT_EQ(addend(0, 0x2'0000'0100, Aperture::Firmware), (Words{0, 0x100, 2}));
}

TEST(Txn, TheAddendsOfArgumentsFromFiveOnContainTheAperture) {
  EXPECT_EQ(addend(4, 0x100, Aperture::Firmware), (Words{4, 0x100, 0}));
  EXPECT_EQ(addend(5, 0x100, Aperture::Firmware), (Words{5, 0x80000100, 0}));
  EXPECT_EQ(addend(5, 0x100, Aperture::Runtime), (Words{5, 0x100, 0}));
}

TEST(Txn, AnArgumentThatFirmwareWouldNotTranslateIsNamed) {
  const Txn txn = to_txn(Commands{arch::AddressPatch{0x1D004, 6, 0}},
                         txn_header(arch::Generation::Aie2, 4), Aperture::Runtime);
  EXPECT_THAT(to_commands(write_txn(txn)).unfolded, ElementsAre(6));
}

TEST(Txn, OperationsWithoutAnEffectAreSkippedAndCounted) {
  EXPECT_THAT(to_commands(vector("npu4")).skipped, ElementsAre(Pair("preempt", 1)));
}

TEST(Txn, AnEffectThatNoCommandHasIsCountedApart) {
  const Txn txn{txn_header(arch::Generation::Aie2, 4), {{{0x84, 12, 0x408}}}};
  EXPECT_THAT(to_commands(write_txn(txn)).unmodelled, ElementsAre(Pair("merge_sync", 1)));
}

TEST(Txn, AnUnknownCustomOperationIsSteppedOverByItsSize) {
  const Txn txn{txn_header(arch::Generation::Aie2, 4),
                {{{0x90, 16, 7, 8}}, {{0, 0, 0x1D204, 0, 1, 24}}}};
  EXPECT_THAT(to_commands(write_txn(txn)).commands, ElementsAre(Command(arch::Write{0x1D204, 1})));
}

TEST(Txn, AStreamIsTheSameAsItsText) {
  const Words words = words_of(vector("npu1"), "txn");
  EXPECT_EQ(parse_hex_text(hex_text(words)), words);
}

TEST(Txn, TextIsToldFromABinaryStream) {
  const Bytes stream = vector("npu1");
  const std::string text = hex_text(words_of(stream, "txn"));
  EXPECT_TRUE(is_hex_text(Bytes(text.begin(), text.end())));
  EXPECT_FALSE(is_hex_text(stream));
}

std::string complaint(Words words) {
  words.at(3) = static_cast<uint32_t>(4 * words.size());
  return error_text([&] { read_txn(bytes_of(words)); });
}

TEST(TxnErrors, NameOffsetAndField) {
  EXPECT_EQ(complaint({0x06030100, 0x104, 1, 0, 0x10}),
            "txn at 0x10: operation: code 0x10 is not one");
  EXPECT_EQ(complaint({0x06030100, 0x104, 1, 0, 2, 0}),
            "txn at 0x10: block_set: no layout of it is published");
  EXPECT_EQ(complaint({0x06030100, 0x104, 1, 0, 3, 0, 0, 0, 0, 0, 24, 0}),
            "txn at 0x10: mask_write: its size of 24 bytes is not that of one");
  EXPECT_EQ(complaint({0x06030100, 0x104, 2, 0, 5}),
            "txn at 0x14: operation count: says 2, the stream ends after 1");
  EXPECT_EQ(complaint({0x06030100, 0x104, 1, 0, 5, 5}),
            "txn at 0x14: operation count: says 1, 1 words follow the last");
  EXPECT_EQ(complaint({0x06030200, 0x104, 0, 0}),
            "txn at 0x0: version: 0.2 is not known; versions 0.1 and 1.0");
}

TEST(TxnErrors, ASizeThatIsNotThatOfTheFile) {
  EXPECT_EQ(error_text([] {
              read_txn(bytes_of(Words{0x06030100, 0x104, 0, 20}));
            }),
            "txn at 0xc: total size: says 20 bytes, there are 16");
}

TEST(TxnErrors, AHalfHeader) {
  EXPECT_EQ(error_text([] {
              read_txn(Bytes{0, 1, 3, 6, 4, 1, 0, 0, 9, 9});
            }),
            "txn at 0x8: operation count: needs 4 bytes, 2 left");
}

TEST(TxnErrors, TextThatIsNoWord) {
  EXPECT_THAT(error_text([] { parse_hex_text("00000001\n0000000G\n"); }),
              HasSubstr("line 2: `0000000G` is not a word"));
}

}  // namespace
}  // namespace npu::xclbin
