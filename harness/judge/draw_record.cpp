// commitment.json and draw.json. Both are written in one form only, so that a hash of the file is a hash of its
// meaning, and read by making everything in them again.
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/error.hpp"
#include "harness/base/hash.hpp"
#include "harness/base/text.hpp"
#include "harness/contract/calendar.hpp"
#include "harness/evidence/json_reader.hpp"
#include "harness/evidence/json_writer.hpp"
#include "harness/judge/draw.hpp"

namespace geomsu {
namespace {

constexpr std::string_view kCommitmentSchema = "geomsu-commitment-1", kDrawSchema = "geomsu-draw-1";

[[noreturn]] void refuse(const std::string& where, std::string message) {
  throw Error(ErrorCode::kBadData, std::move(message), where,
              "take the file as `geomsu draw` wrote it; one that was changed proves nothing");
}

void write(JsonWriter& json, const DrawCommitment& commitment) {
  json.begin_object()
      .text("schema", kCommitmentSchema)
      .text("contract", commitment.contract)
      .text("tranche", commitment.tranche)
      .text("plan", commitment.plan)
      .count("lot_size", std::uint64_t{commitment.items.size()})
      .count("sample_size", std::uint64_t{commitment.sample_size})
      .text("delivered", commitment.delivered)
      .text("secret_sha256", commitment.secret_sha256)
      .text("list_sha256", commitment.list_sha256)
      .texts("items", commitment.items)
      .end_object();
}

void need_schema(JsonObject& object, std::string_view wanted, const std::string& where) {
  const std::string schema = object.text("schema");
  if (schema != wanted) refuse(where, fmt::format("its schema is '{}' and not {}", escape_terminal(schema), wanted));
}

DrawCommitment read_commitment(JsonObject& object, const std::string& where) {
  need_schema(object, kCommitmentSchema, where);
  DrawCommitment commitment;
  commitment.contract = object.text("contract");
  commitment.tranche = object.text("tranche");
  commitment.plan = object.text("plan");
  const std::uint64_t lot_size = object.count("lot_size");
  commitment.sample_size = object.count32("sample_size");
  commitment.delivered = object.text("delivered");
  commitment.secret_sha256 = object.text("secret_sha256");
  commitment.list_sha256 = object.text("list_sha256");
  commitment.items = object.texts("items");
  object.finish();
  const auto& items = commitment.items;
  if (std::adjacent_find(items.begin(), items.end(), std::greater_equal<>()) != items.end())
    refuse(where, "its items are not sorted, or one stands twice");
  if (lot_size != items.size())
    refuse(where, fmt::format("lot_size is {} and {} items are listed", lot_size, items.size()));
  if (commitment.list_sha256 != list_sha256(items))
    refuse(where, fmt::format("the list was changed: its hash is {} and list_sha256 says {}", list_sha256(items),
                              escape_terminal(commitment.list_sha256)));
  if (commitment.sample_size == 0 || commitment.sample_size > items.size())
    refuse(where, fmt::format("{} cannot be drawn from {} items", commitment.sample_size, items.size()));
  if (!parse_date(commitment.delivered)) refuse(where, "'delivered' is no day");
  return commitment;
}

}  // namespace

std::string commitment_json(const DrawCommitment& commitment) {
  JsonWriter json(JsonWriter::Layout::kIndented);
  write(json, commitment);
  return json.str() + "\n";
}

std::string draw_json(const Draw& draw) {
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.begin_object().text("schema", kDrawSchema).key("commitment");
  write(json, draw.commitment);
  json.text("commitment_sha256", draw.commitment_sha256)
      .text("secret", draw.secret)
      .text("nonce", draw.nonce)
      .text("public", draw.public_value)
      .text("public_date", draw.public_date)
      .text("seed", draw.seed)
      .texts("drawn", draw.drawn)
      .end_object();
  return json.str() + "\n";
}

DrawCommitment parse_commitment(std::string_view bytes, const std::string& where) {
  const JsonDocument document(bytes, where);
  JsonObject root = document.root();
  DrawCommitment commitment = read_commitment(root, where);
  if (commitment_json(commitment) != bytes)
    refuse(where, "it is not as it was written: its hash would not be the one that both sides hold");
  return commitment;
}

Draw parse_draw(std::string_view bytes, const std::string& where) {
  const JsonDocument document(bytes, where);
  JsonObject root = document.root();
  need_schema(root, kDrawSchema, where);
  JsonObject inner = root.object("commitment");
  const DrawCommitment commitment = read_commitment(inner, where);
  const std::string commitment_sha256 = root.text("commitment_sha256"), secret = root.text("secret"),
                    nonce = root.text("nonce"), public_value = root.text("public"),
                    public_date = root.text("public_date"), seed = root.text("seed");
  const std::vector<std::string> drawn = root.texts("drawn");
  root.finish();
  Draw draw;
  try {
    draw = open_draw(commitment, secret, nonce, public_value, public_date);
  } catch (const Error& error) {
    throw Error(error.code(), error.message(), where, error.next());
  }
  if (draw.commitment_sha256 != commitment_sha256)
    refuse(where, fmt::format("the commitment's hash is {} and commitment_sha256 says {}", draw.commitment_sha256,
                              escape_terminal(commitment_sha256)));
  if (draw.seed != seed)
    refuse(where, fmt::format("the seed is {} and the file says {}", draw.seed, escape_terminal(seed)));
  if (draw.drawn != drawn) refuse(where, "the items that its seed draws are not those that it lists");
  return draw;
}

}  // namespace geomsu
