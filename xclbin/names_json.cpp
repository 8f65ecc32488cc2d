// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xclbin/names_json.h"

#include "xclbin/json.h"

namespace npu::xclbin {

namespace {

constexpr const char* kMark = "airlock_names";
constexpr int kVersion = 1;

// One description of every kind of name, written and read by the same function: `io` takes a key
// and the member.
class Out {
 public:
  template <typename T>
  void operator()(const char* key, const T& value) {
    json_[key] = value;
  }
  void operator()(const char* key, const arch::Coord& tile) {
    json_[key] = Json::array({tile.col, tile.row});
  }
  void operator()(const char* key, const arch::Direction& direction) {
    json_[key] = static_cast<int>(direction);
  }
  Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

class In {
 public:
  explicit In(const Json& json) : json_(json) {}
  template <typename T>
  void operator()(const char* key, T& value) {
    if (json_.contains(key))
      value = json_.at(key).get<T>();
  }
  void operator()(const char* key, arch::Coord& tile) {
    const Json& pair = json_.at(key);
    tile = {pair.at(0).get<uint8_t>(), pair.at(1).get<uint8_t>()};
  }
  void operator()(const char* key, arch::Direction& direction) {
    direction = json_.at(key).get<int>() == 0 ? arch::Direction::S2mm : arch::Direction::Mm2s;
  }

 private:
  const Json& json_;
};

template <typename Io, typename T>
requires std::is_same_v<std::remove_const_t<T>, arch::BufferName>
void fields(Io& io, T& b) {
  io("tile", b.tile);
  io("offset", b.offset);
  io("bytes", b.bytes);
  io("name", b.name);
  io("shape", b.shape);
  io("source", b.source);
}
template <typename Io, typename T>
requires std::is_same_v<std::remove_const_t<T>, arch::LockName>
void fields(Io& io, T& l) {
  io("tile", l.tile);
  io("lock", l.lock);
  io("initial", l.initial);
  io("name", l.name);
  io("source", l.source);
}
template <typename Io, typename T>
requires std::is_same_v<std::remove_const_t<T>, arch::FlowName>
void fields(Io& io, T& f) {
  io("tile", f.tile);
  io("direction", f.direction);
  io("channel", f.channel);
  io("name", f.name);
  io("source", f.source);
}
template <typename Io, typename T>
requires std::is_same_v<std::remove_const_t<T>, arch::KernelName>
void fields(Io& io, T& k) {
  io("tile", k.tile);
  io("name", k.name);
}
template <typename Io, typename T>
requires std::is_same_v<std::remove_const_t<T>, arch::ArgumentName>
void fields(Io& io, T& a) {
  io("index", a.index);
  io("name", a.name);
  io("bytes", a.bytes);
  io("type", a.type);
}

template <typename Row>
Json rows_json(const std::vector<Row>& rows) {
  Json json = Json::array();
  for (const Row& row : rows) {
    Out out;
    fields(out, row);
    json.push_back(out.take());
  }
  return json;
}

template <typename Row>
std::vector<Row> rows_of(const Json& json, const char* key) {
  std::vector<Row> rows;
  if (json.contains(key))
    for (const Json& row : json.at(key)) {
      In in(row);
      fields(in, rows.emplace_back());
    }
  return rows;
}

Json names_json(const arch::Names& names) {
  return {{"design", names.design},
          {"buffers", rows_json(names.buffers)},
          {"locks", rows_json(names.locks)},
          {"flows", rows_json(names.flows)},
          {"cores", rows_json(names.cores)},
          {"arguments", rows_json(names.arguments)},
          {"notes", names.notes}};
}

arch::Names names_of(const Json& json) {
  return {.design = json.value("design", std::string()),
          .buffers = rows_of<arch::BufferName>(json, "buffers"),
          .locks = rows_of<arch::LockName>(json, "locks"),
          .flows = rows_of<arch::FlowName>(json, "flows"),
          .cores = rows_of<arch::KernelName>(json, "cores"),
          .arguments = rows_of<arch::ArgumentName>(json, "arguments"),
          .notes = json.value("notes", std::vector<std::string>())};
}

}  // namespace

Bytes write_names(const KernelNames& names) {
  Json kernels = Json::object();
  for (const auto& [kernel, table] : names)
    kernels[kernel] = names_json(table);
  const std::string text = dump({{kMark, kVersion}, {"kernels", std::move(kernels)}});
  return Bytes(text.begin(), text.end());
}

KernelNames read_names(View text) {
  try {
    const Json json = Json::parse(text.begin(), text.end());
    if (json.at(kMark) != kVersion)
      throw Error("names: version {} is not known", dump(json.at(kMark))).hint("{}", kVersion);
    KernelNames names;
    for (const auto& [kernel, table] : json.at("kernels").items())
      names[kernel] = names_of(table);
    return names;
  } catch (const Json::exception& problem) {
    throw Error("names: {}", problem.what());
  }
}

bool is_names(View text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  return json.is_object() && json.contains(kMark);
}

}  // namespace npu::xclbin
