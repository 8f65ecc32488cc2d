// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/build_cache.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include <elf.h>
#include <link.h>

#include "cli/version.h"
#include "xclbin/file.h"
#include "xclbin/uuid.h"

namespace npu::cli {

using xclbin::Bytes;
using xclbin::View;

namespace {

constexpr uint64_t kMagic = 0x3130'656B'6361'4C41;  // "ALcake01"

View view(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Tells a file that is whole from one that is not; eight bytes a step, for there are megabytes.
uint64_t digest_of(View bytes) {
  constexpr uint64_t kPrime = 0x9E37'79B9'7F4A'7C15;
  uint64_t hash = bytes.size();
  for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  }
  return hash;
}

/// The note with the build id in a segment of notes, as hexadecimal digits.
std::string build_id(View notes) {
  xclbin::Reader reader(notes, "notes");
  while (reader.left() >= 3 * sizeof(uint32_t)) {
    const uint32_t name = reader.u32("name");
    const uint32_t size = reader.u32("size");
    const uint32_t type = reader.u32("type");
    const auto aligned = [](uint32_t n) { return (n + 3) / 4 * 4; };
    reader.skip(aligned(name), "name");
    const View content = reader.bytes(aligned(size), "note");
    std::string digits;
    for (const uint8_t byte : content.first(size))
      digits += fmt::format("{:02x}", byte);
    if (type == NT_GNU_BUILD_ID && name == 4)
      return digits;
  }
  return {};
}

/// Called for each object of the process; the program itself comes first.
int read_build_id(dl_phdr_info* object, size_t, void* result) {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE)
      continue;
    const auto* notes = reinterpret_cast<const uint8_t*>(object->dlpi_addr + segment.p_vaddr);
    const std::string id = build_id(View(notes, segment.p_memsz));
    if (!id.empty())
      *static_cast<std::string*>(result) = id;
  }
  return 1;
}

Bytes read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file)
    return {};
  Bytes bytes(static_cast<size_t>(std::max<std::streamoff>(file.tellg(), 0)));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return file ? bytes : Bytes{};
}

/// What a file holds for a key; throws Error when it is not whole. Another key with the same hash
/// is nothing.
std::optional<Bytes> content_of(View file, std::string_view key) {
  xclbin::Reader reader(file, "cache");
  if (reader.u64("magic") != kMagic)
    throw Error("cache: not of this program");
  const uint64_t digest = reader.u64("digest");
  if (digest != digest_of(file.subspan(reader.position())))
    throw Error("cache: the digest differs");
  const View text = reader.bytes(reader.u64("size of the key"), "key");
  if (!std::ranges::equal(text, view(key)))
    return std::nullopt;
  const View content = reader.bytes(reader.left(), "content");
  return Bytes(content.begin(), content.end());
}

/// Whether a file is where `file_of` would put it: `13/13b127bd-1e26-8238-9d04-c83ea4322640`.
bool is_ours(const std::filesystem::path& path) {
  const std::string name = path.filename();
  constexpr size_t kUuid = 36;
  return name.size() == kUuid && path.parent_path().filename() == name.substr(0, 2) &&
         name.find_first_not_of("0123456789abcdef-") == std::string::npos;
}

}  // namespace

std::string program_identity() {
  std::string id;
  dl_iterate_phdr(read_build_id, &id);
  return fmt::format("{} {}", kVersion, id);
}

std::filesystem::path default_cache() {
  const auto known = [](const char* path) { return path != nullptr && *path == '/'; };
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (known(cache))
    return std::filesystem::path(cache) / "airlock";
  const char* home = std::getenv("HOME");
  return known(home) ? std::filesystem::path(home) / ".cache" / "airlock" : std::filesystem::path();
}

std::filesystem::path BuildCache::file_of(std::string_view key) const {
  const std::string name = to_string(xclbin::uuid_of({view(key)}));
  return directory_ / name.substr(0, 2) / name;
}

std::optional<Bytes> BuildCache::find(std::string_view key) {
  if (directory_.empty())
    return std::nullopt;
  const std::filesystem::path path = file_of(key);
  std::error_code problem;
  if (!std::filesystem::exists(path, problem))
    return std::nullopt;
  try {
    std::optional<Bytes> content = content_of(read_whole(path), key);
    std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now(), problem);
    return content;
  } catch (const Error&) {
    ++damaged_;
    return std::nullopt;
  }
}

void BuildCache::store(std::string_view key, View content) {
  if (directory_.empty())
    return;
  xclbin::Writer rest;
  rest.u64(key.size());
  rest.bytes(view(key));
  rest.bytes(content);
  const Bytes bytes = rest.take();
  xclbin::Writer file;
  file.u64(kMagic);
  file.u64(digest_of(bytes));
  file.bytes(bytes);
  const std::filesystem::path path = file_of(key);
  std::error_code problem;
  std::filesystem::create_directories(path.parent_path(), problem);
  try {
    xclbin::write_file(path, file.take());
  } catch (const Error& error) {
    const std::lock_guard lock(mutex_);
    if (trouble_.empty())
      trouble_ = error.what();
  }
}

size_t BuildCache::prune(uint64_t bytes) {
  namespace fs = std::filesystem;
  struct Kept {
    fs::file_time_type used;
    fs::path path;
    uint64_t size;
  };
  std::vector<Kept> files;
  uint64_t all = 0;
  std::error_code problem;
  for (fs::recursive_directory_iterator at(directory_, problem), end; !problem && at != end;
       at.increment(problem)) {
    std::error_code gone;
    if (!is_ours(at->path()) || !at->is_regular_file(gone))
      continue;
    const Kept file{at->last_write_time(gone), at->path(), at->file_size(gone)};
    if (!gone) {
      files.push_back(file);
      all += file.size;
    }
  }
  std::ranges::sort(files, {}, &Kept::used);
  size_t removed = 0;
  for (auto file = files.begin(); all > bytes && file != files.end(); ++file, ++removed) {
    fs::remove(file->path, problem);
    all -= file->size;
  }
  return removed;
}

std::string BuildCache::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace npu::cli
