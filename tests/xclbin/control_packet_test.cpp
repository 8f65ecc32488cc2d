// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/control_packet.h"

#include <bit>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/arch/error_text.h"
#include "tests/xclbin/random.h"

namespace npu::xclbin {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::ResultOf;

std::vector<ControlPacket> read(const Words& words, PacketHeaders headers) {
  std::vector<ControlPacket> packets;
  for_each_control_packet(words, headers,
                          [&](const ControlPacket& packet) { packets.push_back(packet); });
  return packets;
}

std::vector<ControlPacket> random_packets() {
  Random random(9);
  std::vector<ControlPacket> packets;
  for (int i = 0; i < 100; ++i) {
    const int beats = static_cast<int>(1 + random.below(4));
    const auto operation = ControlOperation{static_cast<uint8_t>(random.below(3))};
    packets.push_back(
        {.packet_id = static_cast<int>(random.below(32)),
         .packet_type = static_cast<int>(random.below(8)),
         .source = {static_cast<uint8_t>(random.below(8)), static_cast<uint8_t>(random.below(6))},
         .address = random.below(1 << 20),
         .operation = operation,
         .beats = beats,
         .return_id = static_cast<int>(random.below(32)),
         .data = operation == ControlOperation::Read ? Words()
                                                     : random.words(static_cast<uint32_t>(beats))});
  }
  return packets;
}

TEST(ControlPackets, ComeBackWithPaddingBetween) {
  const std::vector<ControlPacket> packets = random_packets();
  EXPECT_EQ(
      read(write_control_packets(packets, PacketHeaders::InStream, 8), PacketHeaders::InStream),
      packets);
}

TEST(ControlPackets, HeadersMayBeInsertedByTheDescriptor) {
  const ControlPacket packet{.address = 0x1D204, .beats = 1, .data = {5}};
  const Words words = write_control_packets(std::vector{packet}, PacketHeaders::Inserted);
  EXPECT_THAT(words, ElementsAre(0x8001D204u, 5u));
  EXPECT_THAT(read(words, PacketHeaders::Inserted), ElementsAre(packet));
}

TEST(ControlPackets, HeadersHaveOddParity) {
  for (const ControlPacket& packet : random_packets()) {
    Words words = write_control_packets(std::vector{packet}, PacketHeaders::InStream);
    words.resize(2);
    EXPECT_THAT(words, Each(ResultOf([](uint32_t w) { return std::popcount(w) % 2; }, 1)));
  }
}

TEST(ControlPacketErrors, NameTheWord) {
  EXPECT_EQ(error_text([] { read({0x3}, PacketHeaders::Inserted); }),
            "control packets at word 0: control header: parity of 0x00000003 is even");
  EXPECT_EQ(error_text([] { read({0x1}, PacketHeaders::InStream); }),
            "control packets at word 1: control header: the stream ends");
  EXPECT_EQ(error_text([] {
              read({0x8001D204, 5, 0x0031D206, 6}, PacketHeaders::Inserted);
            }),
            "control packets at word 3: data: needs 4 words, 1 left");
}

}  // namespace
}  // namespace npu::xclbin
