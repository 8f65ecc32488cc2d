// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/compiled.h"
#include "cli/design_source.h"
#include "cli/file_workload.h"
#include "cli/host_memory.h"
#include "cli/kernels.h"
#include "cli/matmul_workload.h"
#include "cli/mlir_workload.h"
#include "cli/operands.h"
#include "compiler/design/mlir_printer.h"
#include "hw-model/observe/text_log.h"
#include "tests/arch/error_text.h"
#include "xclbin/cdo.h"
#include "xclbin/design_files.h"
#include "xclbin/file.h"

namespace npu::cli {
namespace {

using testing::HasSubstr;
using xclbin::Bytes;

Bytes bytes_of(const std::vector<std::byte>& data) {
  const auto* begin = reinterpret_cast<const uint8_t*>(data.data());
  return Bytes(begin, begin + data.size());
}

/// Everything that a run leaves.
struct Trace {
  sim::End end = sim::End::Hang;
  arch::Cycle cycles = 0;
  std::string events;
  Bytes result;
};

Trace run(Workload& work) {
  Trace trace;
  std::ostringstream text;
  {
    observe::TextLog log(text);
    sim::Simulation simulation(work.settings.partition(), work.settings.device.timing,
                               sim_options(work.settings, work.lowered.configuration));
    simulation.hub().attach(log);
    simulation.configure(work.lowered.configuration);
    const auto arguments = work.arguments();
    const sim::RunResult result =
        launch(simulation, work.settings, work.lowered, arguments, [&work] { work.prepare(); });
    trace.end = result.end;
    trace.cycles = result.cycles;
    const sim::HostBuffer& last = arguments.back();
    const auto* begin = reinterpret_cast<const uint8_t*>(last.data);
    trace.result = Bytes(begin, begin + last.bytes);
  }
  trace.events = text.str();
  return trace;
}

/// A small matmul as a problem and as files in a folder of its own.
class XclbinRun : public testing::Test {
 protected:
  XclbinRun() {
    folder_ = testing::TempDir() + fmt::format("airlock-run-{}", getpid());
    std::filesystem::create_directories(folder_);
    const std::string problem =
        "problem: {m: 128, k: 32, n: 128}\ncompiler: {strategy: pad-pack-2024-04-24}\n";
    write_file(path("mm.yaml"), problem);
    write_kernels({compile_kernel({"mm", path("mm.yaml")}, {})},
                  {.container = path("mm.xclbin"), .instructions = path("mm.bin")});
    settings_ = load({path("mm.yaml"), {}});
    const Operands operands(settings_, lower_design(settings_).design.arguments);
    xclbin::write_file(path("a.bin"), bytes_of(operands.a));
    xclbin::write_file(path("b.bin"), bytes_of(operands.b));
  }
  ~XclbinRun() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }
  FileOptions files() const {
    return {.kernel = "mm",
            .insts = path("mm.bin"),
            .inputs = {"0=" + path("a.bin"), "1=" + path("b.bin")},
            .outputs = {"2=" + path("c.bin")}};
  }
  std::unique_ptr<Workload> loaded(const FileOptions& options) {
    return load_files(path("mm.xclbin"), options, {}, warnings_);
  }
  std::string refused(const FileOptions& options) {
    return error_text([&] { loaded(options); });
  }

  std::filesystem::path folder_;
  Settings settings_;
  std::vector<std::string> warnings_;
};

TEST_F(XclbinRun, FilesRunAsTheProblemTheyWereCompiledFrom) {
  const Trace compiled = run(*compile_matmul(settings_));
  const Trace from_files = run(*loaded(files()));
  ASSERT_EQ(compiled.end, sim::End::Finished);
  EXPECT_EQ(from_files.cycles, compiled.cycles);
  EXPECT_TRUE(from_files.result == compiled.result);
  EXPECT_TRUE(from_files.events == compiled.events);
}

TEST_F(XclbinRun, AConfigurationIsInTheOrderInWhichLoadersTakeIt) {
  const arch::Commands configuration = compile_matmul(settings_)->lowered.configuration;
  const xclbin::Phases phases = xclbin::split_phases(configuration);
  arch::Commands ordered = phases.elfs;
  ordered.insert(ordered.end(), phases.init.begin(), phases.init.end());
  ordered.insert(ordered.end(), phases.enable.begin(), phases.enable.end());
  EXPECT_TRUE(ordered == configuration);
}

TEST_F(XclbinRun, AResultIsComparedWithTheExpectedFile) {
  const std::unique_ptr<Workload> compiled = compile_matmul(settings_);
  Bytes expected = run(*compiled).result;
  expected[5] ^= 1;
  xclbin::write_file(path("ref.bin"), expected);
  FileOptions options = files();
  options.expected = {"2=" + path("ref.bin")};
  const std::unique_ptr<Workload> work = loaded(options);
  run(*work);
  const auto comparison = work->check();
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->mismatches, 1u);
  EXPECT_EQ(comparison->place, "C[1]");
}

TEST_F(XclbinRun, OutputsAreWrittenToTheirFiles) {
  const std::unique_ptr<Workload> work = loaded(files());
  const Trace trace = run(*work);
  work->leave();
  EXPECT_TRUE(xclbin::read_file(path("c.bin")) == trace.result);
}

TEST_F(XclbinRun, AKernelThatIsNotThereIsRefusedWithThoseThatAre) {
  FileOptions options = files();
  options.kernel = "conv";
  EXPECT_THAT(refused(options), HasSubstr("there is no kernel `conv`"));
}

TEST_F(XclbinRun, InstructionsForMoreColumnsAreRefused) {
  const arch::Partition narrow = arch::partition_of(arch::kNpu1, 4);
  const arch::Commands far{arch::Write{arch::address_of({4, 0}, 0x1D000), 1}};
  xclbin::write_file(path("far.bin"), xclbin::instruction_file(far, narrow));
  FileOptions options = files();
  options.insts = path("far.bin");
  EXPECT_THAT(refused(options),
              HasSubstr("is for column 4, the partition of kernel `mm` has columns 0 to 3"));
}

TEST_F(XclbinRun, InstructionsOfAnotherDeviceAreRefused) {
  EXPECT_EQ(
      error_text([&] {
        load_files(path("mm.xclbin"), files(), {{"device", "npu4", "--device npu4"}}, warnings_);
      }),
      "the instructions are for npu1, not for npu4");
}

TEST_F(XclbinRun, AnArgumentWithoutContentsIsZeroAndAsLargeAsItsNameSays) {
  FileOptions options = files();
  options.inputs.pop_back();
  const std::unique_ptr<Workload> work = loaded(options);
  const sim::HostBuffer b = work->arguments().at(1);
  ASSERT_EQ(b.bytes, 8192u);
  EXPECT_EQ(*static_cast<const uint8_t*>(static_cast<const void*>(b.data)), 0);
  EXPECT_TRUE(work->remarks({}).empty());
}

TEST_F(XclbinRun, AFileOfTheWrongSizeIsRefused) {
  xclbin::write_file(path("b.bin"), Bytes(100));
  EXPECT_THAT(refused(files()), HasSubstr("argument 1 (B) has 8192 bytes, the file 100"));
}

TEST_F(XclbinRun, ASixthArgumentIsWarnedOf) {
  const arch::Partition partition = arch::partition_of(arch::kNpu1, 4);
  arch::Commands sequence = loaded(files())->lowered.sequence;
  sequence.push_back(arch::AddressPatch{arch::address_of({0, 0}, 0x1D004), 5, 0});
  xclbin::write_file(path("six.bin"), xclbin::instruction_file(sequence, partition));
  FileOptions options = files();
  options.insts = path("six.bin");
  options.sizes = {"5=64"};
  options.outputs.push_back("5=" + path("f.bin"));
  loaded(options);
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_THAT(warnings_.front(),
              HasSubstr("firmware translates the addresses of arguments 0 to 4"));
}

/// A stream with a sixth argument whose address the stream does, or does not, move to DDR itself.
class SixthArgument : public XclbinRun {
 protected:
  void write_stream(xclbin::Aperture aperture) {
    const arch::Partition partition = arch::partition_of(arch::kNpu1, 4);
    arch::Commands sequence = loaded(files())->lowered.sequence;
    sequence.push_back(arch::AddressPatch{arch::address_of({0, 0}, 0x1D004), 5, 0});
    const xclbin::TxnHeader header =
        xclbin::txn_header(partition.device->generation, partition.columns);
    xclbin::write_file(path("six.bin"), write_txn(to_txn(sequence, header, aperture)));
  }
  std::unique_ptr<Workload> load(std::vector<Override> overrides) {
    FileOptions options = files();
    options.insts = path("six.bin");
    options.sizes = {"5=64"};
    options.outputs.push_back("5=" + path("f.bin"));
    return load_files(path("mm.xclbin"), options, overrides, warnings_);
  }
  const Override patched_{"device.driver.translated_buffers", "16", "--set"};
};

TEST_F(SixthArgument, ThatNobodyTranslatesIsRefusedWithTheRule) {
  write_stream(xclbin::Aperture::Runtime);
  EXPECT_EQ(error_text([&] { load({}); }),
            "nobody translates the address of argument 5: firmware does for arguments 0 to 4, and "
            "the stream does not add 0x80000000 to it; on the device its transfers go astray; "
            "`driver.translated_buffers` is that of a patched firmware");
}

TEST_F(SixthArgument, IsTranslatedByAPatchedFirmware) {
  write_stream(xclbin::Aperture::Runtime);
  EXPECT_NO_THROW(load({patched_}));
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(SixthArgument, IsRefusedByADriverThatTakesFive) {
  write_stream(xclbin::Aperture::Firmware);
  EXPECT_EQ(error_text([&] {
              load({{"device.driver.buffers", "5", "--set"}});
            }),
            "the instructions use argument 5; a kernel has arguments 0 to 4");
}

TEST_F(XclbinRun, AMatrixThatTheHostCannotLockIsRefusedWithItsSizeAndTheLimit) {
  const std::unique_ptr<Workload> work = loaded(files());
  work->settings.device.timing.driver.lockable_bytes.value = 12'000;
  EXPECT_EQ(error_text([&] { HostMemory().lock(*work); }),
            "buffer 1 (B): mmap of 8192 bytes fails with EAGAIN: the host can lock 12000 bytes, "
            "and 8192 are locked; ulimit -l of the host, `driver.lockable_bytes` of the device");
}

TEST_F(XclbinRun, ACheckSeesTheSameDesignInTheFilesAsInTheProblem) {
  const DesignFacts compiled = load_design(path("mm.yaml"));
  const DesignFacts from_files =
      load_design({path("mm.xclbin"), {}}, {.kernel = "mm", .insts = path("mm.bin")});
  EXPECT_TRUE(from_files.configuration == compiled.configuration);
  EXPECT_TRUE(from_files.sequence == compiled.sequence);
  EXPECT_EQ(from_files.names.locks.size(), compiled.names.locks.size());
}

TEST_F(XclbinRun, AStreamLoadsTheImagesOfItsContainerByTheirNumber) {
  const arch::Partition partition = arch::partition_of(arch::kNpu1, 4);
  arch::Commands sequence{arch::Load{1}};
  const arch::Commands rest = loaded(files())->lowered.sequence;
  sequence.insert(sequence.end(), rest.begin(), rest.end());
  xclbin::write_file(path("load.bin"), xclbin::instruction_file(sequence, partition));
  FileOptions options = files();
  options.insts = path("load.bin");
  const std::unique_ptr<Workload> work = loaded(options);
  ASSERT_EQ(work->lowered.loads.size(), 1u);
  EXPECT_TRUE(work->lowered.loads.at(1) == work->lowered.configuration);
  EXPECT_EQ(work->lowered.load_names.at(1).locks.size(), work->lowered.names.locks.size());
  sim::Simulation simulation(work->settings.partition(), work->settings.device.timing, {});
  simulation.add_configuration(1, work->lowered.loads.at(1));
  const sim::RunResult result = simulation.run(work->lowered.sequence, work->arguments());
  EXPECT_EQ(result.end, sim::End::Finished);
  EXPECT_GT(result.cycles, work->settings.device.timing.controller.load.cycles());
}

/// A container in which one core has words that are no program of ours.
class ForeignCore : public XclbinRun {
 protected:
  ForeignCore() {
    const std::unique_ptr<Workload> work = compile_matmul(settings_);
    arch::Commands configuration = work->lowered.configuration;
    std::get<arch::BlockWrite>(configuration.front()).words = {0x12345678, 0x9ABCDEF0};
    tile_ = arch::tile_of(std::get<arch::BlockWrite>(configuration.front()).address);
    const auto image =
        xclbin::kernel_image("mm", configuration, work->lowered.names, settings_.partition());
    xclbin::write_file(path("mm.xclbin"),
                       write_container(xclbin::make_container(std::vector{image}, arch::kNpu1)));
  }
  arch::Coord tile_;
};

TEST_F(ForeignCore, IsNamedAsTheFirstThatWouldExecuteUnknownCode) {
  const std::unique_ptr<Workload> work = loaded(files());
  observe::Counters counters;
  sim::Simulation simulation(work->settings.partition(), work->settings.device.timing,
                             sim_options(work->settings, work->lowered.configuration));
  simulation.hub().attach(counters);
  simulation.configure(work->lowered.configuration);
  EXPECT_EQ(simulation.run(work->lowered.sequence, work->arguments()).end, sim::End::Hang);
  ASSERT_EQ(work->remarks(counters).size(), 1u);
  EXPECT_THAT(work->remarks(counters).front(),
              HasSubstr(arch::to_string(tile_) + " is the first that would execute unknown code: "
                                                 "0x12345678"));
}

TEST_F(ForeignCore, RunsWithItsProgramFromAFile) {
  const std::unique_ptr<Workload> compiled = compile_matmul(settings_);
  const auto& front = std::get<arch::BlockWrite>(compiled->lowered.configuration.front());
  write_file(path("core.txt"), arch::print(*arch::decode(front.words)));
  FileOptions options = files();
  options.cores = {fmt::format("{},{}={}", tile_.col, tile_.row, path("core.txt"))};
  EXPECT_TRUE(run(*loaded(options)).events == run(*compiled).events);
}

TEST_F(ForeignCore, RunsWithAKernelOnWhatItsChannelsFill) {
  const std::unique_ptr<Workload> compiled = compile_matmul(settings_);
  const auto& front = std::get<arch::BlockWrite>(compiled->lowered.configuration.front());
  arch::KernelSpec kernel = arch::decode(front.words)->kernels.back();
  ASSERT_EQ(kernel.k, settings_.problem.k);  // so that one call gives a block of C
  kernel.overwrite = true;
  FileOptions options = files();
  options.cores = {fmt::format("{},{}={}", tile_.col, tile_.row, arch::to_string(kernel))};
  EXPECT_TRUE(run(*loaded(options)).result == run(*compiled).result);
}

TEST_F(ForeignCore, RunsWithTheBodiesOfAllCoresFromMlir) {
  const std::unique_ptr<Workload> compiled = compile_matmul(settings_);
  write_file(path("cores.mlir"), compiler::print_mlir(compiled->lowered.design));
  const std::unique_ptr<Workload> work = loaded(files());
  take_programs(*work, path("cores.mlir"), {});
  const Trace with_bodies = run(*work);
  const Trace own = run(*compiled);
  EXPECT_EQ(with_bodies.cycles, own.cycles);
  EXPECT_TRUE(with_bodies.result == own.result);
  EXPECT_TRUE(with_bodies.events == own.events);
}

TEST_F(XclbinRun, BodiesFromMlirStandInForProgramsThatTheModelKnows) {
  compiler::Design design = compile_matmul(settings_)->lowered.design;
  for (compiler::Core& core : design.cores)
    core = {.tile = core.tile, .program = arch::parse_program("done")};
  write_file(path("cores.mlir"), compiler::print_mlir(design));
  const std::unique_ptr<Workload> work = loaded(files());
  take_programs(*work, path("cores.mlir"), {});
  EXPECT_EQ(run(*work).end, sim::End::Hang);
}

TEST_F(XclbinRun, OnlyCoresHaveProgramsToReplace) {
  FileOptions options = files();
  options.cores = {"0,1=zero f32 64"};
  EXPECT_THAT(refused(options), HasSubstr("--core 0,1=zero f32 64: there is no core"));
}

TEST_F(XclbinRun, AStandInKernelNeedsAChannelForEachArgument) {
  FileOptions options = files();
  options.cores = {"0,2=zero f32 64"};
  EXPECT_THAT(refused(options), HasSubstr("the kernel has 1 arguments, core(0,2) has 3 channels"));
}

}  // namespace
}  // namespace npu::cli
