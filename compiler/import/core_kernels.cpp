// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/import/core_kernels.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "compiler/mlir/types.h"
#include "hw-model/arch/error.h"

namespace npu::compiler {

namespace {

bool fits_name(std::string_view pattern, std::string_view name) {
  return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1))
                                : name == pattern;
}

/// `ui8` and `si8` are bytes as `i8` is.
std::string plain(std::string_view element) {
  return std::string(element.starts_with("ui") || element.starts_with("si") ? element.substr(1)
                                                                            : element);
}

/// A size in a signature: `?` when it is not known.
std::string shown_size(int64_t size) {
  return size == mlir::kDynamic ? "?" : std::to_string(size);
}

/// What the names of a signature stand for in a call.
class Match {
 public:
  bool fits(std::string_view signature, std::span<const CallArgument> arguments) {
    const auto parts = mlir::split(signature, ',');
    if (parts.size() != arguments.size())
      return false;
    for (size_t i = 0; i < parts.size(); ++i)
      if (!fits_argument(parts[i], arguments[i]))
        return false;
    for (size_t i = 0; i < arguments.size(); ++i)
      if (arguments[i].value)
        words_[std::to_string(i)] = std::to_string(*arguments[i].value);
    return true;
  }

  /// The text with what its names stand for; nothing when a number is not known.
  std::optional<std::string> filled(std::string_view text) const {
    std::string result;
    while (!text.empty()) {
      const size_t open = text.find('{');
      result += text.substr(0, open);
      if (open == std::string_view::npos)
        break;
      const size_t close = text.find('}', open);
      const auto word = words_.find(text.substr(open + 1, close - open - 1));
      if (close == std::string_view::npos || word == words_.end())
        return std::nullopt;
      result += word->second;
      text.remove_prefix(close + 1);
    }
    return result;
  }

 private:
  bool fits_argument(std::string_view part, const CallArgument& argument) {
    if (part == "number")
      return !argument.memory;
    const size_t open = part.find('[');
    if (!argument.memory || open == std::string_view::npos)
      return false;
    const std::string_view type = part.substr(0, open);
    const std::string element = plain(argument.element);
    if (type == "T" ? !bind("T", element) : type != element)
      return false;
    const auto sizes = mlir::split(part.substr(open + 1, part.size() - open - 2), ',');
    if (sizes.size() == 1)
      return bind(sizes[0], shown_size(mlir::Type{.shape = argument.shape}.elements()));
    if (sizes.size() != argument.shape.size())
      return false;
    for (size_t i = 0; i < sizes.size(); ++i)
      if (!bind(sizes[i], shown_size(argument.shape[i])))
        return false;
    return true;
  }

  /// A name stands for the same wherever it is.
  bool bind(std::string_view name, const std::string& word) {
    return words_.try_emplace(std::string(name), word).first->second == word;
  }

  std::map<std::string, std::string, std::less<>> words_;
};

std::string shown(std::span<const CallArgument> arguments) {
  std::string text;
  for (const CallArgument& argument : arguments) {
    text += text.empty() ? "" : ", ";
    if (!argument.memory) {
      text += argument.value ? std::to_string(*argument.value) : "number";
      continue;
    }
    text += plain(argument.element) + "[";
    for (size_t i = 0; i < argument.shape.size(); ++i)
      text += (i > 0 ? ", " : "") + shown_size(argument.shape[i]);
    text += "]";
  }
  return text;
}

/// A kernel's text as a symbol, as it is called in designs that were printed: blanks and `=` are
/// `_`, and a number may follow. Nothing when the name is none.
std::optional<arch::KernelSpec> printed_kernel(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kJoined{
      {{"reduce add", "reduce_add"},
       {"reduce min", "reduce_min"},
       {"reduce max", "reduce_max"},
       {" shift ", " shift="},
       {" threshold ", " threshold="}}};
  std::string text(name);
  std::ranges::replace(text, '_', ' ');
  for (const auto& [apart, joined] : kJoined)
    if (const size_t at = text.find(apart); at != std::string::npos)
      text.replace(at, apart.size(), joined);
  for (const std::string& attempt : {text, text.substr(0, text.rfind(' '))}) {
    try {
      const arch::KernelSpec spec = arch::parse_kernel(attempt);
      if (spec.op != arch::KernelOp::External)
        return spec;
    } catch (const Error&) {
      continue;
    }
  }
  return std::nullopt;
}

std::vector<int> all_of(std::span<const CallArgument> arguments) {
  std::vector<int> all(arguments.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace

ExternalKernel KernelNames::find(std::string_view name,
                                 std::span<const CallArgument> arguments) const {
  if (const auto stub = stubs_.find(name); stub != stubs_.end())
    return {.spec = arch::KernelSpec{.op = arch::KernelOp::External,
                                     .cycles = stub->second,
                                     .symbol = std::string(name)}};
  if (name.find(' ') != std::string_view::npos)
    return {.spec = arch::parse_kernel(name), .arguments = all_of(arguments)};
  if (const auto spec = printed_kernel(name))
    return {.spec = *spec, .arguments = all_of(arguments)};
  std::string known;
  for (const KernelAlias& alias : aliases_) {
    if (!fits_name(alias.name, name))
      continue;
    Match match;
    if (match.fits(alias.signature, arguments))
      if (const auto text = match.filled(alias.kernel))
        return {.spec = arch::parse_kernel(*text), .arguments = alias.pass};
    known += fmt::format("{}({})", known.empty() ? "" : " or ", alias.signature);
  }
  if (known.empty())
    return {};
  return {.missing = fmt::format("called with ({}), known with {}", shown(arguments), known)};
}

}  // namespace npu::compiler
