// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "hw-model/sim/dma.h"

#include <algorithm>
#include <utility>

#include "hw-model/arch/ports.h"
#include "hw-model/sim/array.h"

namespace npu::sim {

using arch::TileKind;
using observe::FaultKind;

namespace {
constexpr uint32_t bit(arch::Bits bits) {
  return bits.mask();
}
}  // namespace

DmaChannel::DmaChannel(Context& context, Array& array, Tile& owner, arch::Direction direction,
                       int index)
    : context_(context),
      array_(array),
      agent_{
          owner.coord,
          direction == arch::Direction::Mm2s ? observe::AgentKind::Mm2s : observe::AgentKind::S2mm,
          static_cast<uint8_t>(index)},
      slots_(owner.descriptors.data()) {
  alarm_.bind<&DmaChannel::take_step>(*this);
  const auto channel = static_cast<uint8_t>(index);
  endpoint_ =
      reads()
          ? array.fabric().add_source({owner.coord, logic::SinkKind::Dma, channel}, agent_, *this)
          : array.fabric().add_sink({owner.coord, logic::SinkKind::Dma, channel}, agent_, *this);
}

bool DmaChannel::out_of_order() const {
  return !reads() && (control_ & bit(arch::control::kOutOfOrder));
}
int DmaChannel::finish_mode() const {
  return reads() ? 0
                 : static_cast<int>(arch::get(std::span(&control_, 1), arch::control::kFotMode));
}

void DmaChannel::set_state(State state) {
  if (state == state_)
    return;
  const bool rests =
      state == State::Idle || state == State::TokenStalled || state == State::Stopped;
  if (is_shim() && rests)
    array_.ddr().want(wanted_, std::nullopt);
  state_ = state;
  since_ = context_.now();
  if (context_.hub.wants<observe::ChannelChanged>())
    context_.emit(standing());
}

observe::ChannelChanged DmaChannel::standing() const {
  return {agent_, state_, static_cast<uint8_t>(bd_),
          static_cast<uint8_t>(queue_.size() + (task_ ? 1 : 0))};
}

void DmaChannel::tell_last() const {
  context_.hub.tell_last(since_, standing());
}

void DmaChannel::stop(FaultKind fault, uint64_t value, arch::Bits sticky) {
  sticky_ |= bit(sticky);
  stopped_ = true;
  context_.fault(agent_, fault, value);
  set_state(State::Stopped);
}

void DmaChannel::after(arch::Cycle cycles, void (DmaChannel::*step)()) {
  step_ = step;
  context_.wheel.arm(alarm_, context_.now() + cycles);
}

size_t DmaChannel::queued() const {
  return queue_.size() + (task_ && context_.timing.dma.running_task_counts ? 1 : 0);
}

void DmaChannel::tell(What what, const Task& task, size_t queued) {
  context_.emit(observe::TaskChanged{agent_, what, task.bd, static_cast<uint8_t>(queued),
                                     task.repeat, task.token});
}

void DmaChannel::push(uint32_t word) {
  const auto words = std::span(&word, 1);
  const Task task{static_cast<uint8_t>(arch::get(words, arch::queue::kStartBd)),
                  static_cast<uint16_t>(arch::get(words, arch::queue::kRepeat)),
                  arch::get(words, arch::queue::kToken) != 0};
  const bool full = queued() >= context_.timing.dma.queue_depth.cycles();
  if (!full)
    queue_.push_back(task);
  tell(full ? What::Dropped : What::Pushed, task, queue_.size() + (task_ ? 1 : 0));
  if (full) {
    sticky_ |= bit(arch::status::kQueueOverflow);
    context_.fault(agent_, FaultKind::QueueOverflow, task.bd);
  } else if (!task_ && !stopped_ && !alarm_.armed()) {
    warm_ = false;
    set_state(State::Starting);
    after(context_.timing.dma.start.cycles(), &DmaChannel::next_task);
  }
}

bool DmaChannel::has_task_with(int bd) const {
  const TileKind kind = agent_.tile.kind();
  const auto& slots = array_.tile(agent_.tile).descriptors;
  const auto reaches = [&](const Task& task) {
    std::vector<bool> seen(slots.size());
    for (auto at = static_cast<size_t>(task.bd); at < slots.size() && !seen[at];) {
      if (at == static_cast<size_t>(bd))
        return true;
      seen[at] = true;
      if (arch::get_bd(kind, slots[at].words, arch::BdField::UseNextBd) == 0)
        return false;
      at = static_cast<size_t>(arch::get_bd(kind, slots[at].words, arch::BdField::NextBd));
    }
    return false;
  };
  return (task_ && reaches(*task_)) || std::any_of(queue_.begin(), queue_.end(), reaches);
}

void DmaChannel::next_task() {
  const bool paused =
      is_shim() &&
      (control_ & (bit(arch::control::kPauseMemory) | bit(arch::control::kPauseStream)));
  if (paused) {
    paused_ = true;
    return;
  }
  task_ = queue_.front();
  queue_.pop_front();
  executions_left_ = task_->repeat;
  bubble_ = 0;
  first_of_task_ = true;
  tell(What::Started, *task_, queue_.size() + 1);
  start_execution();
}

void DmaChannel::start_execution() {
  if (out_of_order())
    want_header();
  else
    load(task_->bd);
}

/// The next packet's header names the descriptor.
void DmaChannel::want_header() {
  header_phase_ = true;
  set_state(State::Running);
  array_.fabric().receive(endpoint_, {&array_.one_word(), &header_word_, 1, false, true});
}

bool DmaChannel::usable(int bd) const {
  if (agent_.tile.kind() != TileKind::Memtile)
    return bd < arch::facts(agent_.tile.kind()).descriptors;
  const bool upper = bd >= arch::kMemtileDescriptorsPerParity;
  return bd < 2 * arch::kMemtileDescriptorsPerParity && upper == (agent_.index % 2 == 1);
}

void DmaChannel::load(int bd) {
  bd_ = bd;
  if (!usable(bd))
    return stop(FaultKind::BdUnavailable, static_cast<uint64_t>(bd), arch::status::kBdUnavailable);
  slot_ = slots_ + bd;
  if (!prepare(bd))
    return;
  offset_ = loaded_->bd.iteration_offset();
  words_ = loaded_->bd.access.length;
  sent_ = 0;
  acquire();
}

void DmaChannel::acquire() {
  const logic::Bd& bd = loaded_->bd;
  if (!bd.acquire)
    return offer();
  if (!loaded_->acquired)
    return stop(FaultKind::LockUnavailable, bd.acquire_lock, arch::status::kLockUnavailable);
  if (loaded_->acquired->acquire(number_in_tile(bd.acquire_lock), *bd.acquire, agent_, *this))
    return offer();
  set_state(State::Acquiring);
}

/// As with the bubble of a chain, the wake-up delays the first word.
void DmaChannel::locked(Cycle from) {
  bubble_ = from - context_.now();
  offer();
}

void DmaChannel::offer() {
  piece_ = words_;
  if (is_shim())
    array_.ddr().want(wanted_, loaded_->plan.run());
  if (!is_shim() || !reads())
    return move();
  // Data comes when DDR has been asked and can keep up; within a task the next descriptor is
  // fetched ahead.
  const auto& shim = context_.timing.shim;
  const Cycle latency = !first_of_task_ ? 0 : (warm_ ? shim.mm2s_warm : shim.mm2s_cold).cycles();
  first_of_task_ = false;
  ask_for_piece(0);
  send_piece(latency);
}

/// Asks DDR for words of the descriptor from there on.
void DmaChannel::ask_for_piece(uint64_t from) {
  Ddr& ddr = array_.ddr();
  asked_ = ddr.piece(words_ - from);
  served_ = asked_ == 0 ? 0 : ddr.serve(agent_, asked_, loaded_->plan.run(), context_.now());
}

/// Sends what has been asked for, not before `latency` cycles and not faster than it is served.
void DmaChannel::send_piece(Cycle latency) {
  piece_ = asked_;
  const Cycle streaming = piece_ / context_.timing.stream.words_per_cycle.cycles();
  const Cycle start =
      std::max(context_.now() + latency, served_ > streaming ? served_ - streaming : 0);
  // The next piece is fetched while this one leaves.
  if (sent_ + piece_ < words_)
    ask_for_piece(sent_ + piece_);
  if (start <= context_.now())
    return move();
  after(std::max(start - context_.now(), std::exchange(bubble_, 0)), &DmaChannel::move);
}

void DmaChannel::move() {
  const logic::Bd& bd = loaded_->bd;
  if (!context_.hub.idle() && sent_ == 0)
    report(false);
  set_state(State::Running);
  if (words_ == 0)
    return after(1, &DmaChannel::release);
  uint32_t* memory = loaded_->memory ? loaded_->memory + offset_ : nullptr;
  if (!reads())
    return array_.fabric().receive(
        endpoint_, {&loaded_->plan, memory, words_, finish_mode() != 0, false, bubble_});
  const bool last = sent_ + piece_ == words_;
  Outgoing out{.plan = &loaded_->plan,
               .memory = memory,
               .first = sent_,
               .words = piece_,
               .header = {},
               .tlast = last && !bd.suppress_tlast,
               .pad = pad_value_,
               .delay = bubble_};
  if (bd.packet && sent_ == 0)
    out.header = arch::packet_header(agent_.tile, bd.packet_id, bd.packet_type, bd.out_of_order_id);
  array_.fabric().send(endpoint_, out);
}

/// Tells that the descriptor has begun, with the memory it uses, or has finished.
void DmaChannel::report(bool finished) const {
  context_.emit(observe::DescriptorChanged{agent_, finished, static_cast<uint8_t>(bd_),
                                           static_cast<uint32_t>(words_),
                                           (loaded_->bd.access.base + offset_) * 4});
  if (finished || is_shim() || !context_.hub.wants_memory())
    return;
  loaded_->plan.for_each_run(0, words_, [&](uint64_t address, uint64_t count) {
    context_.emit(observe::MemoryAccess{agent_, loaded_->owner,
                                        static_cast<uint32_t>((address + offset_) * 4),
                                        static_cast<uint32_t>(count * 4), !reads(), true});
  });
}

void DmaChannel::moving(bool moving) {
  set_state(moving ? State::Running : reads() ? State::Backpressured : State::Starved);
}

void DmaChannel::received(uint64_t words, bool tlast) {
  if (header_phase_) {
    header_phase_ = false;
    return load(
        static_cast<int>(arch::get(std::span(&header_word_, 1), arch::header::kOutOfOrderId)));
  }
  if (finish_mode() != 0) {
    if (!tlast)
      sticky_ |= bit(arch::status::kFotLength);
    if (!tlast)
      context_.fault(agent_, FaultKind::FotLengthExceeded, words);
    if (finish_mode() == 3)
      counts_.push_back({static_cast<uint32_t>(words), static_cast<uint8_t>(bd_),
                         executions_left_ == 1 && !loaded_->bd.next});
  }
  words_ = words;
  if (is_shim()) {
    // Words are written as they come, at most at the stream's pace.
    const Cycle streaming = words / context_.timing.stream.words_per_cycle.cycles();
    const Cycle served = array_.ddr().serve(agent_, words, loaded_->plan.run(),
                                            context_.now() - std::min(context_.now(), streaming));
    if (served > context_.now())
      return after(served - context_.now(), &DmaChannel::release);
  }
  release();
}

void DmaChannel::sent() {
  sent_ += piece_;
  if (sent_ >= words_)
    return release();
  bubble_ = 0;
  send_piece(0);
}

void DmaChannel::release() {
  const logic::Bd& bd = loaded_->bd;
  if (!context_.hub.idle())
    report(true);
  if (bd.release != 0) {
    if (!loaded_->released)
      return stop(FaultKind::LockUnavailable, bd.release_lock, arch::status::kLockUnavailable);
    loaded_->released->release(number_in_tile(bd.release_lock), bd.release, agent_);
  }
  advance_iteration();
  // The next descriptor is fetched ahead and asks for its lock at once; the bubble delays its first
  // word.
  bubble_ = context_.timing.dma.chain.cycles();
  if (bd.next && !out_of_order())
    return load(*bd.next);
  if (--executions_left_ > 0)
    return start_execution();
  const bool writes_ddr = is_shim() && !reads();
  if (writes_ddr)
    return after(context_.timing.shim.s2mm_completion.cycles(), &DmaChannel::finish_task);
  finish_task();
}

/// The iteration count lives in the descriptor's registers.
void DmaChannel::advance_iteration() {
  const uint32_t size = loaded_->bd.iteration_size;
  if (size <= 1)
    return;
  const TileKind kind = agent_.tile.kind();
  const int64_t count = arch::get_bd(kind, slot_->words, arch::BdField::IterationCurrent) + 1;
  arch::put_bd(kind, slot_->words, arch::BdField::IterationCurrent, count % size);
  const bool current = loaded_->version == slot_->version++;
  if (!current)
    return;
  loaded_->bd.iteration_current = static_cast<uint32_t>(count % size);
  loaded_->version = slot_->version;
}

void DmaChannel::finish_task() {
  if (task_->token && !array_.issue_token(agent_, arch::get(std::span(&control_, 1),
                                                            arch::control::kControllerId))) {
    if (!std::exchange(token_blocked_, true))
      context_.fault(agent_, FaultKind::NoRoute, ~uint64_t{0});
    set_state(State::TokenStalled);
    return;
  }
  token_blocked_ = false;
  const uint8_t first = task_->bd;
  task_.reset();
  tell(What::Finished, {first}, queue_.size());
  if (queue_.empty())
    return set_state(State::Idle);
  warm_ = true;
  after(context_.timing.dma.chain.cycles(), &DmaChannel::next_task);
}

void DmaChannel::retry_token() {
  if (token_blocked_)
    finish_task();
}

int DmaChannel::number_in_tile(int lock) const {
  return agent_.tile.kind() == TileKind::Memtile ? lock % arch::facts(TileKind::Memtile).locks
                                                 : lock;
}

/// The locks of the tile that a descriptor means; null when it is out of reach.
LockUnit* DmaChannel::lock_of(int id) const {
  if (agent_.tile.kind() != TileKind::Memtile)
    return &array_.tile(agent_.tile).locks;
  Tile* owner = array_.memtile_window(agent_, id / arch::facts(TileKind::Memtile).locks);
  return owner ? &owner->locks : nullptr;
}

LoadedBd& BdSlot::loaded_by(int user) {
  for (LoadedBd& each : loaded)
    if (each.user == user)
      return each;
  loaded.emplace_front().user = user;
  return loaded.front();
}

void DmaChannel::make_ready(LoadedBd& loaded) {
  loaded.version = slot_->version;
  loaded.bd = logic::decode_bd(agent_.tile.kind(), slot_->words);
  loaded.memory = nullptr;
  loaded.memory_words = 0;
  loaded.acquired = loaded.bd.acquire ? lock_of(loaded.bd.acquire_lock) : nullptr;
  loaded.released = loaded.bd.release != 0 ? lock_of(loaded.bd.release_lock) : nullptr;
  array_.place(agent_, loaded);
  loaded.end = loaded.plan.end() > loaded.plan.lowest() ? loaded.plan.end() : 0;
}

/// Makes the descriptor ready to move words; false after a fault that stops the channel.
bool DmaChannel::prepare(int bd) {
  loaded_ = &slot_->loaded_by(2 * agent_.index + (reads() ? 1 : 0));
  if (loaded_->version != slot_->version)
    make_ready(*loaded_);
  const auto id = static_cast<uint64_t>(bd);
  if (!loaded_->bd.valid) {
    if (out_of_order())
      stop(FaultKind::BdUnavailable, id, arch::status::kBdUnavailable);
    else
      stop(FaultKind::BdInvalid, id, arch::status::kBdInvalid);
    return false;
  }
  if (loaded_->bd.compression) {
    stop(FaultKind::Unsupported, id, arch::status::kBdInvalid);
    return false;
  }
  const uint64_t offset = loaded_->bd.iteration_offset();
  if (loaded_->end > 0 && (!loaded_->reachable || loaded_->end + offset > loaded_->memory_words)) {
    const uint64_t byte = (loaded_->bd.access.base + offset) * 4;
    const bool neighbour = agent_.tile.kind() == TileKind::Memtile && !loaded_->reachable;
    stop(neighbour ? FaultKind::MemoryUnavailable : FaultKind::AddressOutOfRange, byte,
         is_shim() ? arch::status::kDecodeError : arch::status::kMemoryUnavailable);
    return false;
  }
  return true;
}

void DmaChannel::write_control(uint32_t word) {
  control_ = word;
  if (!is_shim() && (word & bit(arch::control::kReset)))
    return reset();
  const bool paused =
      is_shim() && (word & (bit(arch::control::kPauseMemory) | bit(arch::control::kPauseStream)));
  if (!paused && std::exchange(paused_, false))
    after(1, &DmaChannel::next_task);
}

void DmaChannel::withdraw() {
  context_.wheel.cancel(alarm_);
  array_.withdraw(*this, agent_);
  if (reads())
    array_.fabric().abort_source(endpoint_);
  else
    array_.fabric().abort_sink(endpoint_);
}

void DmaChannel::lose_host_memory() {
  if (!task_ || stopped_ || token_blocked_)
    return;
  withdraw();
  stop(FaultKind::AddressOutOfRange, loaded_ ? (loaded_->bd.access.base + offset_) * 4 : 0,
       arch::status::kDecodeError);
}

void DmaChannel::reset() {
  withdraw();
  if (const auto under_way = std::exchange(task_, std::nullopt))
    tell(What::Reset, *under_way, queue_.size());
  for (; !queue_.empty(); queue_.pop_front())
    tell(What::Reset, queue_.front(), queue_.size() - 1);
  counts_.clear();
  stopped_ = false;
  header_phase_ = false;
  token_blocked_ = false;
  sticky_ = 0;
  set_state(State::Idle);
}

uint32_t DmaChannel::status() const {
  uint32_t word = sticky_;
  const auto set = [&](arch::Bits field, int64_t value) {
    arch::put(std::span(&word, 1), field, value, "status");
  };
  const bool idle = state_ == State::Idle || state_ == State::Stopped;
  set(arch::status::kState, idle ? 0 : state_ == State::Starting ? 1 : 2);
  set(arch::status::kStalledAcquire, state_ == State::Acquiring);
  set(arch::status::kStalledStream, state_ == State::Starved || state_ == State::Backpressured);
  set(arch::status::kStalledToken, state_ == State::TokenStalled);
  set(arch::status::kRunning, task_.has_value() || !queue_.empty());
  set(arch::status::kQueueSize, static_cast<int64_t>(std::min<size_t>(queued(), 7)));
  set(arch::status::kCurrentBd, bd_);
  return word;
}

uint64_t DmaChannel::write_count() const {
  return reads() ? 0 : array_.fabric().taken(endpoint_);
}

uint32_t DmaChannel::pop_count() {
  if (counts_.empty())
    return 0;
  const Count count = counts_.front();
  counts_.pop_front();
  return 1u << 31 | (count.last ? 1u << 30 : 0u) | uint32_t{count.bd} << 24 |
         (count.words & 0x3FFFF);
}

}  // namespace npu::sim
