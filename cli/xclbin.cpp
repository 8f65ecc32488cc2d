// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/container_files.h"
#include "cli/kernels.h"
#include "cli/recorder.h"
#include "xclbin/cdo.h"
#include "xclbin/design_files.h"
#include "xclbin/disasm.h"
#include "xclbin/info.h"
#include "xclbin/pdi.h"
#include "xclbin/routes.h"
#include "xclbin/verify.h"

namespace npu::cli {
namespace {

using xclbin::Bytes;
using xclbin::Container;
using xclbin::FileKind;
using xclbin::Json;
using xclbin::View;

struct Options {
  std::string file;
  std::string kernel;
  std::string tile;
  std::string output;
  std::vector<std::string> designs;
  std::vector<Override> shortcuts;
  int most_pdis = xclbin::Limits().pdis;
  bool json = false;
  bool unfolded = false;
};

Container read(const std::string& path) {
  return in_file(path, [](View bytes) { return xclbin::read_container(bytes); });
}

/// What is shown of a container: text or JSON.
template <std::string (*text)(const Container&), Json (*json)(const Container&)>
void show(const Options& options, int&) {
  const std::string shown = in_file(options.file, [&](View bytes) {
    const Container container = xclbin::read_container(bytes);
    return options.json ? xclbin::dump(json(container)) + "\n" : text(container);
  });
  write_stdout(shown);
}

/// Commands of a file, and what is known of where they go.
struct Listing {
  arch::Commands commands;
  arch::Names names;
  arch::Generation generation = arch::Generation::Aie2;
  bool configuration = true;
};

Listing listing_of(View bytes, const std::string& kernel) {
  switch (const FileKind kind = xclbin::identify(bytes)) {
    case FileKind::Container: {
      xclbin::LoadedKernel loaded = xclbin::load_kernel(xclbin::read_container(bytes), kernel);
      return {std::move(loaded.configuration), std::move(loaded.names)};
    }
    case FileKind::Pdi:
      return {xclbin::to_commands(xclbin::read_pdi(bytes).cdo).commands, {}};
    case FileKind::Cdo:
      return {xclbin::to_commands(xclbin::read_cdo(bytes)).commands, {}};
    case FileKind::Txn:
    case FileKind::TxnText: {
      xclbin::LoadedInstructions loaded = xclbin::load_instructions(bytes);
      return {std::move(loaded.commands), {}, loaded.generation, false};
    }
    default:
      throw Error("nothing to list in this: {}", xclbin::to_string(kind))
          .hint("an xclbin, a PDI, a CDO or an instruction stream");
  }
}

void disassemble(const Options& options, int&) {
  const Listing listing =
      in_file(options.file, [&](View bytes) { return listing_of(bytes, options.kernel); });
  xclbin::DisasmOptions shown{
      .generation = listing.generation, .fold = !options.unfolded, .names = &listing.names};
  if (!options.tile.empty())
    shown.only = parse_tile(options.tile);
  const auto lines = xclbin::disassemble(listing.commands, shown);
  std::vector<xclbin::Route> routes;
  if (listing.configuration && options.tile.empty())
    routes = xclbin::find_routes(
        listing.commands,
        {.device = &arch::kNpu4, .columns = arch::kNpu4.columns, .first_column = 0});
  if (options.json)
    return write_stdout(xclbin::dump(Json{{"commands", xclbin::to_json(lines)},
                                          {"routes", xclbin::to_json(routes)}}) +
                        "\n");
  std::string text = xclbin::to_text(lines);
  for (const xclbin::Route& route : routes)
    text += xclbin::to_string(route) + "\n";
  write_stdout(text);
}

void extract(const Options& options, int&) {
  const auto files = in_file(
      options.file, [](View bytes) { return xclbin::extract(xclbin::read_container(bytes)); });
  const std::filesystem::path folder(options.output);
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem)
    throw Error("-o {}: {}", options.output, problem.message());
  Json list = Json::array();
  std::string text;
  for (const xclbin::Extracted& file : files) {
    xclbin::write_file(folder / file.name, file.bytes);
    list.push_back({{"name", file.name}, {"bytes", file.bytes.size()}});
    text += fmt::format("{:>10} {}\n", file.bytes.size(), (folder / file.name).string());
  }
  write_stdout(options.json ? xclbin::dump(list) + "\n" : text);
}

void verify(const Options& options, int& status) {
  const auto findings = xclbin::verify(xclbin::read_file(options.file));
  std::string text;
  for (const std::string& finding : findings)
    text += finding + "\n";
  if (findings.empty())
    text = "nothing is wrong\n";
  else
    status = kWrong;
  write_stdout(options.json ? xclbin::dump(Json{{"findings", findings}}) + "\n" : text);
}

void merge(const Options& options, int&) {
  const Container base = read(options.file);
  const xclbin::Limits limits{.pdis = options.most_pdis};
  std::vector<CompiledKernel> kernels;
  for (const NamedFile& design : named_files(options.designs, NameOf::Stem))
    kernels.push_back(compile_kernel(design, options.shortcuts));
  const Container merged =
      in_words(options.file, [&] { return xclbin::merge(base, images_of(kernels), limits); });
  xclbin::write_file(options.output, xclbin::write_container(merged));
  Json list = Json::array();
  std::string text;
  for (const auto& kernel : xclbin::read_contents(merged).kernels) {
    list.push_back({{"kernel", kernel.name}, {"id", kernel.id}, {"file", options.output}});
    text += fmt::format("{}: kernel {} ({:#x})\n", options.output, kernel.name, kernel.id);
  }
  write_stdout(options.json ? xclbin::dump(list) + "\n" : text);
}

}  // namespace

void add_xclbin(CLI::App& app, int& status) {
  CLI::App* group = app.add_subcommand("xclbin", "show, take apart, check and merge containers");
  group->require_subcommand(1);
  group->footer("example: airlock xclbin disasm all.xclbin --kernel mm --tile 'core(0,2)'");
  const auto add = [&](const char* name, const char* sentence, auto action) {
    auto options = std::make_shared<Options>();
    CLI::App* command = group->add_subcommand(name, sentence);
    command->add_option("file", options->file, "the file to read")->required()->type_name("FILE");
    command->footer("");
    command->add_flag("--json", options->json, "JSON instead of text");
    command->callback([options, action, &status] { action(*options, status); });
    return std::pair(command, options);
  };
  const auto add_output = [](CLI::App* command, Options& options, const char* sentence,
                             const char* type) {
    command->add_option("-o", options.output, sentence)->required()->type_name(type);
  };
  add("info", "kernels, their ids, arguments and images",
      show<xclbin::info_text, xclbin::info_json>);
  add("sections", "sections with place and size",
      show<xclbin::sections_text, xclbin::sections_json>);
  const auto [listing, shown] =
      add("disasm", "commands by name, descriptors in one line, routes", disassemble);
  listing->add_option("--kernel", shown->kernel, "of a container with several")->type_name("NAME");
  listing->add_option("--tile", shown->tile, "only this tile, such as core(0,2)")
      ->type_name("TILE");
  listing->add_flag("--no-fold", shown->unfolded, "every write on its own line");
  listing->footer("FILE: an xclbin, a PDI, a CDO or an instruction stream");
  const auto [taking, taken] = add("extract", "sections, PDIs, CDOs and ELF files", extract);
  add_output(taking, *taken, "folder for the files", "DIR");
  add("verify", "what a loader would refuse", verify)
      .first->footer("exit status: 0 nothing is wrong, 3 something is");
  const auto [merging, merged] = add("merge", "add kernels to a container", merge);
  merging->add_option("designs", merged->designs, "sim or problem files, the kernels to add")
      ->type_name("[NAME=]FILE.yaml")
      ->required();
  add_output(merging, *merged, "the new container; may be the old one", "FILE.xclbin");
  add_device_option(*merging, merged->shortcuts);
  merging->add_option("--most-pdis", merged->most_pdis, "in one container, 16 if not said")
      ->type_name("N");
}

}  // namespace npu::cli
