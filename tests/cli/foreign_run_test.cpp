// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/compiled.h"
#include "cli/diff_contents.h"
#include "cli/file_workload.h"
#include "cli/operands.h"
#include "compiler/design/mlir_printer.h"
#include "hw-model/arch/program.h"
#include "tests/arch/error_text.h"
#include "xclbin/design_files.h"
#include "xclbin/file.h"

namespace npu::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using xclbin::Bytes;

// Adds one to 2 lines of 16 elements.
constexpr std::string_view kDesign = R"(module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %tile = aie.tile(0, 2)
    %table = aie.buffer(%tile) {sym_name = "table"} : memref<2x4xi32> = dense<[[1, 2, 3, 4], [5, 6, 7, 8]]>
    aie.objectfifo @from(%shim, {%tile}, 2 : i32) : !aie.objectfifo<memref<16xi16>>
    aie.objectfifo @to(%tile, {%shim}, 2 : i32) : !aie.objectfifo<memref<16xi16>>
    %core = aie.core(%tile) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      %one = arith.constant 1 : i16
      %always = arith.constant 1000000 : index
      scf.for %turn = %c0 to %always step %c1 {
        %a = aie.objectfifo.acquire @from(Consume, 1) : !aie.objectfifosubview<memref<16xi16>>
        %b = aie.objectfifo.acquire @to(Produce, 1) : !aie.objectfifosubview<memref<16xi16>>
        %in = aie.objectfifo.subview.access %a[0] : !aie.objectfifosubview<memref<16xi16>> -> memref<16xi16>
        %out = aie.objectfifo.subview.access %b[0] : !aie.objectfifosubview<memref<16xi16>> -> memref<16xi16>
        scf.for %i = %c0 to %c16 step %c1 {
          %x = memref.load %in[%i] : memref<16xi16>
          %y = arith.addi %x, %one : i16
          memref.store %y, %out[%i] : memref<16xi16>
        }
        aie.objectfifo.release @from(Consume, 1)
        aie.objectfifo.release @to(Produce, 1)
      }
      aie.end
    }
    aie.runtime_sequence(%left: memref<32xi16>, %right: memref<32xi16>) {
      aiex.npu.dma_memcpy_nd(%left[0, 0, 0, 0][1, 1, 1, 32][0, 0, 0, 1]) {id = 0 : i64, metadata = @from} : memref<32xi16>
      aiex.npu.dma_memcpy_nd(%right[0, 0, 0, 0][1, 1, 1, 32][0, 0, 0, 1]) {id = 1 : i64, metadata = @to} : memref<32xi16>
      aiex.npu.dma_wait {symbol = @to}
    }
  }
})";

/// The design as another toolchain leaves it: a container of machine code without names, a stream,
/// and MLIR with addresses.
class ForeignRun : public testing::Test {
 protected:
  ForeignRun() : folder_(testing::TempDir() + fmt::format("airlock-foreign-{}", getpid())) {
    std::filesystem::create_directories(folder_);
    write_file(path("design.mlir"), kDesign);
    own_ = load_mlir(path("design.mlir"), {}, {}, {});
    write_file(path("cores.mlir"), compiler::print_mlir(own_->lowered.design));
    write_container(own_->lowered.configuration);
    xclbin::write_file(path("i.bin"), xclbin::instruction_file(own_->lowered.sequence,
                                                               own_->settings.partition()));
  }
  ~ForeignRun() override { std::filesystem::remove_all(folder_); }

  void write_container(arch::Commands configuration) {
    for (arch::Command& command : configuration)
      if (auto* block = std::get_if<arch::BlockWrite>(&command);
          block && !block->words.empty() && block->words.front() == arch::kProgramMagic)
        block->words = {0x12345678, 0x9ABCDEF0};
    const auto image =
        xclbin::kernel_image("MLIR_AIE", configuration, {}, own_->settings.partition());
    xclbin::write_file(path("x.xclbin"), write_container_bytes(image));
  }
  static Bytes write_container_bytes(const xclbin::KernelImage& image) {
    return xclbin::write_container(xclbin::make_container(std::vector{image}, arch::kNpu1));
  }

  std::string path(const std::string& name) const { return folder_ / name; }
  FileOptions files() const { return {.insts = path("i.bin"), .programs = path("cores.mlir")}; }
  std::unique_ptr<Workload> loaded(const FileOptions& options) {
    std::vector<std::string> warnings;
    return load_files(path("x.xclbin"), options, {}, warnings);
  }
  std::string refused(const FileOptions& options) {
    return error_text([&] { loaded(options); });
  }
  static std::optional<Comparison> run(Workload& work) {
    sim::Simulation simulation(work.settings.partition(), work.settings.device.timing, {});
    simulation.configure(work.lowered.configuration);
    const auto arguments = work.arguments();
    const sim::RunResult result =
        launch(simulation, work.settings, work.lowered, arguments, [&work] { work.prepare(); });
    EXPECT_EQ(result.end, sim::End::Finished);
    return work.check();
  }

  std::filesystem::path folder_;
  std::unique_ptr<Workload> own_;
};

TEST_F(ForeignRun, TakesArgumentsAsTheSequenceOfItsMlirSays) {
  FileOptions options = files();
  options.inputs = {"0=iota*3"};
  options.expected = {"1=arg0+1"};
  const std::unique_ptr<Workload> work = loaded(options);
  const auto comparison = run(*work);
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->elements, 32u);
  EXPECT_EQ(comparison->mismatches, 0u);
  EXPECT_THAT(work->remarks({}), IsEmpty());
}

TEST_F(ForeignRun, NamesTheFirstElementThatDiffersAsTheMlirCallsIt) {
  FileOptions options = files();
  options.inputs = {"0=iota"};
  options.expected = {"1=iota+1+i/20"};
  const auto comparison = run(*loaded(options));
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->place, "right[20]");
  EXPECT_EQ(comparison->got, "21");
  EXPECT_EQ(comparison->expected, "22");
}

TEST_F(ForeignRun, OfABareImageIsThatOfItsContainer) {
  const xclbin::Container container = xclbin::read_container(xclbin::read_file(path("x.xclbin")));
  xclbin::write_file(path("main.pdi"), xclbin::read_contents(container).contained()[0].pdi->image);
  ASSERT_TRUE(is_container(path("main.pdi")));
  FileOptions options = files();
  options.inputs = {"0=iota"};
  options.expected = {"1=arg0+1"};
  std::vector<std::string> warnings;
  const auto work = load_files(path("main.pdi"), options, {}, warnings);
  const auto comparison = run(*work);
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->mismatches, 0u);
}

TEST_F(ForeignRun, IsSaidByAYamlBesideTheFiles) {
  write_file(path("x.yaml"),
             "problem: {kernel: design, file: x.xclbin, insts: i.bin, cores: cores.mlir, "
             "arg: {0: iota}, expect: {1: arg0+1}}\n");
  const auto comparison = run(*compile_workload(load({path("x.yaml"), {}})));
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->elements, 32u);
  EXPECT_EQ(comparison->mismatches, 0u);
}

/// Without MLIR; the core gets a stand-in.
class WithoutMlir : public ForeignRun {
 protected:
  FileOptions files() const {
    const auto& front = std::get<arch::BlockWrite>(own_->lowered.configuration.front());
    write_file(path("core.txt"), arch::print(*arch::decode(front.words)));
    return {.insts = path("i.bin"), .cores = {"0,2=" + path("core.txt")}};
  }
};

TEST_F(WithoutMlir, AnArgumentIsAsLargeAsTheInstructionsReachAndTheReportSaysSo) {
  const std::unique_ptr<Workload> work = loaded(files());
  run(*work);
  EXPECT_EQ(work->arguments().at(1).bytes, 64u);
  EXPECT_THAT(work->remarks({}),
              ElementsAre("argument 0 is taken to have 64 bytes, as far as the instructions reach; "
                          "--size 0=BYTES",
                          "argument 1 is taken to have 64 bytes, as far as the instructions reach; "
                          "--size 1=BYTES"));
}

TEST_F(WithoutMlir, ATypeThatIsSaidIsThatOfExpressions) {
  FileOptions options = files();
  options.sizes = {"0=32xi16", "1=32xi16"};
  options.inputs = {"0=iota"};
  options.expected = {"1=arg0+1"};
  const std::unique_ptr<Workload> work = loaded(options);
  const auto comparison = run(*work);
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->mismatches, 0u);
  EXPECT_THAT(work->remarks({}), IsEmpty());
}

TEST_F(WithoutMlir, ATypeThatNobodySaysIsI32AndTheReportSaysSo) {
  FileOptions options = files();
  options.sizes = {"0=64", "1=64"};
  options.inputs = {"0=iota"};
  const std::unique_ptr<Workload> work = loaded(options);
  EXPECT_THAT(work->remarks({}),
              ElementsAre("the elements of argument 0 are taken to be i32; --size 0=TYPE"));
}

TEST_F(WithoutMlir, AFileIsComparedByteByByte) {
  xclbin::write_file(path("ref.bin"), Bytes(64));
  FileOptions options = files();
  options.expected = {"1=" + path("ref.bin")};
  const auto comparison = run(*loaded(options));
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->unit, "bytes");
  EXPECT_EQ(comparison->mismatches, 32u);
  EXPECT_EQ(comparison->place, "byte 0 of argument 1");
}

TEST_F(WithoutMlir, AFileThatIsTooShortForTheInstructionsIsRefused) {
  xclbin::write_file(path("a.bin"), Bytes(62));
  FileOptions options = files();
  options.inputs = {"0=" + path("a.bin")};
  EXPECT_THAT(refused(options),
              HasSubstr("the instructions reach 64 bytes of argument 0, the file has 62"));
}

TEST_F(WithoutMlir, ALargerFileSaysTheSize) {
  xclbin::write_file(path("a.bin"), Bytes(100));
  FileOptions options = files();
  options.inputs = {"0=" + path("a.bin")};
  EXPECT_EQ(loaded(options)->arguments().at(0).bytes, 100u);
}

TEST_F(WithoutMlir, AnArgumentThatTheKernelDoesNotHaveIsRefused) {
  FileOptions options = files();
  options.inputs = {"5=iota"};
  EXPECT_EQ(refused(options), "--arg 5=iota: kernel `MLIR_AIE` has 5 arguments");
}

TEST_F(WithoutMlir, AnArgumentThatNothingMovesHasNoSize) {
  FileOptions options = files();
  options.inputs = {"4=iota"};
  EXPECT_THAT(refused(options), HasSubstr("the size of argument 4 is not known"));
}

/// What a diff finds of the contents of memory.
class Contents : public ForeignRun {
 protected:
  DesignFacts facts(const arch::Commands& configuration) const {
    DesignFacts facts = facts_of(*own_);
    facts.configuration = configuration;
    return facts;
  }
  static void change(arch::Commands& configuration, const std::vector<uint32_t>& table) {
    for (arch::Command& command : configuration)
      if (auto* block = std::get_if<arch::BlockWrite>(&command);
          block && block->words == std::vector<uint32_t>{1, 2, 3, 4, 5, 6, 7, 8})
        block->words = table;
  }
  static constexpr arch::Coord kTile{0, 2};
};

TEST_F(Contents, OfTheSameConfigurationAreEqual) {
  const DesignFacts one = facts(own_->lowered.configuration);
  EXPECT_THAT(content_differences(one, one, {}), IsEmpty());
}

TEST_F(Contents, ThatDifferAreNamedWithBufferAndElement) {
  arch::Commands changed = own_->lowered.configuration;
  change(changed, {1, 2, 3, 4, 5, 6, 70, 8});
  const auto found =
      content_differences(facts(own_->lowered.configuration), facts(changed), {kTile});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].thing, "core(0,2) `table`[1,2]");
  EXPECT_EQ(found[0].a, "7");
  EXPECT_EQ(found[0].b, "70");
}

TEST_F(Contents, TellHowManyElementsDiffer) {
  arch::Commands changed = own_->lowered.configuration;
  change(changed, {1, 0, 3, 4, 5, 6, 7, 0});
  const auto found = content_differences(facts(own_->lowered.configuration), facts(changed), {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].thing, "core(0,2) `table`[0,1]");
  EXPECT_EQ(found[0].a, "2, the first of 2 that differ");
}

TEST_F(Contents, ThatNoBufferNamesAreComparedWhereTheCodeIsKnown) {
  arch::Commands changed = own_->lowered.configuration;
  changed.push_back(arch::Write{arch::address_of(kTile, 0xFF00), 9});
  const DesignFacts one = facts(own_->lowered.configuration);
  EXPECT_THAT(content_differences(one, facts(changed), {kTile}), IsEmpty());
  const auto found = content_differences(one, facts(changed), {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].thing, "core(0,2) memory at 0xff00");
}

}  // namespace
}  // namespace npu::cli
