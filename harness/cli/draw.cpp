// geomsu draw: who of a lot is looked at. The plan before delivery, the commitment after it, the draw when the secret
// is opened, and the draw made again by whoever doubts it.
#include "harness/judge/draw.hpp"

#include <cerrno>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/error.hpp"
#include "harness/base/files.hpp"
#include "harness/base/hash.hpp"
#include "harness/base/text.hpp"
#include "harness/cli/inputs.hpp"
#include "harness/cli/json_text.hpp"
#include "harness/cli/table.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/evidence/bundle_dir.hpp"
#include "harness/judge/planned_lot.hpp"

namespace geomsu::cli {
namespace {

struct Words {
  std::string action, file, out, delivered, new_secret, secret, nonce, public_value, public_date;
  bool csv = false;
};

[[noreturn]] void wrong_usage(std::string message) {
  throw Error(ErrorCode::kUsage, std::move(message), "geomsu draw", "geomsu draw --help shows each step");
}

void need(const std::string& value, const char* name, const Words& words) {
  if (value.empty()) wrong_usage(fmt::format("'draw {}' wants {}", words.action, name));
}

// What binds the two sides is written once: a second one would be a second chance.
void write_once(Console& console, const std::string& path, const std::string& bytes) {
  if (path.empty()) {
    console.out(bytes);
    return;
  }
  if (std::filesystem::exists(std::filesystem::symlink_status(path))) {
    throw Error(ErrorCode::kCannotCreate, "is there already, and is not written over", path,
                "keep it, or name another file with -o");
  }
  write_file_atomic(path, bytes);
}

// O_EXCL and 0600 from the first instant: nobody else may know it before it is opened.
std::string write_new_secret(const std::string& path) {
  const std::string digits = to_hex(random_secret()), text = digits + "\n";
  const Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd.get() < 0) {
    throw Error(ErrorCode::kCannotCreate, "the secret cannot be created: " + std::generic_category().message(errno),
                path, "name a file that is not there yet");
  }
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(fd.get()) != 0) {
    const int error = errno;
    ::unlink(path.c_str());
    throw Error(ErrorCode::kIo, "the secret cannot be written: " + std::generic_category().message(error), path);
  }
  return sha256_hex(digits);
}

std::string read_secret_digits(const std::string& path) {
  std::string text = read_file(path, 1024);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

int new_secret(Console& console, const std::string& path) {
  const std::string hash = write_new_secret(path);
  if (console.json()) {
    console.out(JsonObject().text("secret", path).text("secret_sha256", hash).str() + "\n");
    return 0;
  }
  console.out(fmt::format("secret_sha256: {}\n", hash));
  console.out(
      wrap_words(fmt::format("next: write this line under `sampling:` of the contract before delivery, and show "
                             "nobody {} before the commitment is with both sides",
                             path),
                 console.columns()));
  return 0;
}

int commit(Context& context, const Words& words) {
  if (!words.new_secret.empty()) return new_secret(context.console, words.new_secret);
  need(words.file, "the contract", words);
  const ContractInput input = read_good_contract(words.file, Search(context.search));
  const DrawCommitment made = commit_draw(*input.contract.value, words.delivered);
  const std::string bytes = commitment_json(made);
  write_once(context.console, words.out, bytes);
  if (words.out.empty() || context.console.json()) return 0;
  const int columns = context.console.columns();
  context.console.out(wrap_words(made.plan, columns));
  context.console.out(fmt::format("list_sha256 {}\nsha256 of {} {}\n", made.list_sha256, escape_terminal(words.out),
                                  sha256_hex(bytes)));
  context.console.out(wrap_words(
      fmt::format("next: give both sides this file or its hash; take the supplier's nonce; then, with a value "
                  "that becomes public after {}: geomsu draw open {} --secret FILE --nonce TEXT --public VALUE "
                  "--public-date DATE -o draw.json",
                  made.delivered, shell_quote(words.out)),
      columns));
  return 0;
}

void show_draw(Console& console, const Draw& draw) {
  if (console.json()) {
    std::vector<std::string> drawn;
    for (const std::string& item : draw.drawn) drawn.push_back(json_quote(item));
    console.out(JsonObject()
                    .text("contract", draw.commitment.contract)
                    .text("tranche", draw.commitment.tranche)
                    .text("plan", draw.commitment.plan)
                    .text("list_sha256", draw.commitment.list_sha256)
                    .text("commitment_sha256", draw.commitment_sha256)
                    .text("seed", draw.seed)
                    .raw("drawn", json_array(drawn))
                    .str() +
                "\n");
    return;
  }
  console.out(wrap_words(draw.commitment.plan, console.columns()));
  console.out(fmt::format("list {}\nseed {}\n", draw.commitment.list_sha256, draw.seed));
  for (std::size_t i = 0; i < draw.drawn.size(); ++i)
    console.out(fmt::format("{:>6}  {}\n", i + 1, escape_terminal(draw.drawn[i])));
}

int open(Context& context, const Words& words) {
  need(words.file, "the commitment", words);
  need(words.secret, "--secret", words);
  need(words.nonce, "--nonce", words);
  need(words.public_value, "--public", words);
  need(words.public_date, "--public-date", words);
  const DrawCommitment made = parse_commitment(read_file(words.file), words.file);
  const Draw draw =
      open_draw(made, read_secret_digits(words.secret), words.nonce, words.public_value, words.public_date);
  write_once(context.console, words.out, draw_json(draw));
  if (!words.out.empty()) show_draw(context.console, draw);
  return 0;
}

int show(Context& context, const Words& words) {
  need(words.file, "the draw", words);
  show_draw(context.console, parse_draw(read_file(words.file), words.file));
  return 0;
}

std::string csv_text(const PlannedLot& lot) {
  std::string text = "nonconforming,share,accepted,expected_items\n";
  for (const stats::CharacteristicPoint& point : lot.characteristic)
    text += fmt::format("{},{},{},{}\n", point.nonconforming,
                        shortest(stats::twelve_digits(static_cast<double>(point.nonconforming) / lot.lot_size())),
                        shortest(point.accepted), point.expected ? shortest(*point.expected) : "");
  return text;
}

std::string table_text(const PlannedLot& lot, int columns) {
  const bool expected = lot.sequential.has_value();
  std::vector<std::string> titles{"nonconforming", "share", "accepted with"};
  if (expected) titles.emplace_back("nodes looked at");
  TextTable table(titles, std::vector<bool>(titles.size(), true));
  for (const stats::CharacteristicPoint& point : lot.characteristic) {
    std::vector<std::string> cells{std::to_string(point.nonconforming),
                                   fmt::format("{:.2f} %", 100.0 * point.nonconforming / lot.lot_size()),
                                   fmt::format("{:.4f}", point.accepted)};
    if (point.expected) cells.push_back(fmt::format("{:.1f}", *point.expected));
    table.row(std::move(cells));
  }
  return table.str(columns);
}

std::string plan_document(const PlannedLot& lot) {
  std::vector<std::string> points, notes;
  for (const stats::CharacteristicPoint& point : lot.characteristic) {
    JsonObject object;
    object.number("nonconforming", point.nonconforming).raw("accepted", shortest(point.accepted));
    if (point.expected) object.raw("expected_items", shortest(*point.expected));
    points.push_back(object.str());
  }
  for (const std::string& note : lot.notes) notes.push_back(json_quote(note));
  return JsonObject()
             .text("kind", to_string(lot.kind))
             .text("plan", lot.plan)
             .number("lot_size", lot.lot_size())
             .number("sample_size", lot.sample_size)
             .boolean("draws", lot.draws)
             .raw("acceptance_number", lot.acceptance_number ? std::to_string(*lot.acceptance_number) : "null")
             .raw("characteristic", json_array(points))
             .raw("notes", json_array(notes))
             .str() +
         "\n";
}

int plan(Context& context, const Words& words) {
  need(words.file, "the contract", words);
  const ContractInput input = read_good_contract(words.file, Search(context.search));
  const PlannedLot lot = plan_lot(*input.contract.value);
  if (!lot.refused.empty())
    throw Error(ErrorCode::kBadData, lot.refused, input.contract.path, "correct the contract's `sampling:`");
  Console& console = context.console;
  if (console.json()) {
    console.out(plan_document(lot));
  } else if (words.csv) {
    console.out(csv_text(lot));
  } else {
    console.out(wrap_words(lot.plan, console.columns()));
    for (const std::string& note : lot.notes) console.out(wrap_words("- " + note, console.columns()));
    console.out("\n" + table_text(lot, console.columns()));
  }
  return 0;
}

int act(const Words& words, Context& context) {
  if (words.action == "plan") return plan(context, words);
  if (words.action == "commit") return commit(context, words);
  if (words.action == "open") return open(context, words);
  if (words.action == "show") return show(context, words);
  const std::string near = closest(words.action, {"plan", "commit", "open", "show"});
  wrong_usage(fmt::format("there is no step '{}'{}; there are plan, commit, open and show",
                          escape_terminal(words.action),
                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

}  // namespace

Action declare_draw(Options& take) {
  const auto words = std::make_shared<Words>();
  take.text("STEP", words->action, "plan, commit, open or show", true);
  take.text("FILE", words->file, "Contract (plan, commit), commitment (open) or draw (show)");
  take.text("-o,--output", words->out, "Write the commitment or the draw here (stdout); never over a file");
  take.text("--new-secret", words->new_secret, "commit: make the buyer's secret in this file and print its hash");
  take.text("--delivered", words->delivered, "commit: day of delivery, YYYY-MM-DD (the day that the tranche is due)");
  take.text("--secret", words->secret, "open: file with the buyer's secret");
  take.text("--nonce", words->nonce, "open: what the supplier adds");
  take.text("--public", words->public_value, "open: a value that became public after delivery");
  take.text("--public-date", words->public_date, "open: on this day, YYYY-MM-DD");
  take.flag("--csv", words->csv, "plan: the operating characteristic as CSV");
  return [words](Context& context) { return act(*words, context); };
}

}  // namespace geomsu::cli
