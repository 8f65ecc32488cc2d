// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <memory>
#include <optional>
#include <thread>

#include "cli/candidates.h"
#include "cli/commands.h"
#include "cli/compiled.h"
#include "cli/kernels.h"
#include "cli/mlir_workload.h"
#include "cli/model_build.h"
#include "compiler/design/mlir_printer.h"
#include "compiler/lower/lower.h"

namespace npu::cli {
namespace {

/// How a model is built.
struct ModelChoices {
  int jobs = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::string cache;
  std::optional<uint64_t> cache_limit;
  bool no_cache = false;
  bool no_dedup = false;
  bool json = false;

  /// Whether there is one that only a model can have.
  bool given() const { return !cache.empty() || cache_limit || no_cache || no_dedup || json; }
};

struct Options {
  SourceOptions source;
  MlirOptions mlir;
  ModelChoices model;
  std::string print_after;
  std::string stop_after;
  std::string emit = "mlir";
  std::vector<std::string> more;
  ContainerFiles files;
  bool list_passes = false;
  bool explain = false;
};

std::string pass_list() {
  std::string text;
  for (const auto& pass : compiler::matmul::passes())
    text += fmt::format("{:<20} {}\n", pass.name, pass.sentence);
  for (const compiler::Pass& pass : compiler::lowering_passes())
    text += fmt::format("{:<20} {}\n", pass.name, pass.sentence);
  return text;
}

/// Throws Error when no pass has that name.
void check_pass(const std::string& option, const std::string& name) {
  bool known = name.empty() || (option == "--print-after" && name == "all");
  std::vector<std::string_view> names;
  for (const auto& pass : compiler::matmul::passes())
    names.push_back(pass.name);
  for (const compiler::Pass& pass : compiler::lowering_passes())
    names.push_back(pass.name);
  for (std::string_view pass : names)
    known |= pass == name;
  if (known)
    return;
  const std::string_view near = config::nearest(name, names);
  throw Error("{}: unknown pass `{}`", option, name)
      .hint("{}--list-passes prints them",
            near.empty() ? "" : fmt::format("did you mean `{}`? ", near));
}

bool is_matmul_pass(std::string_view name) {
  for (const auto& pass : compiler::matmul::passes())
    if (pass.name == name)
      return true;
  return false;
}

std::string commands_text(const compiler::Lowered& lowered) {
  std::string text = "# configuration\n";
  for (const arch::Command& command : lowered.configuration)
    text += arch::to_string(command) + "\n";
  text += "# host sequence\n";
  for (const arch::Command& command : lowered.sequence)
    text += arch::to_string(command) + "\n";
  return text;
}

/// One container, or several, with a kernel of each file.
void compile_container(const Options& options) {
  std::vector<std::string> texts{options.source.file};
  texts.insert(texts.end(), options.more.begin(), options.more.end());
  const std::vector<NamedFile> named =
      named_files(texts, texts.size() == 1 ? NameOf::Compiler : NameOf::Stem);
  std::vector<CompiledKernel> kernels;
  for (const NamedFile& file : named)
    kernels.push_back(compile_kernel(file, options.source.source().overrides, options.mlir));
  write_stdout(write_kernels(kernels, options.files));
}

void compile_model(const Options& options, const Model& model) {
  const ModelChoices& choices = options.model;
  if (!options.more.empty() || !options.files.instructions.empty() ||
      !options.print_after.empty() || !options.stop_after.empty() || options.explain)
    throw Error("{}: is a model, which is built as a whole", options.source.file)
        .hint("airlock compile {} -o DIR", options.source.file);
  const std::filesystem::path directory =
      choices.cache.empty() ? default_cache() : std::filesystem::path(choices.cache);
  BuildCache cache(choices.no_cache ? std::filesystem::path() : directory);
  const ModelReport report = build_model(model, {.jobs = choices.jobs,
                                                 .dedup = !choices.no_dedup,
                                                 .directory = options.files.container,
                                                 .cache = &cache});
  if (!cache.trouble().empty())
    std::fputs(fmt::format("warning: {}\n", cache.trouble()).c_str(), stderr);
  if (report.damaged > 0)
    std::fputs(fmt::format("warning: the cache had damaged files, made anew: {}\n", report.damaged)
                   .c_str(),
               stderr);
  if (choices.cache_limit)
    cache.prune(*choices.cache_limit);
  write_stdout(choices.json ? report_json(model, report) : report_text(model, report));
}

void add_model_options(CLI::App& command, ModelChoices& choices) {
  command.add_option("-j,--jobs", choices.jobs, "threads for a model; default: one a CPU")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  command
      .add_option("--cache", choices.cache,
                  "where a model's designs are kept; default: ~/.cache/airlock")
      ->type_name("DIR");
  command
      .add_option("--cache-limit", choices.cache_limit,
                  "bytes to keep there, as 500MB: what was used last stays")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(false).description(""));
  command.add_flag("--no-cache", choices.no_cache, "keep nothing, take nothing");
  command.add_flag("--no-dedup", choices.no_dedup,
                   "every matmul of a model by itself, for comparison");
  command.add_flag("--json", choices.json, "the report of a model as JSON");
}

void compile(const Options& options) {
  const Source source = options.source.source();
  const bool design_given = is_mlir(source.file);
  if (design_given && options.explain)
    throw Error("{}: is a design: nothing is chosen that --explain could tell", source.file)
        .hint("--explain is for a problem");
  if (options.explain)
    return write_stdout(candidates_text(load(source)));
  const auto wanted = [&](std::string_view pass) {
    return options.print_after == "all" || options.print_after == pass;
  };
  compiler::matmul::PassHooks front;
  front.after = [&](const compiler::matmul::Pass& pass,
                    const compiler::matmul::Schedule& schedule) {
    if (wanted(pass.name))
      write_stdout(fmt::format("// after {}\n{}", pass.name, compiler::matmul::print(schedule)));
  };
  compiler::Hooks back;
  back.after = [&](std::string_view pass, const compiler::Design& design) {
    if (wanted(pass))
      write_stdout(fmt::format("// after {}\n{}", pass, compiler::print_mlir(design)));
  };
  const bool stops_in_front = is_matmul_pass(options.stop_after);
  (stops_in_front ? front.stop_after : back.stop_after) = options.stop_after;
  compiler::Design design = design_given
                                ? read_design(source.file, options.mlir, source.overrides).design
                                : build_design(load(source), front);
  if (stops_in_front)
    return;
  const compiler::Lowered lowered = compiler::lower(std::move(design), back);
  if (!options.stop_after.empty() || !options.print_after.empty())
    return;
  if (!lowered.loads.empty())
    throw Error("{}: its sequence loads devices, and one device is printed", source.file)
        .hint("airlock run {} runs it", source.file);
  if (options.emit == "commands")
    return write_stdout(commands_text(lowered));
  const auto form =
      options.emit == "mlir-generic" ? compiler::MlirForm::Generic : compiler::MlirForm::Pretty;
  write_stdout(compiler::print_mlir(lowered.design, form));
}

}  // namespace

void add_compile(CLI::App& app, int&) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("compile", "turn a matmul into a design for the array");
  add_source_options(*command, options->source);
  command->get_option("file")->required(false)->type_name("[NAME=]FILE.yaml");
  command->add_option("more", options->more, "more kernels for the container")
      ->type_name("[NAME=]FILE.yaml ...");
  add_shortcut(*command, options->source, "--device", "device", "NAME",
               "npu1, npu4 or a device file");
  command->add_option("--print-after", options->print_after, "print what a pass, or `all`, leaves")
      ->type_name("PASS");
  command->add_option("--stop-after", options->stop_after, "run no pass after this one")
      ->type_name("PASS");
  command->add_flag("--list-passes", options->list_passes, "print the passes in their order");
  command->add_flag("--explain", options->explain,
                    "print the tiles considered, what is predicted of each, and exit");
  command
      ->add_option("--emit", options->emit,
                   "mlir (default), mlir-generic (for mlir-opt) or commands")
      ->type_name("FORM")
      ->check(CLI::IsMember({"mlir", "mlir-generic", "commands"}).description(""));
  command
      ->add_option("-o", options->files.container,
                   "a container with the configuration; of a model, a directory")
      ->type_name("FILE.xclbin");
  command
      ->add_option("--insts", options->files.instructions,
                   "the host sequence; of several kernels, FILE.NAME.bin each")
      ->type_name("FILE.bin");
  command->add_flag("--xclbin-split", options->files.split,
                    "several containers when the kernels do not fit into one");
  add_model_options(*command, options->model);
  add_design_options(*command, options->mlir);
  command->footer(
      "example: airlock compile configs/problems/matmul_512.yaml --print-after=split-l2\n"
      "         airlock compile configs/models/sd3.yaml -o sd3 -j 2");
  command->callback([options] {
    if (options->list_passes)
      return write_stdout(pass_list());
    if (options->source.file.empty())
      throw Error("compile: no file").hint("airlock compile configs/problems/matmul_512.yaml");
    const Source source = options->source.source();
    if (const std::optional<Model> model = load_model(source.file, source.overrides))
      return compile_model(*options, *model);
    if (options->model.given())
      throw Error("{}: --cache, --cache-limit, --no-cache, --no-dedup and --json are for a model",
                  source.file)
          .hint("a model is a file with `entries`");
    if (!options->files.container.empty())
      return compile_container(*options);
    if (!options->more.empty() || !options->files.instructions.empty() || options->files.split)
      throw Error("compile: no container").hint("-o out.xclbin");
    check_pass("--print-after", options->print_after);
    check_pass("--stop-after", options->stop_after);
    compile(*options);
  });
}

}  // namespace npu::cli
