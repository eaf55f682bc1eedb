#include "harness/evidence/manifest.hpp"

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/hash.hpp"
#include "harness/evidence/bundle.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/evidence/json_reader.hpp"
#include "harness/evidence/json_writer.hpp"

namespace geomsu {
namespace {

constexpr std::string_view kSelf = "  \"self_sha256\": \"";

std::string with_self(std::string head) {
  const std::string digest = sha256_hex(head);
  return std::move(head) + std::string(kSelf) + digest + "\"\n}\n";
}

[[noreturn]] void bad(const std::string& where, std::string message, std::string next = {}) {
  throw Error(ErrorCode::kBadData, std::move(message), where, std::move(next));
}

}  // namespace

const ManifestFile* Manifest::find(std::string_view name) const {
  for (const ManifestFile& file : files) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

std::string manifest_json(const Manifest& manifest) {
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.begin_object();
  json.integer("schema_major", std::int64_t{manifest.major}).integer("schema_minor", std::int64_t{manifest.minor});
  json.text("tool", manifest.tool).text("start", manifest.start).text("end", manifest.end);
  json.text("sealed", manifest.sealed).text("who", manifest.who).text("where", manifest.where);
  json.key("files").begin_array();
  for (const ManifestFile& file : manifest.files) {
    json.begin_object().text("name", file.name).text("sha256", file.sha256);
    json.count("bytes", file.bytes).count("rows", file.rows).end_object();
  }
  json.end_array();
  json.text("self_sha256", std::string_view());
  const std::string text = json.end_object().str();
  return with_self(text.substr(0, text.rfind(kSelf)));
}

Manifest parse_manifest(std::string_view text, const std::string& where) {
  // The version is read first: another major version may look different in every other way.
  const JsonDocument document(text, where);
  JsonObject root = document.root();
  Manifest manifest;
  const std::int64_t major = root.integer("schema_major"), minor = root.integer("schema_minor");
  if (major != kBundleSchemaMajor) {
    bad(where,
        fmt::format("is of schema version {}.{}, and this geomsu reads version {}", major, minor, kBundleSchemaMajor),
        "read it with a geomsu that knows that version");
  }
  if (minor < 0 || minor > 1'000'000) root.refuse("schema_minor", "must be an integer of 0 or more");
  manifest.major = static_cast<int>(major);
  manifest.minor = static_cast<int>(minor);
  const std::size_t self = text.rfind(kSelf);
  if (self == std::string_view::npos || with_self(std::string(text.substr(0, self))) != text) {
    bad(where, "is damaged: its bytes are not those that its last field was made of",
        "take the bundle from its source again");
  }
  manifest.tool = root.text("tool");
  manifest.start = root.text("start");
  manifest.end = root.text("end");
  manifest.sealed = root.text("sealed");
  manifest.who = root.text("who");
  manifest.where = root.text("where");
  for (JsonObject& entry : root.objects("files")) {
    ManifestFile file;
    file.name = entry.text("name");
    file.sha256 = entry.text("sha256");
    file.bytes = entry.count("bytes");
    file.rows = entry.maybe_count("rows");
    entry.finish();
    manifest.files.push_back(std::move(file));
  }
  root.text("self_sha256");
  root.finish();
  for (std::size_t i = 0; i < std::max(manifest.files.size(), kBundleFiles.size()); ++i) {
    const std::size_t list = i - std::min(i, kBundleFiles.size() - 1);
    const std::string wanted = list == 0           ? std::string(kBundleFiles[i])
                               : list <= kMaxLists ? list_file_name(list)
                                                   : "nothing more";
    const std::string_view got = i < manifest.files.size() ? std::string_view(manifest.files[i].name) : "nothing";
    if (wanted != got) root.refuse("files", fmt::format("entry {} must be {}", i, wanted));
  }
  return manifest;
}

}  // namespace geomsu
