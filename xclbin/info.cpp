// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/info.h"

#include <algorithm>

#include "xclbin/control_elf.h"
#include "xclbin/dpu_text.h"
#include "xclbin/elf.h"
#include "xclbin/hex_text.h"
#include "xclbin/kernels.h"
#include "xclbin/pdi.h"
#include "xclbin/sections.h"
#include "xclbin/statistics.h"

namespace npu::xclbin {

namespace {

constexpr std::string_view kKindNames[] = {"xclbin",
                                           "PDI",
                                           "CDO",
                                           "instruction stream",
                                           "instruction stream as text",
                                           "DPU instruction text",
                                           "ELF file",
                                           "unknown file"};

bool begins(View bytes, std::string_view text, size_t at = 0) {
  return bytes.size() >= at + text.size() &&
         std::equal(text.begin(), text.end(), bytes.begin() + static_cast<ptrdiff_t>(at),
                    [](char c, uint8_t byte) { return static_cast<uint8_t>(c) == byte; });
}

FileKind kind_of_text(std::string_view text) {
  try {
    const Words words = parse_hex_text(text);
    if (words.empty())
      return FileKind::Unknown;
    return is_dpu_text(words) ? FileKind::DpuText : FileKind::TxnText;
  } catch (const Error&) {
    return FileKind::Unknown;
  }
}

std::string_view text_of(View bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Json argument_json(const KernelArgument& argument) {
  return {{"id", argument.id},
          {"name", argument.name},
          {"type", argument.type},
          {"bytes", argument.bytes},
          {"offset", argument.offset}};
}

Json image_json(const PartitionPdi& pdi) {
  Json json{{"uuid", to_string(pdi.uuid)}, {"bytes", pdi.image.size()}};
  try {
    const Pdi image = read_pdi(pdi.image);
    json["transformed"] = image.transformed;
    json["statistics"] = to_json(statistics_of(image.cdo));
    json["cores"] = core_elfs(to_commands(image.cdo).commands).size();
  } catch (const Error& error) {
    json["error"] = error.what();
  }
  return json;
}

Json kernel_json(const ContainedKernel& kernel) {
  Json json{{"name", kernel.info.name},
            {"instances", kernel.info.instances},
            {"id", fmt::format("{:#x}", kernel.info.id)},
            {"arguments", Json::array()}};
  for (const KernelArgument& argument : kernel.info.arguments)
    json["arguments"].push_back(argument_json(argument));
  json["pdi"] = kernel.pdi ? image_json(*kernel.pdi) : Json();
  return json;
}

/// Lines for one kernel, from its JSON, so that both forms say the same.
std::string kernel_text(const Json& kernel) {
  std::string text = fmt::format("kernel {} ({})\n", kernel["name"].get<std::string>(),
                                 kernel["id"].get<std::string>());
  text += "  arguments:";
  for (const Json& argument : kernel["arguments"])
    text +=
        fmt::format(" {} {},", argument["id"].get<uint32_t>(), argument["name"].get<std::string>());
  text.back() = '\n';
  const Json& pdi = kernel["pdi"];
  if (pdi.is_null())
    return text + "  no PDI\n";
  text += fmt::format("  PDI {}, {} bytes\n", pdi["uuid"].get<std::string>(),
                      pdi["bytes"].get<size_t>());
  if (pdi.contains("error"))
    return text + fmt::format("  cannot be read: {}\n", pdi["error"].get<std::string>());
  const Statistics statistics{pdi["statistics"]["operations"].get<std::map<std::string, size_t>>(),
                              pdi["statistics"]["data_words"].get<size_t>()};
  return text + fmt::format("  {} cores have programs{}\n  {}\n", pdi["cores"].get<size_t>(),
                            pdi["transformed"].get<bool>() ? ", transformed" : "",
                            to_string(statistics));
}

}  // namespace

FileKind identify(View bytes) {
  if (begins(bytes, "xclbin2"))
    return FileKind::Container;
  if (begins(bytes,
             "\x7F"
             "ELF"))
    return FileKind::Elf;
  if (begins(bytes, "\xDD") && begins(bytes, "\x44\x33\x22\x11", 4))
    return FileKind::Pdi;
  if (begins(bytes, "CDO", 4))
    return FileKind::Cdo;
  if (is_hex_text(bytes))
    return kind_of_text(text_of(bytes));
  constexpr size_t kTxnHeaderBytes = 16;
  if (bytes.size() >= kTxnHeaderBytes && bytes[0] + bytes[1] == 1)
    return FileKind::Txn;
  return FileKind::Unknown;
}

std::string_view to_string(FileKind kind) {
  return kKindNames[static_cast<size_t>(kind)];
}

Bytes instructions_of(View file) {
  switch (const FileKind kind = identify(file)) {
    case FileKind::Txn:
      return Bytes(file.begin(), file.end());
    case FileKind::TxnText:
      return bytes_of(parse_hex_text(text_of(file)));
    case FileKind::Elf:
      return control_stream(file);
    default:
      throw Error("this is not an instruction stream but: {}", to_string(kind))
          .hint("a binary stream, its words as text, or an ELF that holds it");
  }
}

Json sections_json(const Container& container) {
  Json json = Json::array();
  for (const Placed& place : layout(container.sections()))
    json.push_back({{"kind", static_cast<uint32_t>(place.section->kind)},
                    {"kind_name", to_string(place.section->kind)},
                    {"name", place.section->name},
                    {"offset", place.offset},
                    {"bytes", place.section->bytes.size()},
                    {"payload", section_payload(*place.section)}});
  return json;
}

std::string sections_text(const Container& container) {
  std::string text = fmt::format("{:20} {:16} {:>10} {:>10}\n", "kind", "name", "offset", "bytes");
  for (const Placed& place : layout(container.sections()))
    text += fmt::format("{:20} {:16} {:>#10x} {:>10}\n", to_string(place.section->kind),
                        place.section->name, place.offset, place.section->bytes.size());
  return text;
}

Json info_json(const Container& container) {
  const NpuContents contents = read_contents(container);
  Json json{{"uuid", to_string(container.header().uuid)},
            {"timestamp", container.header().timestamp},
            {"platform", container.header().platform},
            {"columns", contents.partition.columns},
            {"start_columns", contents.partition.start_columns},
            {"kernels", Json::array()}};
  for (const ContainedKernel& kernel : contents.contained())
    json["kernels"].push_back(kernel_json(kernel));
  return json;
}

std::string info_text(const Container& container) {
  const Json info = info_json(container);
  std::string starts;
  for (const Json& start : info["start_columns"])
    starts += fmt::format(" {}", start.get<int>());
  std::string text =
      fmt::format("uuid {}\n{} columns, starting at{}\n", info["uuid"].get<std::string>(),
                  info["columns"].get<int>(), starts);
  for (const Json& kernel : info["kernels"])
    text += kernel_text(kernel);
  return text;
}

std::vector<Extracted> extract(const Container& container) {
  std::vector<Extracted> files;
  for (size_t i = 0; i < container.sections().size(); ++i) {
    const Section& section = container.sections()[i];
    files.push_back({fmt::format("{:02}.{}", i, to_string(section.kind)), section.bytes});
  }
  const NpuContents contents = read_contents(container);
  size_t number = 0;
  for (const ContainedKernel& kernel : contents.contained()) {
    if (!kernel.pdi)
      continue;
    // Names come from the file: they must not lead out of the folder.
    std::string stem = fmt::format("{}.{}", number++, kernel.info.name);
    std::ranges::replace_if(
        stem, [](char c) { return c == '/' || c == '\\' || c == '\0'; }, '_');
    files.push_back({stem + ".pdi", kernel.pdi->image});
    const Cdo cdo = read_pdi(kernel.pdi->image).cdo;
    files.push_back({stem + ".cdo", write_cdo(cdo)});
    for (const CoreElf& core : core_elfs(to_commands(cdo).commands))
      files.push_back({fmt::format("{}.core_{}_{}.elf", stem, core.tile.col, core.tile.row),
                       write_elf(core.elf)});
  }
  return files;
}

}  // namespace npu::xclbin
