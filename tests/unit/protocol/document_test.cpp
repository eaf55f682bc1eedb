// PROTOCOL.md promises the lines that the codec writes: its examples are the golden lines of every message.
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/files.hpp"
#include "harness/protocol/codec.hpp"
#include "tests/unit/protocol/samples.hpp"

namespace geomsu::protocol {
namespace {

// The lines of fenced blocks, by what stands behind the fence: "request", "result open", "notification", "error" ...
std::map<std::string, std::vector<std::string>> examples() {
  const std::string text = read_file(GEOMSU_SOURCE_DIR "/harness/protocol/PROTOCOL.md");
  std::map<std::string, std::vector<std::string>> found;
  std::string block;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("```")) {
      inside = !inside;
      block = line.substr(3);
    } else if (inside) {
      found[block].push_back(line);
    }
  }
  return found;
}

TEST(Document, ShowsEachRequestAsTheCodecWritesIt) {
  auto lines = examples()["request"];
  const auto samples = samples::requests();
  ASSERT_EQ(lines.size(), samples.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i], encode_request(static_cast<std::int64_t>(i + 1), samples[i]));
    const auto decoded = decode_request(lines[i]);
    ASSERT_TRUE(std::holds_alternative<IncomingRequest>(decoded)) << lines[i];
    EXPECT_EQ(std::get<IncomingRequest>(decoded).request.index(), i);
  }
}

TEST(Document, ShowsEachResultAsTheCodecWritesIt) {
  auto lines = examples()["result"];
  const auto samples = samples::results();
  ASSERT_EQ(lines.size(), samples.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto id = static_cast<std::int64_t>(i + 1);
    EXPECT_EQ(lines[i], encode_result(id, samples[i]));
    EXPECT_TRUE(std::holds_alternative<Reply>(decode_line(lines[i], i, id))) << lines[i];
  }
}

TEST(Document, ShowsEachNotificationAsTheCodecWritesIt) {
  auto lines = examples()["notification"];
  const auto samples = samples::notifications();
  ASSERT_EQ(lines.size(), samples.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i], encode_notification(samples[i]));
    EXPECT_TRUE(std::holds_alternative<Notification>(decode_line(lines[i], 0, 1))) << lines[i];
  }
}

TEST(Document, ShowsAnAnswerThatIsNotOkAndAnError) {
  auto all = examples();
  ASSERT_EQ(all["not ok"].size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Reply>(decode_line(all["not ok"][0], 3, 4)));
  ASSERT_EQ(all["error"].size(), 1u);
  EXPECT_EQ(all["error"][0], encode_error(5, {-32601, "unknown method 'dance'"}));
}

TEST(Document, NamesEveryStatusAndMethod) {
  const std::string text = read_file(GEOMSU_SOURCE_DIR "/harness/protocol/PROTOCOL.md");
  for (const Request& request : samples::requests()) {
    std::string heading("### ");
    heading += method(request);
    EXPECT_NE(text.find(heading), std::string::npos) << method(request);
  }
  for (const Status status : {Status::kOk, Status::kUnsupported, Status::kOutOfMemory, Status::kDeviceLost,
                              Status::kTimeout, Status::kError}) {
    std::string row("| `");
    row += to_string(status);
    row += "` |";
    EXPECT_NE(text.find(row), std::string::npos) << to_string(status);
  }
}

}  // namespace
}  // namespace geomsu::protocol
