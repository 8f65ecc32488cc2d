// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/host_arguments.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>

#include "cli/expression.h"
#include "xclbin/file.h"

namespace npu::cli {
namespace {

std::vector<std::byte> read_bytes(const std::string& path) {
  const xclbin::Bytes bytes = xclbin::read_file(path);
  const auto raw = std::as_bytes(std::span(bytes));
  return {raw.begin(), raw.end()};
}

/// Whether a file is meant rather than an expression: it exists, or ends as files do.
bool is_file(const std::string& what) {
  const std::string ending = std::filesystem::path(what).extension();
  return std::filesystem::exists(what) ||
         (ending.size() > 1 && std::isalpha(static_cast<unsigned char>(ending[1])));
}

}  // namespace

HostArguments::HostArguments(std::string owner, std::vector<HostArgument> known, bool values)
    : owner_(std::move(owner)), values_(values) {
  for (HostArgument& argument : known)
    buffers_.push_back({std::move(argument)});
}

std::optional<uint32_t> HostArguments::named(std::string_view name) const {
  for (uint32_t index = 0; index < buffers_.size(); ++index)
    if (!name.empty() && buffers_[index].name == name)
      return index;
  return std::nullopt;
}

HostArguments::Option HostArguments::option(const std::string& name,
                                            const std::string& text) const {
  const size_t equals = text.find('=');
  const std::string_view key = std::string_view(text).substr(0, equals);
  Option result{};
  const char* end = key.data() + key.size();
  const auto [stop, problem] = std::from_chars(key.data(), end, result.index);
  const bool number = problem == std::errc{} && stop == end;
  const std::optional<uint32_t> found = number ? std::nullopt : named(key);
  if (equals == std::string::npos || (!number && !found))
    throw Error("{} {}: no number or name of an argument and `=`", name, text)
        .hint("{} 0=...", name);
  if (found)
    result.index = *found;
  if (result.index >= buffers_.size())
    throw Error("{} {}: {} has {} arguments", name, text, owner_, buffers_.size());
  result.value = text.substr(equals + 1);
  return result;
}

std::string HostArguments::call(uint32_t index) const {
  const std::string& name = buffers_[index].name;
  return fmt::format("argument {}{}", index, name.empty() ? "" : fmt::format(" ({})", name));
}

void HostArguments::set_type(const std::string& text, uint32_t index, arch::Type type) {
  Buffer& buffer = buffers_[index];
  if (buffer.type && *buffer.type != type)
    throw Error("--size {}: {} has elements of {}", text, call(index),
                arch::to_string(*buffer.type));
  buffer.type = type;
}

std::optional<SizeText> parse_size(std::string_view text) {
  SizeText size;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, size.bytes);
  const bool number = problem == std::errc{};
  if (number && (stop == end || size.bytes == 0))
    return size.bytes == 0 ? std::nullopt : std::optional(size);
  if (number && *stop != 'x')
    return std::nullopt;
  size.type = arch::type_named({number ? stop + 1 : text.data(), end});
  if (!size.type)
    return std::nullopt;
  size.bytes *= arch::bytes_of(*size.type);
  return size;
}

void HostArguments::take_size(const std::string& text) {
  const auto [index, value] = option("--size", text);
  Buffer& buffer = buffers_[index];
  const auto size = parse_size(value);
  if (!size)
    throw Error("--size {}: no size and no type", text)
        .hint("bytes, or a type: 1024, bf16, 512xbf16");
  if (size->type)
    set_type(text, index, *size->type);
  if (size->bytes == 0)
    return;
  if (size->bytes < buffer.bytes ||
      (buffer.type && size->bytes % arch::bytes_of(*buffer.type) != 0))
    throw Error("--size {}: no size for {} of {} bytes", text, call(index), buffer.bytes)
        .hint("bytes, at least as many as the sequence says");
  buffer.bytes = size->bytes;
  buffer.sized = true;
}

arch::Type HostArguments::type_for_expression(Buffer& buffer) {
  if (!buffer.type) {
    buffer.type = arch::Type::I32;
    buffer.assumed_type = true;
  }
  return *buffer.type;
}

void HostArguments::fix_size(uint32_t index) {
  Buffer& buffer = buffers_[index];
  if (buffer.bytes == 0)
    throw Error("the size of {} is not known", call(index))
        .hint("--size {}=BYTES, or its contents with --arg {}=FILE", index, index);
  if (!buffer.sized)
    buffer.assumed_size = buffer.sized = true;
}

std::vector<std::byte> HostArguments::evaluate(const std::string& text, uint32_t index) {
  const Expression expression(text);
  Buffer& like = buffers_[index];
  const arch::Type type = type_for_expression(like);
  std::vector<std::byte> data(values_ ? like.bytes : 0);
  const auto load = [&](uint32_t argument, uint64_t at) {
    if (argument >= buffers_.size())
      throw Error("`{}`: {} has {} arguments", text, owner_, buffers_.size());
    Buffer& other = buffers_[argument];
    return load_element(other.start, type_for_expression(other), at);
  };
  const uint64_t elements = data.size() / arch::bytes_of(type);
  for (uint64_t i = 0; i < elements; ++i)
    store_element(data, type, i, expression.element(i, !arch::is_float(type), load));
  return data;
}

void HostArguments::take_contents(const std::string& text) {
  const auto [index, what] = option("--arg", text);
  Buffer& buffer = buffers_[index];
  if (!is_file(what)) {
    fix_size(index);
    buffer.start = evaluate(what, index);
    return;
  }
  std::vector<std::byte> bytes = read_bytes(what);
  if (!buffer.sized && bytes.size() >= buffer.bytes) {
    buffer.bytes = bytes.size();
    buffer.sized = true;
  }
  if (!buffer.sized)
    throw Error("--arg {}: the instructions reach {} bytes of {}, the file has {}", text,
                buffer.bytes, call(index), bytes.size());
  if (bytes.size() != buffer.bytes)
    throw Error("--arg {}: {} has {} bytes, the file {}", text, call(index), buffer.bytes,
                bytes.size());
  buffer.start = std::move(bytes);
}

void HostArguments::take_expected(const std::string& text) {
  const auto [index, what] = option("--expect", text);
  Buffer& buffer = buffers_[index];
  fix_size(index);
  if (!is_file(what)) {
    buffer.expected = evaluate(what, index);
    return;
  }
  buffer.expected = read_bytes(what);
  if (buffer.expected->size() != buffer.bytes)
    throw Error("--expect {}: {} has {} bytes, the file {}", text, call(index), buffer.bytes,
                buffer.expected->size());
}

void HostArguments::take(const FileOptions& files, const std::vector<std::string>& fills) {
  for (const std::string& text : files.sizes)
    take_size(text);
  for (const std::string& text : files.inputs)
    take_contents(text);
  for (const std::string& text : fills) {
    const auto [index, expression] = option("--fill", text);
    fix_size(index);
    buffers_[index].start = evaluate(expression, index);
  }
  for (uint32_t index = 0; index < buffers_.size(); ++index)
    if (buffers_[index].bytes != 0)
      fix_size(index);
  for (const std::string& text : files.outputs) {
    const auto [index, path] = option("--out", text);
    fix_size(index);
    buffers_[index].output = path;
  }
  for (const std::string& text : files.expected)
    take_expected(text);
  if (!values_)
    return;
  for (Buffer& buffer : buffers_)
    buffer.start.resize(buffer.bytes);
  reset();
}

std::vector<sim::HostBuffer> HostArguments::buffers() {
  size_t used = buffers_.size();
  while (used > 0 && buffers_[used - 1].bytes == 0)
    --used;
  std::vector<sim::HostBuffer> out;
  for (size_t i = 0; i < used; ++i)
    out.push_back({values_ ? buffers_[i].data.data() : nullptr, buffers_[i].bytes});
  return out;
}

void HostArguments::reset() {
  if (values_)
    for (Buffer& buffer : buffers_)
      buffer.data = buffer.start;
}

void HostArguments::compare(uint32_t index, Comparison& comparison) const {
  const Buffer& buffer = buffers_[index];
  const auto shown = [&](std::span<const std::byte> data, uint64_t i) {
    return buffer.type ? fmt::format("{}", load_element(data, *buffer.type, i))
                       : fmt::format("{:#04x}", static_cast<unsigned>(data[i]));
  };
  const uint32_t width = buffer.type ? arch::bytes_of(*buffer.type) : 1;
  const uint64_t elements = buffer.bytes / width;
  comparison.elements += elements;
  for (uint64_t i = 0; i < elements; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i * width);
    if (std::equal(buffer.data.begin() + at, buffer.data.begin() + at + width,
                   buffer.expected->begin() + at))
      continue;
    if (comparison.mismatches++ != 0)
      continue;
    comparison.place = !buffer.type          ? fmt::format("byte {} of {}", i, call(index))
                       : buffer.name.empty() ? fmt::format("{}[{}]", call(index), i)
                                             : fmt::format("{}[{}]", buffer.name, i);
    comparison.expected = shown(*buffer.expected, i);
    comparison.got = shown(buffer.data, i);
  }
}

std::optional<Comparison> HostArguments::check() const {
  if (!values_)
    return std::nullopt;
  Comparison comparison{.unit = "bytes"};
  for (uint32_t index = 0; index < buffers_.size(); ++index) {
    if (!buffers_[index].expected)
      continue;
    if (buffers_[index].type)
      comparison.unit = "elements";
    compare(index, comparison);
  }
  if (comparison.elements == 0)
    return std::nullopt;
  return comparison;
}

void HostArguments::leave() const {
  if (!values_)
    return;
  for (const Buffer& buffer : buffers_)
    if (!buffer.output.empty())
      xclbin::write_file(buffer.output, {reinterpret_cast<const uint8_t*>(buffer.data.data()),
                                         buffer.data.size()});
}

std::vector<std::string> HostArguments::assumptions() const {
  std::vector<std::string> out;
  for (uint32_t index = 0; index < buffers_.size(); ++index) {
    const Buffer& buffer = buffers_[index];
    if (buffer.assumed_size)
      out.push_back(fmt::format(
          "{} is taken to have {} bytes, as far as the instructions reach; --size {}=BYTES",
          call(index), buffer.bytes, index));
    if (buffer.assumed_type)
      out.push_back(fmt::format("the elements of {} are taken to be i32; --size {}=TYPE",
                                call(index), index));
  }
  return out;
}

}  // namespace npu::cli
