// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <nlohmann/json.hpp>

#include "cli/settings.h"
#include "cli/sweep_row.h"

namespace npu::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kDialect = "https://json-schema.org/draft/2020-12/schema";

ordered_json object() {
  return {
      {"type", "object"}, {"additionalProperties", false}, {"properties", ordered_json::object()}};
}

/// The place in a schema of objects that a dotted path names; objects are made on the way.
ordered_json& at(ordered_json& root, std::string_view path) {
  const size_t dot = path.find('.');
  ordered_json& child = root["properties"][std::string(path.substr(0, dot))];
  if (dot == std::string_view::npos)
    return child;
  if (child.is_null())
    child = object();
  return at(child, path.substr(dot + 1));
}

ordered_json schema_of(const Key& key) {
  ordered_json json{{"description", key.sentence}};
  if (key.kind == Key::Kind::Choice) {
    json["enum"] = key.choices;
  } else if (key.kind == Key::Kind::Words) {
    json["oneOf"] = {{{"enum", key.choices}},
                     {{"type", "array"}, {"items", {{"enum", key.choices}}}}};
  } else if (key.kind == Key::Kind::Files) {
    json["type"] = "object";
    json["additionalProperties"] = {{"type", "string"}};
  } else if (key.kind == Key::Kind::Counts) {
    json["type"] = "object";
    json["additionalProperties"] = {
        {"type", "integer"}, {"minimum", key.low}, {"maximum", key.high}};
  } else if (key.kind == Key::Kind::Text) {
    json["type"] = "string";
  } else if (key.kind == Key::Kind::Number) {
    json["type"] = "number";
  } else {
    json["type"] = "integer";
    json["minimum"] = key.low;
    json["maximum"] = key.high;
  }
  return json;
}

std::string dump(const ordered_json& json) {
  return json.dump(2) + "\n";
}

/// A number with its origin; `value` is the schema of the number itself.
ordered_json number(std::string_view sentence, ordered_json value) {
  ordered_json json = object();
  json["description"] = sentence;
  json["properties"] = {{"value", std::move(value)},
                        {"origin", {{"enum", {"assumed", "manual", "measured"}}}},
                        {"source", {{"type", "string"}, {"minLength", 1}}}};
  json["required"] = {"value", "origin", "source"};
  return json;
}

ordered_json device_names() {
  ordered_json names = ordered_json::array();
  for (const config::BuiltinFile& file : config::builtin_files())
    names.push_back(file.name);
  return names;
}

ordered_json kernels() {
  ordered_json row = object();
  ordered_json types = ordered_json::array();
  for (const arch::TypeRow& type : arch::kMatrixTypes)
    types.push_back(type.name);
  row["properties"] = {{"op", {{"enum", config::kernel_operations()}}},
                       {"a", {{"enum", types}}},
                       {"c", {{"enum", types}}}};
  row["required"] = {"op", "a", "c"};
  for (const config::KernelParameterRow& parameter : config::kernel_parameters()) {
    row["properties"][std::string(parameter.key)] =
        number(parameter.sentence,
               {{"type", "number"}, {"minimum", parameter.low}, {"maximum", parameter.high}});
    row["required"].push_back(parameter.key);
  }
  return {{"description", "cycles of kernels: setup + work / rate + blocks of C * per_block"},
          {"type", "array"},
          {"items", row}};
}

ordered_json device() {
  ordered_json root = object();
  root["properties"]["name"] = {
      {"description", "the device whose built-in numbers hold where none is given"},
      {"enum", device_names()}};
  for (const config::ParameterRow& row : config::parameters())
    at(root, row.path) = number(row.sentence, {{"type", {"number", "string"}}});
  root["properties"]["kernels"] = kernels();
  root["required"] = {"name"};
  return root;
}

/// What a problem must have, by its kernel; without one it is the first.
ordered_json required_of_each_kernel() {
  constexpr std::string_view kSection = "problem.";
  ordered_json kinds = ordered_json::array();
  for (size_t i = 0; i < kernel_names().size(); ++i) {
    ordered_json kind{{"properties", {{"kernel", {{"const", kernel_names()[i]}}}}},
                      {"required", ordered_json::array()}};
    if (i > 0)
      kind["required"].push_back("kernel");
    for (const Key& key : keys())
      if (key.required && static_cast<size_t>(key.of.front()) == i)
        kind["required"].push_back(key.path.substr(kSection.size()));
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

/// Hardware contexts and their runs, each a problem or files.
ordered_json contexts(const ordered_json& root) {
  const auto text = [](std::string_view sentence) {
    return ordered_json{{"description", sentence}, {"type", "string"}};
  };
  const auto files = [](std::string_view sentence) {
    return ordered_json{{"description", sentence},
                        {"type", "object"},
                        {"additionalProperties", {{"type", "string"}}}};
  };
  ordered_json run = object();
  run["properties"] = {
      {"name", text("for reports; each once")},
      {"times", {{"description", "dispatches"}, {"type", "integer"}, {"minimum", 1}}},
      {"problem", root["properties"]["problem"]},
      {"compiler", root["properties"]["compiler"]},
      {"xclbin", text("a container instead of a problem")},
      {"kernel", text("of a container with several")},
      {"insts", text("its instruction stream")},
      {"arg", files("contents of arguments, by number: files or expressions")},
      {"out", files("where arguments go, by number")},
      {"expect", files("what arguments should be, by number: files or expressions")}};
  ordered_json context = object();
  context["properties"] = {{"name", text("for errors; each once")},
                           {"columns", root["properties"]["columns"]},
                           {"start", root["properties"]["start"]},
                           {"runs",
                            {{"description", "kernels, one after another"},
                             {"type", "array"},
                             {"minItems", 1},
                             {"items", run}}}};
  context["required"] = {"runs"};
  return {{"description", "hardware contexts that run at the same time"},
          {"type", "array"},
          {"minItems", 1},
          {"items", context}};
}

ordered_json text(std::string_view sentence) {
  return {{"description", sentence}, {"type", "string"}};
}

ordered_json outcome() {
  return {{"enum", kRowEnds}};
}

/// What a row of a sweep should come to.
ordered_json expectation() {
  ordered_json both = object();
  both["properties"] = {{"outcome", outcome()}, {"text", text("what the cause holds")}};
  return {{"description", "what a row should come to"}, {"oneOf", {outcome(), both}}};
}

ordered_json question() {
  ordered_json find = object();
  find["description"] = "the smallest value of a key with which a row comes to something";
  find["properties"] = {
      {"smallest",
       {{"description", "a key, or several that get the same value"},
        {"oneOf", {{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}}}}},
      {"from", {{"type", "integer"}, {"minimum", 0}}},
      {"to", {{"type", "integer"}, {"minimum", 0}}},
      {"that", outcome()},
      {"by", {{"enum", {"bisection", "scan"}}}}};
  find["required"] = {"smallest", "from", "to"};
  return find;
}

/// Keys of a sim file, each with a value or a list of values. Maps of keys, and those of a device,
/// are allowed as well.
ordered_json variations() {
  const auto either = [](ordered_json one) -> ordered_json {
    ordered_json list{{"type", "array"}, {"minItems", 1}, {"items", one}};
    return {{"oneOf", {std::move(one), std::move(list)}}};
  };
  ordered_json properties;
  properties["shape"] = either(text("m, k and n: 512x512x640"));
  properties["types"] = either(text("of a, b and c: bf16 bf16 f32"));
  properties["herd"] = either(text("columns and rows: 4x2"));
  for (const Key& key : keys())
    properties[key.path] = either(schema_of(key));
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

}  // namespace

std::string schema() {
  ordered_json root = object();
  ordered_json names{{"description", "a built-in device, or a device file"}, {"type", "string"}};
  names["examples"] = device_names();
  root["properties"]["device"] = {{"oneOf", {names, device()}}};
  for (const Key& key : keys()) {
    at(root, key.path) = schema_of(key);
  }
  root["properties"]["problem"]["oneOf"] = required_of_each_kernel();
  ordered_json file{{"description", "a file with a `problem`"}, {"type", "string"}};
  ordered_json inner = std::move(root["properties"]["problem"]);
  root["properties"]["problem"] = {{"oneOf", {file, inner}}};
  root["properties"]["contexts"] = contexts(root);
  ordered_json whole{{"$schema", kDialect}, {"title", "airlock sim or problem file"}};
  whole.update(root);
  return dump(whole);
}

std::string device_schema() {
  ordered_json whole{{"$schema", kDialect}, {"title", "airlock device file"}};
  whole.update(device());
  return dump(whole);
}

std::string sweep_schema() {
  ordered_json whole{{"$schema", kDialect}, {"title", "airlock sweep file"}};
  whole.update(object());
  ordered_json row = variations();
  row["properties"]["expect"] = expectation();
  row["properties"]["find"] = question();
  ordered_json counts = object();
  counts["description"] = "how many rows of the whole file should end so";
  for (const std::string_view end : kRowEnds)
    counts["properties"][std::string(end)] = {{"type", "integer"}, {"minimum", 0}};
  ordered_json& properties = whole["properties"];
  properties["title"] = text("a line for people");
  properties["base"] = {{"description", "what all rows share: the name of a sim file, or its keys"},
                        {"type", {"string", "object"}}};
  properties["rows"] = {{"type", "array"}, {"items", row}};
  properties["vary"] = variations();
  properties["expect"] = expectation();
  properties["counts"] = counts;
  properties["timeout"] = {{"description", "seconds for one run"}, {"type", "number"}};
  properties["find"] = question();
  properties["traffic"] = {{"description", "show the bytes of each hop"}, {"type", "boolean"}};
  return dump(whole);
}

}  // namespace npu::cli
