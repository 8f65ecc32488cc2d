// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/control_packet.h"

#include <bit>

#include "hw-model/arch/ports.h"

namespace npu::xclbin {

namespace {

using arch::bits;

// The second word of a packet.
constexpr arch::Bits kAddress = bits(0, 19, 0);
constexpr arch::Bits kBeats = bits(0, 21, 20).minus_one();
constexpr arch::Bits kOperation = bits(0, 23, 22);
constexpr arch::Bits kReturnId = bits(0, 28, 24);
constexpr arch::Bits kParity = bits(0, 31, 31);

int64_t field(uint32_t word, arch::Bits bits_of_field) {
  return arch::get(std::span(&word, 1), bits_of_field);
}

bool carries_data(ControlOperation operation) {
  return operation == ControlOperation::Write || operation == ControlOperation::WriteIncrement;
}

/// A word with an odd number of ones.
uint32_t checked(std::span<const uint32_t> words, size_t at, std::string_view name) {
  if (at >= words.size())
    throw Error("control packets at word {}: {}: the stream ends", at, name);
  if (std::popcount(words[at]) % 2 == 0)
    throw Error("control packets at word {}: {}: parity of {:#010x} is even", at, name, words[at]);
  return words[at];
}

void read_packet_header(uint32_t word, ControlPacket& packet) {
  packet.packet_id = static_cast<int>(field(word, arch::header::kStreamId));
  packet.packet_type = static_cast<int>(field(word, arch::header::kType));
  packet.source = {static_cast<uint8_t>(field(word, arch::header::kSourceCol)),
                   static_cast<uint8_t>(field(word, arch::header::kSourceRow))};
}

uint32_t control_header(const ControlPacket& packet) {
  uint32_t word = 0;
  const std::span words(&word, 1);
  arch::put(words, kAddress, packet.address, "address");
  arch::put(words, kBeats, packet.beats, "beats");
  arch::put(words, kOperation, static_cast<int>(packet.operation), "operation");
  arch::put(words, kReturnId, packet.return_id, "return_id");
  arch::put(words, kParity, std::popcount(word) % 2 == 0, "parity");
  return word;
}

}  // namespace

void for_each_control_packet(std::span<const uint32_t> words, PacketHeaders headers,
                             const std::function<void(const ControlPacket&)>& visit) {
  for (size_t at = 0; at < words.size();) {
    if (words[at] == 0) {
      ++at;
      continue;
    }
    ControlPacket packet;
    if (headers == PacketHeaders::InStream)
      read_packet_header(checked(words, at++, "packet header"), packet);
    const uint32_t control = checked(words, at++, "control header");
    packet.address = static_cast<uint32_t>(field(control, kAddress));
    packet.beats = static_cast<int>(field(control, kBeats));
    packet.operation = ControlOperation{static_cast<uint8_t>(field(control, kOperation))};
    packet.return_id = static_cast<int>(field(control, kReturnId));
    if (carries_data(packet.operation)) {
      const size_t beats = static_cast<size_t>(packet.beats);
      if (beats > words.size() - at)
        throw Error("control packets at word {}: data: needs {} words, {} left", at, beats,
                    words.size() - at);
      packet.data.assign(words.begin() + static_cast<ptrdiff_t>(at),
                         words.begin() + static_cast<ptrdiff_t>(at + beats));
      at += beats;
    }
    visit(packet);
  }
}

Words write_control_packets(std::span<const ControlPacket> packets, PacketHeaders headers,
                            size_t align) {
  Words words;
  for (const ControlPacket& packet : packets) {
    const size_t expected =
        carries_data(packet.operation) ? static_cast<size_t>(packet.beats) : size_t{0};
    if (packet.data.size() != expected)
      throw Error("control packet to {:#x}: {} words of data for {} beats", packet.address,
                  packet.data.size(), packet.beats);
    if (headers == PacketHeaders::InStream)
      words.push_back(arch::packet_header(packet.source, packet.packet_id, packet.packet_type, 0));
    words.push_back(control_header(packet));
    words.insert(words.end(), packet.data.begin(), packet.data.end());
    while (words.size() % align != 0)
      words.push_back(0);
  }
  return words;
}

}  // namespace npu::xclbin
