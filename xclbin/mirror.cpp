// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/mirror.h"

#include <algorithm>
#include <charconv>

#include "xclbin/json.h"

namespace npu::xclbin {

namespace {

std::string hex_digits(View bytes) {
  std::string text;
  for (const uint8_t byte : bytes)
    text += fmt::format("{:02x}", byte);
  return text;
}

Json header_json(const ContainerHeader& h) {
  Writer id;
  id.u64(h.unique_id);
  // The common tool prints the two version bytes as characters; readers expect that.
  const std::string version{static_cast<char>(h.version_major), '.',
                            static_cast<char>(h.version_minor)};
  return {{"Magic", "xclbin2"},
          {"SignatureLength", "0xffffffff"},
          {"KeyBlock", hex_digits(h.key_block)},
          {"UniqueID", hex_digits(id.take())},
          {"TimeStamp", std::to_string(h.timestamp)},
          {"FeatureRomTimeStamp", std::to_string(h.feature_rom_timestamp)},
          {"Version", fmt::format("{}.{}", version, h.version_patch)},
          {"Mode", std::to_string(h.mode)},
          {"InterfaceUUID", hex_digits(h.interface.bytes)},
          {"PlatformVBNV", h.platform},
          {"XclBinUUID", hex_digits(h.uuid.bytes)},
          {"DebugBin", hex_digits(h.debug_bin)}};
}

Json section_json(const Placed& place) {
  const Section& section = *place.section;
  Json json{{"Kind", std::to_string(static_cast<uint32_t>(section.kind))},
            {"Name", section.name},
            {"Offset", fmt::format("{:#x}", place.offset)},
            {"Size", fmt::format("{:#x}", section.bytes.size())}};
  if (Json payload = section_payload(section); !payload.is_null())
    json["payload"] = std::move(payload);
  return json;
}

/// Header and section headers of a copy: the key of the latter is repeated, which no map holds.
struct Parsed {
  Json header;
  std::vector<Json> sections;
};

std::optional<Parsed> parse(View tail) {
  const auto mark = std::search(tail.begin(), tail.end(), kMirrorBegin.begin(), kMirrorBegin.end());
  const auto end = std::search(mark, tail.end(), kMirrorEnd.begin(), kMirrorEnd.end());
  if (end == tail.end())
    return std::nullopt;
  const auto begin = mark + static_cast<ptrdiff_t>(kMirrorBegin.size());
  Parsed parsed;
  std::string key;
  const auto collect = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1)
      key = value.get<std::string>();
    if (event == Json::parse_event_t::object_end && depth == 1) {
      if (key == "header")
        parsed.header = value;
      if (key == "section_header")
        parsed.sections.push_back(value);
    }
    return true;
  };
  const Json json = Json::parse(begin, end, collect, /*allow_exceptions=*/false);
  return json.is_discarded() ? std::nullopt : std::optional(parsed);
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string()
             ? found->get<std::string>()
             : std::string();
}

std::optional<uint64_t> number_of(const Json& object, const char* key) {
  std::string text = text_of(object, key);
  const bool hex = text.starts_with("0x");
  const char* begin = text.data() + (hex ? 2 : 0);
  uint64_t value = 0;
  const auto [end, problem] =
      std::from_chars(begin, text.data() + text.size(), value, hex ? 16 : 10);
  return problem == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

}  // namespace

std::string mirror_text(const ContainerHeader& header, std::span<const Placed> sections) {
  const Json version{{"major", "1"}, {"minor", "0"}, {"patch", "0"}};
  std::string text = fmt::format("{}{{\"schema_version\":{},\"header\":{}", kMirrorBegin,
                                 dump(version), dump(header_json(header)));
  for (const Placed& place : sections)
    text += ",\"section_header\":" + dump(section_json(place));
  return text + fmt::format("}}{}", kMirrorEnd);
}

std::vector<std::string> mirror_findings(View tail, const ContainerHeader& header,
                                         std::span<const Placed> sections) {
  const std::optional<Parsed> parsed = parse(tail);
  if (!parsed)
    return {"mirror: it cannot be read"};
  std::vector<std::string> findings;
  std::string uuid = text_of(parsed->header, "XclBinUUID");
  std::erase(uuid, '-');
  if (uuid != hex_digits(header.uuid.bytes))
    findings.push_back(fmt::format("mirror: uuid {} is not that of the container", uuid));
  if (parsed->sections.size() != sections.size())
    findings.push_back(fmt::format("mirror: {} sections, the container has {}",
                                   parsed->sections.size(), sections.size()));
  for (size_t i = 0; i < std::min(parsed->sections.size(), sections.size()); ++i) {
    const Json& said = parsed->sections[i];
    const Section& section = *sections[i].section;
    if (number_of(said, "Kind") != static_cast<uint32_t>(section.kind) ||
        text_of(said, "Name") != section.name || number_of(said, "Offset") != sections[i].offset ||
        number_of(said, "Size") != section.bytes.size())
      findings.push_back(
          fmt::format("mirror: section {} is not {} as it is", i, to_string(section.kind)));
  }
  return findings;
}

}  // namespace npu::xclbin
