// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/control_port.h"

#include "hw-model/arch/ports.h"
#include "hw-model/sim/array.h"

namespace npu::sim {

namespace {
// The control word after the packet header (hardware reference 5.7).
constexpr arch::Bits kAddress = arch::bits(0, 19, 0);
constexpr arch::Bits kBeats = arch::bits(0, 21, 20).minus_one();
constexpr arch::Bits kOperation = arch::bits(0, 23, 22);
constexpr arch::Bits kResponseId = arch::bits(0, 28, 24);

constexpr int64_t kWrite = 0;
constexpr int64_t kRead = 1;

logic::Plan words(uint64_t count) {
  return logic::Plan(logic::Access{.base = 0, .length = count, .dims = {}, .pads = {}});
}
}  // namespace

ControlPort::ControlPort(Context& context, Array& array, arch::Coord tile)
    : context_(context),
      array_(array),
      agent_{tile, observe::AgentKind::Host, 0},
      source_(array.fabric().add_source({tile, logic::SinkKind::TileControl, 0}, agent_, *this)),
      sink_(array.fabric().add_sink({tile, logic::SinkKind::TileControl, 0}, agent_, *this)),
      word_plan_(words(1)) {
  open_.bind<&ControlPort::want_word>(*this);
  want_word();
}

void ControlPort::want_word() {
  array_.fabric().receive(sink_, {&word_plan_, &word_, 1, false, true});
}

void ControlPort::received(uint64_t, bool tlast) {
  switch (expect_) {
    case Expect::PacketHeader:
      packet_header_ = word_;
      expect_ = Expect::ControlWord;
      break;
    case Expect::ControlWord:
      take_control_word();
      break;
    case Expect::Data:
      array_.write(arch::address_of(agent_.tile, address_), word_);
      address_ += 4;
      if (--left_ == 0)
        expect_ = Expect::ControlWord;
      break;
  }
  if (tlast)
    expect_ = Expect::PacketHeader;
  if (response_.empty())
    context_.wheel.arm(open_, context_.now() + 1);
}

void ControlPort::take_control_word() {
  const std::span control(&word_, 1);
  address_ = static_cast<uint32_t>(arch::get(control, kAddress));
  left_ = static_cast<uint32_t>(arch::get(control, kBeats));
  switch (arch::get(control, kOperation)) {
    case kWrite:
      expect_ = Expect::Data;
      return;
    case kRead:
      return respond();
    default:
      context_.fault(agent_, observe::FaultKind::Unsupported, word_);
  }
}

void ControlPort::respond() {
  const auto id = static_cast<int>(arch::get(std::span(&word_, 1), kResponseId));
  for (uint32_t i = 0; i < left_; ++i)
    response_.push_back(array_.read(arch::address_of(agent_.tile, address_ + 4 * i)));
  response_plan_ = words(response_.size());
  Outgoing out{&response_plan_, response_.data(), 0, response_.size(), {}, true, 0};
  out.header = arch::packet_header(agent_.tile, id, 0, 0);
  array_.fabric().send(source_, out);
}

void ControlPort::sent() {
  response_.clear();
  context_.wheel.arm(open_, context_.now() + 1);
}

}  // namespace npu::sim
