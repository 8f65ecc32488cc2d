// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define SC_INCLUDE_DYNAMIC_PROCESSES  // sc_spawn is hidden without it
#include "hw-model/sim/module.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

// The kernel's library looks for it; every program that uses the model has its own main.
int sc_main(int, char**) {
  return 0;
}

namespace npu::sim {

using arch::Cycle;

ColumnModule::ColumnModule(const sc_core::sc_module_name& name, Array& array, int column)
    : sc_module(name) {
  for (int row = 0; row < arch::kRows; ++row)
    tiles_.push_back(std::make_unique<TileModule>(
        fmt::format("row{}", row).c_str(),
        array.tile({static_cast<uint8_t>(column), static_cast<uint8_t>(row)})));
}

NpuModule::NpuModule(const sc_core::sc_module_name& name, const arch::Partition& partition,
                     const arch::Timing& timing, const Options& options,
                     std::shared_ptr<Server> memory)
    : sc_module(name),
      host("host"),
      ddr("ddr"),
      context_{partition, timing, options, {}, {}},
      array_(context_, *this, std::move(memory)),
      controller_(context_, array_),
      period_ps_(1e6 / timing.clock_mhz.value) {
  begin_.bind<&NpuModule::begin_sequence>(*this);
  context_.wheel.seed(options.schedule_seed);
  for (int col = 0; col < partition.columns; ++col)
    columns_.push_back(
        std::make_unique<ColumnModule>(fmt::format("col{}", col).c_str(), array_, col));
  host.register_b_transport(this, &NpuModule::access);
  host.register_transport_dbg(this, &NpuModule::debug_access);
  ddr.register_invalidate_direct_mem_ptr(this, &NpuModule::invalidate);

  sc_core::sc_spawn_options process;
  process.spawn_method();
  process.set_sensitivity(&poked_);
  sc_core::sc_spawn([this] { run(); }, "run", &process);
}

sc_core::sc_time NpuModule::time_of(Cycle cycle) const {
  return {static_cast<double>(cycle) * period_ps_, sc_core::SC_PS};
}

Cycle NpuModule::current_cycle() const {
  return static_cast<Cycle>(sc_core::sc_time_stamp().to_seconds() * 1e12 / period_ps_ + 0.5);
}

/// The one process: events up to the end of the quantum, then sleep until the next.
void NpuModule::run() {
  const bool was_over = sequence_over_;
  run_events();
  if (!was_over && sequence_over_ && on_end_)
    on_end_();
}

void NpuModule::run_events() {
  try {
    const Cycle now = current_cycle();
    const Cycle until = now > arch::kNever - quantum_ ? arch::kNever : now + quantum_;
    while (!ended() && (!context_.wheel.empty() || array_.fabric().await_rest()) &&
           context_.wheel.next() <= until)
      advance();
    if (in_sequence_ && context_.wheel.empty() && !controller_.done()) {
      end_ = End::Hang;
      in_sequence_ = false;
      sequence_over_ = true;
    }
    if (ended() || context_.wheel.empty())
      return;
    const sc_core::sc_time at = time_of(context_.wheel.next());
    const sc_core::sc_time time = sc_core::sc_time_stamp();
    next_trigger(at > time ? at - time : sc_core::SC_ZERO_TIME, poked_);
  } catch (const std::runtime_error&) {  // not std::exception: the kernel unwinds with one
    failure_ = std::current_exception();
    in_sequence_ = false;
  }
}

void NpuModule::advance() {
  context_.wheel.advance();
  if (controller_.polling())
    controller_.retry_poll();
}

/// True when the sequence that was under way is over, for whatever reason.
bool NpuModule::ended() {
  if (failure_)
    return true;
  if (!in_sequence_)
    return sequence_over_;
  const Cycle now = context_.now();
  if (controller_.done())
    end_ = End::Finished;
  else if (context_.wheel.next() != arch::kNever &&
           context_.wheel.next() - sequence_start_ > context_.options.limit_cycles) {
    end_ = End::Limit;
    context_.wheel.skip_to(sequence_start_ + context_.options.limit_cycles);
  } else if (context_.options.progress && context_.wheel.fired() >= next_report_ &&
             !report_progress(now))
    end_ = End::Interrupted;
  else
    return false;
  in_sequence_ = false;
  sequence_over_ = true;
  return true;
}

bool NpuModule::report_progress(Cycle now) {
  next_report_ = context_.wheel.fired() + context_.options.progress_events;
  return context_.options.progress(now);
}

void NpuModule::start_sequence(std::span<const arch::Command> sequence,
                               std::span<const uint64_t> addresses) {
  sequence_start_ = context_.now();
  events_before_ = context_.wheel.fired();
  next_report_ = events_before_ + context_.options.progress_events;
  in_sequence_ = true;
  sequence_over_ = false;
  end_ = End::Finished;
  controller_.start(sequence, addresses);
  poked_.notify(sc_core::SC_ZERO_TIME);
}

void NpuModule::start_sequence_at(Cycle cycle, std::span<const arch::Command> configuration,
                                  std::span<const arch::Command> sequence,
                                  std::span<const uint64_t> addresses) {
  waiting_ = {configuration, sequence, {addresses.begin(), addresses.end()}};
  sequence_over_ = false;
  context_.wheel.arm(begin_, cycle);
  poked_.notify(sc_core::SC_ZERO_TIME);
}

void NpuModule::begin_sequence() {
  controller_.configure(waiting_.configuration);
  start_sequence(waiting_.sequence, waiting_.addresses);
}

RunResult NpuModule::finish_sequence() {
  rethrow();
  const RunResult result{end_, context_.now() - sequence_start_,
                         context_.wheel.fired() - events_before_, controller_.commands_done()};
  if (end_ != End::Finished)
    controller_.abandon();
  array_.settle();
  return result;
}

void NpuModule::rethrow() {
  if (failure_)
    std::rethrow_exception(std::exchange(failure_, nullptr));
}

void NpuModule::forget_host_memory() {
  regions_.clear();
  array_.forget_host_memory();
}

void NpuModule::invalidate(sc_dt::uint64, sc_dt::uint64) {
  forget_host_memory();
}

std::optional<HostRegion> NpuModule::region(uint64_t address) {
  const auto holds = [&](const HostRegion& r) {
    return address >= r.start && address - r.start < r.bytes;
  };
  const auto known = std::find_if(regions_.begin(), regions_.end(), holds);
  if (known != regions_.end())
    return *known;
  tlm::tlm_generic_payload payload;
  payload.set_address(address);
  payload.set_command(tlm::TLM_WRITE_COMMAND);
  tlm::tlm_dmi dmi;
  if (!ddr->get_direct_mem_ptr(payload, dmi) || !dmi.is_read_write_allowed())
    return std::nullopt;
  regions_.push_back({dmi.get_start_address(), dmi.get_end_address() - dmi.get_start_address() + 1,
                      reinterpret_cast<std::byte*>(dmi.get_dmi_ptr())});
  return regions_.back();
}

/// Brings the array to SystemC's time before the host touches it.
void NpuModule::catch_up() {
  const Cycle cycle = current_cycle();
  while (!context_.wheel.empty() && context_.wheel.next() <= cycle)
    advance();
  context_.wheel.skip_to(cycle);
}

void NpuModule::access(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  catch_up();
  transfer(payload);
  poked_.notify(sc_core::SC_ZERO_TIME);
}

unsigned int NpuModule::debug_access(tlm::tlm_generic_payload& payload) {
  if (payload.get_command() != tlm::TLM_READ_COMMAND)
    return 0;
  for (unsigned int i = 0; i < payload.get_data_length(); i += 4)
    if (array_.reading_acts(static_cast<uint32_t>(payload.get_address()) + i))
      return 0;
  transfer(payload);
  return payload.is_response_ok() ? payload.get_data_length() : 0;
}

void NpuModule::transfer(tlm::tlm_generic_payload& payload) {
  const sc_dt::uint64 address = payload.get_address();
  const unsigned int bytes = payload.get_data_length();
  if (address % 4 || bytes % 4 || payload.get_byte_enable_ptr() ||
      payload.get_streaming_width() < bytes)
    return payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  if (address + bytes > uint64_t{1} << 32)
    return payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  for (unsigned int i = 0; i < bytes; i += 4) {
    const auto place = static_cast<uint32_t>(address) + i;
    uint32_t word = 0;
    if (payload.is_write()) {
      std::memcpy(&word, payload.get_data_ptr() + i, 4);
      array_.write(place, word);
    } else if (payload.is_read()) {
      word = array_.read(place);
      std::memcpy(payload.get_data_ptr() + i, &word, 4);
    }
  }
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

}  // namespace npu::sim
