// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/metadata.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <pugixml.hpp>

namespace npu::xclbin {

namespace {

constexpr int kDeepest = 64;
constexpr std::array<const char*, 4> kPath{"project", "platform", "device", "core"};

pugi::xml_document parse(View xml) {
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(
      xml.data(), xml.size(), pugi::parse_default | pugi::parse_declaration, pugi::encoding_utf8);
  if (!result)
    throw Error("embedded metadata at {:#x}: xml: {}", result.offset, result.description());
  return document;
}

uint32_t number(pugi::xml_node node, const char* attribute) {
  std::string_view text = node.attribute(attribute).value();
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex)
    text.remove_prefix(2);
  uint32_t value = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size())
    throw Error("embedded metadata at {:#x}: <{}>: {} `{}` is not a number", node.offset_debug(),
                node.name(), attribute, node.attribute(attribute).value());
  return value;
}

/// The same for an attribute that may be missing or empty, as it is in overlays of the vendor.
uint32_t number_or(pugi::xml_node node, const char* attribute, uint32_t otherwise) {
  return *node.attribute(attribute).value() ? number(node, attribute) : otherwise;
}

KernelInfo read_kernel(pugi::xml_node node) {
  KernelInfo kernel{.name = node.attribute("name").value(), .type = node.attribute("type").value()};
  if (const pugi::xml_node extended = node.child("extended-data")) {
    kernel.subtype = number_or(extended, "subtype", 0);
    kernel.functional = number_or(extended, "functional", 0);
    kernel.id = number_or(extended, "dpu_kernel_id", 0);
  }
  for (const pugi::xml_node arg : node.children("arg"))
    kernel.arguments.push_back(
        {.name = arg.attribute("name").value(),
         .kind = ArgumentKind{static_cast<uint8_t>(number(arg, "addressQualifier"))},
         .id = number(arg, "id"),
         .bytes = number(arg, "size"),
         .offset = number(arg, "offset"),
         .type = arg.attribute("type").value()});
  for (const pugi::xml_node instance : node.children("instance"))
    kernel.instances.emplace_back(instance.attribute("name").value());
  return kernel;
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
  node.append_attribute(name).set_value(value.c_str());
}

void add_kernel(pugi::xml_node core, const KernelInfo& kernel) {
  pugi::xml_node node = core.append_child("kernel");
  set(node, "name", kernel.name);
  set(node, "language", "c");
  set(node, "type", kernel.type);
  pugi::xml_node extended = node.append_child("extended-data");
  set(extended, "subtype", std::to_string(kernel.subtype));
  set(extended, "functional", std::to_string(kernel.functional));
  set(extended, "dpu_kernel_id", fmt::format("{:#x}", kernel.id));
  for (const KernelArgument& argument : kernel.arguments) {
    pugi::xml_node arg = node.append_child("arg");
    set(arg, "name", argument.name);
    set(arg, "addressQualifier", std::to_string(static_cast<int>(argument.kind)));
    set(arg, "id", std::to_string(argument.id));
    set(arg, "size", fmt::format("{:#x}", argument.bytes));
    set(arg, "offset", fmt::format("0x{:02X}", argument.offset));
    set(arg, "hostOffset", "0x0");
    set(arg, "hostSize", fmt::format("{:#x}", argument.bytes));
    set(arg, "type", argument.type);
  }
  for (const std::string& instance : kernel.instances)
    set(node.append_child("instance"), "name", instance);
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text)
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  return result;
}

/// Two spaces a level and no space before `/>`, as the common tool prints: what it wrote and we did
/// not change stays the same bytes.
void print(pugi::xml_node node, int depth, std::string& text) {
  const std::string indent(2 * static_cast<size_t>(depth), ' ');
  text += indent + '<' + node.name();
  for (const pugi::xml_attribute attribute : node.attributes())
    text += fmt::format(" {}=\"{}\"", attribute.name(), escaped(attribute.value()));
  if (!node.first_child()) {
    text += "/>\n";
    return;
  }
  if (depth > kDeepest)
    throw Error("embedded metadata at {:#x}: <{}>: deeper than {} levels", node.offset_debug(),
                node.name(), kDeepest);
  if (!std::ranges::all_of(node.children(),
                           [](pugi::xml_node n) { return n.type() == pugi::node_element; })) {
    text += fmt::format(">{}</{}>\n", escaped(node.child_value()), node.name());
    return;
  }
  text += ">\n";
  for (const pugi::xml_node child : node.children())
    print(child, depth + 1, text);
  text += fmt::format("{}</{}>\n", indent, node.name());
}

}  // namespace

std::vector<KernelArgument> npu_arguments(int buffers) {
  if (buffers > kMostBuffers)
    throw Error("a kernel with {} buffers cannot be called", buffers)
        .hint("at most {}", kMostBuffers);
  std::vector<KernelArgument> arguments{
      {"opcode", ArgumentKind::Scalar, 0, 8, 0x00, "uint64_t"},
      {"instr", ArgumentKind::Global, kInstructionArgument, 8, 0x08, "char *"},
      {"ninstr", ArgumentKind::Scalar, 2, 4, 0x10, "uint32_t"}};
  constexpr uint32_t kFirstOffset = 0x14;
  for (uint32_t i = 0; i < static_cast<uint32_t>(std::max(buffers, kLeastBuffers)); ++i)
    arguments.push_back({fmt::format("bo{}", i), ArgumentKind::Global, kFirstBufferArgument + i, 8,
                         kFirstOffset + 8 * i, "void*"});
  return arguments;
}

std::vector<KernelInfo> read_metadata(View xml) {
  const pugi::xml_document document = parse(xml);
  pugi::xml_node core = document;
  for (const char* name : kPath)
    core = core.child(name);
  std::vector<KernelInfo> kernels;
  for (const pugi::xml_node node : core.children("kernel"))
    kernels.push_back(read_kernel(node));
  return kernels;
}

Bytes add_kernels(View xml, std::span<const KernelInfo> kernels) {
  pugi::xml_document document;
  if (!xml.empty())
    document = parse(xml);
  pugi::xml_node core = document;
  for (const char* name : kPath)
    core = core.child(name) ? core.child(name) : core.append_child(name);
  for (const KernelInfo& kernel : kernels)
    add_kernel(core, kernel);
  std::string text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
  for (const pugi::xml_node child : document.children())
    if (child.type() == pugi::node_element)
      print(child, 0, text);
  return Bytes(text.begin(), text.end());
}

}  // namespace npu::xclbin
