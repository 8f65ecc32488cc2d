// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <cctype>
#include <cstdio>
#include <exception>

#include "cli/commands.h"
#include "cli/version.h"
#include "hw-model/arch/error.h"

namespace {

/// Help that fits a screen: one line an option, 100 columns.
class Formatter : public CLI::Formatter {
 public:
  Formatter() {
    column_width(32);
    label("OPTIONS", "options");
    label("SUBCOMMAND", "COMMAND");
    label("Positionals", "Arguments");
    label("Subcommands", "Commands");
    label("SUBCOMMANDS", "Commands");
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_size() == 0 ? "" : option->get_type_name();
    return type.empty() || option->get_positional() ? "" : " " + type;
  }
};

/// The innermost subcommand that the user chose, or the program itself.
const CLI::App& chosen(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : chosen(*commands.front());
}

/// Names of the options, and of the commands when there is a choice of them.
std::vector<std::string> known_words(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::Option* option : chosen(app).get_options())
    for (const std::string& name : option->get_lnames())
      words.push_back("--" + name);
  for (const CLI::App* command : chosen(app).get_subcommands({}))
    words.push_back(command->get_name());
  return words;
}

/// How the user calls it: `airlock xclbin info`.
std::string call_of(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return (parent == nullptr ? "" : call_of(*parent) + " ") + command.get_name();
}

/// What is wrong with the command line, as the program says things.
npu::Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& at = chosen(app);
  const std::string help = call_of(at) + " --help";
  const auto rest = app.remaining(true);
  if (rest.empty()) {
    std::string text = error.what();
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return npu::Error("{}", text).hint("{}", help);
  }
  const std::vector<std::string> words = known_words(app);
  const std::vector<std::string_view> views(words.begin(), words.end());
  const std::string_view near =
      npu::config::nearest(rest.front().substr(0, rest.front().find('=')), views);
  return npu::Error("unknown {} `{}`", at.get_subcommands({}).empty() ? "argument" : "command",
                    rest.front())
      .hint("{}{}", near.empty() ? "" : fmt::format("did you mean `{}`? ", near), help);
}

void print_error(std::string_view what, std::string_view hint) {
  std::fputs(fmt::format("error: {}\n", what).c_str(), stderr);
  if (!hint.empty())
    std::fputs(fmt::format("hint: {}\n", hint).c_str(), stderr);
}

int parse_and_run(CLI::App& app, int argc, char** argv, int& status) {
  try {
    app.parse(argc, argv);
    return status;
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    const npu::Error usage = usage_error(app, error);
    print_error(usage.what(), usage.hint());
    return npu::cli::kUsage;
  } catch (const npu::Error& error) {
    print_error(error.what(), error.hint());
    return npu::cli::kUsage;
  } catch (const std::exception& error) {
    print_error(fmt::format("internal: {}", error.what()), "");
    return npu::cli::kInternal;
  }
}

}  // namespace

int main(int argc, char** argv) {
  int status = npu::cli::kRight;
  CLI::App app("airlock: compile for, and simulate, AMD's Ryzen AI NPU", "airlock");
  app.formatter(std::make_shared<Formatter>());
  app.set_help_flag("-h,--help", "this help");
  app.set_version_flag("-V,--version", std::string("airlock ") + npu::cli::kVersion, "the version");
  app.require_subcommand(1);
  app.footer(
      "example: airlock run configs/sims/matmul_512.yaml\n"
      "exit status: 0 finished and right, 2 bad usage or input, 3 wrong result, 4 hang,\n"
      "  5 stopped by a limit, 6 undecided or order-dependent, 130 interrupted, 1 internal error");
  npu::cli::add_run(app, status);
  npu::cli::add_compile(app, status);
  npu::cli::add_sweep(app, status);
  npu::cli::add_check(app, status);
  npu::cli::add_explain(app, status);
  npu::cli::add_diagnose(app, status);
  npu::cli::add_diff(app, status);
  npu::cli::add_xclbin(app, status);
  npu::cli::add_registers(app, status);
  npu::cli::add_schema(app, status);
  return parse_and_run(app, argc, argv, status);
}
