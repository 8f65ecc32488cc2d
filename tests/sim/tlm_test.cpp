// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The NPU in a virtual platform: driven through its TLM sockets only.
#include <cstring>

#include "hw-model/sim/module.h"
#include "tests/sim/fixture.h"

namespace npu::sim {
namespace {

using enum BdField;
using ::testing::ElementsAre;

constexpr Coord kShim{1, 0};
constexpr Coord kCore{1, 2};
constexpr uint64_t kDdrBase = 0x4000'0000;

/// Memory with DMI, where the platform's DDR would be.
class DdrModule : public sc_core::sc_module {
 public:
  explicit DdrModule(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_get_direct_mem_ptr(this, &DdrModule::direct);
    socket.register_b_transport(this, &DdrModule::access);
  }
  tlm_utils::simple_target_socket<DdrModule> socket;
  Words words = Words(1024);

 private:
  bool direct(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.set_start_address(kDdrBase);
    dmi.set_end_address(kDdrBase + words.size() * 4 - 1);
    dmi.set_dmi_ptr(reinterpret_cast<unsigned char*>(words.data()));
    dmi.allow_read_write();
    return true;
  }
  void access(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  }
};

/// A processor whose program is a function.
class Processor : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Processor);
  Processor(const sc_core::sc_module_name& name, std::function<void(Processor&)> program)
      : sc_module(name), socket("socket"), program_(std::move(program)) {
    SC_THREAD(run);
  }
  tlm_utils::simple_initiator_socket<Processor> socket;

  tlm::tlm_response_status transport(tlm::tlm_command command, uint64_t address, void* data,
                                     unsigned int bytes) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    return payload.get_response_status();
  }
  void write(Coord tile, uint32_t offset, Words words) {
    EXPECT_EQ(transport(tlm::TLM_WRITE_COMMAND, arch::address_of(tile, offset), words.data(),
                        static_cast<unsigned int>(words.size() * 4)),
              tlm::TLM_OK_RESPONSE);
  }
  uint32_t read(Coord tile, uint32_t offset) {
    uint32_t word = 0;
    EXPECT_EQ(transport(tlm::TLM_READ_COMMAND, arch::address_of(tile, offset), &word, 4),
              tlm::TLM_OK_RESPONSE);
    return word;
  }

 private:
  void run() { program_(*this); }
  std::function<void(Processor&)> program_;
};

/// Runs a program on a platform of a processor, DDR and the NPU, in a SystemC context of its own.
class Platform : public ::testing::TestWithParam<Fidelity> {
 protected:
  void run(std::function<void(Processor&)> program) {
    Options options;
    options.fidelity = GetParam();
    npu = std::make_unique<NpuModule>("npu", Bench::npu1(), quick_controller(), options);
    ddr = std::make_unique<DdrModule>("ddr");
    processor = std::make_unique<Processor>("processor", std::move(program));
    processor->socket.bind(npu->host);
    npu->ddr.bind(ddr->socket);
    npu->context().hub.attach(record);
    sc_core::sc_start();
  }
  void SetUp() override {
    saved_ = sc_core::sc_curr_simcontext;
    saved_default_ = sc_core::sc_default_global_context;
    sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = &context_;
  }
  void TearDown() override {
    processor.reset();
    ddr.reset();
    npu.reset();
    sc_core::sc_curr_simcontext = saved_;
    sc_core::sc_default_global_context = saved_default_;
  }

  std::unique_ptr<NpuModule> npu;
  std::unique_ptr<DdrModule> ddr;
  std::unique_ptr<Processor> processor;
  Record record;

 private:
  sc_core::sc_simcontext context_;
  sc_core::sc_simcontext* saved_ = nullptr;
  sc_core::sc_simcontext* saved_default_ = nullptr;
};
INSTANTIATE_TEST_SUITE_P(Streams, Platform, kBothFidelities, fidelity_name);

uint32_t circuit_master(Coord tile, Port slave) {
  return 1u << 31 | static_cast<uint32_t>(*arch::slave_index(tile.kind(), slave));
}
void connect(Processor& p, Coord tile, Port slave, Port master) {
  p.write(tile, arch::switch_slave_offset(tile.kind(), *arch::slave_index(tile.kind(), slave)),
          {1u << 31});
  p.write(tile, arch::switch_master_offset(tile.kind(), *arch::master_index(tile.kind(), master)),
          {circuit_master(tile, slave)});
}
void bd(Processor& p, Coord tile, int id, Fields fields) {
  p.write(tile, arch::bd_offset(tile.kind(), id), Bench::bd_words(tile.kind(), fields));
}

/// shim -> memtile switch -> core -> memtile switch -> shim; the core doubles 16 words.
void configure(Processor& p) {
  const Coord memtile{1, 1};
  connect(p, kShim, {Bundle::South, 3}, {Bundle::North, 0});
  connect(p, memtile, {Bundle::South, 0}, {Bundle::North, 0});
  connect(p, kCore, {Bundle::South, 0}, kDma0);
  connect(p, kCore, kDma0, {Bundle::South, 0});
  connect(p, memtile, {Bundle::North, 0}, {Bundle::South, 0});
  connect(p, kShim, {Bundle::North, 0}, {Bundle::South, 2});
  p.write(kShim, arch::kShimMux, {1u << 10});
  p.write(kShim, arch::kShimDemux, {1u << 4});
  bd(p, kCore, 0, {{Length, 16}, {ReleaseId, 0}, {ReleaseValue, 1}});
  bd(p, kCore, 1, {{Length, 16}, {AcquireEnable, 1}, {AcquireId, 1}, {AcquireValue, -1}});
  p.write(kCore, Bench::offset(kCore, RegisterId::ProgramMemory),
          arch::encode(arch::parse_program(R"(
            acquire 48, -1
            const r1, 458752
            const r2, 16
          word:
            load r3, r1, 0
            add r3, r3, r3
            store r3, r1, 0
            add_imm r1, r1, 4
            loop r2, word
            release 49, 1
            done)")));
  p.write(kCore, Bench::offset(kCore, RegisterId::CoreControl), {1});
  p.write(kCore, Bench::queue_offset(kCore, kS2mm, 0), {Bench::task(0)});
  p.write(kCore, Bench::queue_offset(kCore, kMm2s, 0), {Bench::task(1)});
}

/// Starts a shim task on the word of DDR with that index.
void start_shim(Processor& p, Direction direction, int id, uint32_t word) {
  Words words = Bench::bd_words(TileKind::Shim, {{Length, 16}});
  arch::put_shim_bd_address(words, arch::kDdrOffset + kDdrBase + 4 * word);
  p.write(kShim, arch::bd_offset(TileKind::Shim, id), words);
  p.write(kShim, Bench::queue_offset(kShim, direction, 0), {Bench::task(id)});
}

TEST_P(Platform, ProcessorRunsADesignByRegisterWritesAndPolls) {
  int polls = 0;
  run([&](Processor& p) {
    ddr->words[0] = 0;
    for (uint32_t i = 0; i < 16; ++i)
      ddr->words[i] = i + 1;
    configure(p);
    start_shim(p, kS2mm, 1, 512);
    start_shim(p, kMm2s, 0, 0);
    const uint32_t status = Bench::offset(kShim, RegisterId::S2mmStatus);
    while (p.read(kShim, status) & arch::status::kRunning.mask()) {
      wait(100, sc_core::SC_NS);
      ASSERT_LT(++polls, 1000);
    }
  });
  EXPECT_GT(polls, 2);
  for (uint32_t i = 0; i < 16; ++i)
    EXPECT_EQ(ddr->words[512 + i], 2 * (i + 1)) << i;
}

TEST_P(Platform, ArrayKeepsTheTimeOfThePlatform) {
  Cycle before = 0;
  Cycle after = 0;
  run([&](Processor& p) {
    const uint32_t timer = Bench::offset(kCore, RegisterId::TimerLow);
    before = p.read(kCore, timer);
    wait(1234, sc_core::SC_NS);
    after = p.read(kCore, timer);
  });
  EXPECT_EQ(before, 0u);
  EXPECT_EQ(after, 1234u);
}

TEST_P(Platform, EventHappensAtItsCycleOfPlatformTime) {
  run([&](Processor& p) {
    p.write(kCore, Bench::offset(kCore, RegisterId::ProgramMemory),
            arch::encode(arch::parse_program("const r1, 500\n l:\n loop r1, l\n done\n")));
    wait(1000, sc_core::SC_NS);
    p.write(kCore, Bench::offset(kCore, RegisterId::CoreControl), {1});
    const uint32_t status = Bench::offset(kCore, RegisterId::CoreStatus);
    wait(450, sc_core::SC_NS);
    EXPECT_EQ(p.read(kCore, status) >> 20 & 1, 0u);
    wait(100, sc_core::SC_NS);
    EXPECT_EQ(p.read(kCore, status) >> 20 & 1, 1u);
  });
}

TEST_P(Platform, PlatformStopsByItselfWhenNothingHappens) {
  run([](Processor& p) { p.write(kCore, 0, {1}); });
  EXPECT_EQ(sc_core::sc_pending_activity(), false);
}

TEST_P(Platform, AccessThatIsNotOfWholeWordsIsABurstError) {
  run([](Processor& p) {
    uint32_t word = 0;
    EXPECT_EQ(p.transport(tlm::TLM_READ_COMMAND, 2, &word, 4), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(p.transport(tlm::TLM_WRITE_COMMAND, 4, &word, 2), tlm::TLM_BURST_ERROR_RESPONSE);
  });
}

TEST_P(Platform, AccessBeyondTheAddressSpaceIsAnAddressError) {
  run([](Processor& p) {
    uint32_t word = 0;
    EXPECT_EQ(p.transport(tlm::TLM_READ_COMMAND, uint64_t{1} << 32, &word, 4),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
}

TEST_P(Platform, WriteOutsideThePartitionIsReported) {
  run([](Processor& p) { p.write({9, 2}, 0, {1}); });
  EXPECT_THAT(record.faults(), ElementsAre(FaultKind::OutsidePartition));
}

TEST_P(Platform, DebugAccessReadsWithoutTime) {
  run([](Processor& p) {
    p.write(kCore, 0x100, {77});
    uint32_t word = 0;
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(arch::address_of(kCore, 0x100));
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    EXPECT_EQ(p.socket->transport_dbg(payload), 4u);
    EXPECT_EQ(word, 77u);
  });
}

TEST_P(Platform, DebugAccessDoesNotTakeALock) {
  run([](Processor& p) {
    p.write(kCore, arch::register_offset(arch::TileKind::Core, arch::RegisterId::LockValue, 2),
            {1});
    uint32_t word = 0;
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    // Acquire greater-equal 1 of lock 2 (hardware reference C.6).
    payload.set_address(arch::address_of(kCore, 0x40BFC));
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    EXPECT_EQ(p.socket->transport_dbg(payload), 0u);
  });
}

TEST_P(Platform, TilesHaveTheirPlacesInTheHierarchy) {
  run([](Processor&) {});
  for (const char* name : {"npu", "npu.col0.row0", "npu.col1.row2", "npu.col3.row5"})
    EXPECT_NE(sc_core::sc_find_object(name), nullptr) << name;
  EXPECT_EQ(sc_core::sc_find_object("npu.col4.row0"), nullptr);
}

TEST_P(Platform, TileModuleIsOfItsKind) {
  run([](Processor&) {});
  const auto* tile = dynamic_cast<TileModule*>(sc_core::sc_find_object("npu.col1.row2"));
  ASSERT_NE(tile, nullptr);
  EXPECT_EQ(tile->tile().coord, kCore);
}

}  // namespace
}  // namespace npu::sim
