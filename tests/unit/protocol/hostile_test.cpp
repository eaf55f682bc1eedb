// Lines from a worker that is broken or means harm: words, never a crash, never an exception.
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "harness/protocol/codec.hpp"
#include "kernels/ops/generator.hpp"
#include "tests/unit/protocol/samples.hpp"

namespace geomsu::protocol {
namespace {

constexpr std::size_t kDigest = 10, kMeasure = 5, kRead = 8, kDevices = 1;

std::string why(const std::string& line, std::size_t in_flight = kDigest, std::int64_t id = 1) {
  const auto decoded = decode_line(line, in_flight, id);
  const auto* bad = std::get_if<Malformed>(&decoded);
  return bad == nullptr ? "it was taken" : bad->why;
}
std::string result(const std::string& body) { return R"({"jsonrpc":"2.0","id":1,"result":)" + body + "}"; }

std::string request_error(const std::string& line) {
  const auto decoded = decode_request(line);
  const auto* bad = std::get_if<BadRequest>(&decoded);
  return bad == nullptr ? "it was taken" : std::to_string(bad->error.code) + " " + bad->error.message;
}
std::string request(const std::string& method, const std::string& params) {
  return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
}

#define EXPECT_WORDS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)

TEST(Hostile, LinesThatAreNoJsonAreNamed) {
  for (const char* line :
       {"", " ", "garbage", "{", "{\"a\":}", "nul", "\"open", "{}x", "[1,2", "\xEF\xBB\xBF", "{'a':1}", "{\"a\":1,}",
        "NaN", "{\"a\":NaN}", "{\"a\":0x10}", "{\"a\":01}", "{\"a\":\"\\x\"}", "}"}) {
    EXPECT_WORDS(why(line), "not JSON");
    EXPECT_WORDS(request_error(line), "-32700");
  }
}

TEST(Hostile, ValuesThatAreNoMessageAreNamed) {
  for (const char* line : {"[]", "1", "null", "\"text\"", "true", "[{}]"}) {
    EXPECT_WORDS(why(line), "must be an object");
    EXPECT_WORDS(request_error(line), "-32600");
  }
  EXPECT_WORDS(why("{}"), "jsonrpc");
  EXPECT_WORDS(why(R"({"jsonrpc":"1.0","id":1,"result":{}})"), "jsonrpc");
  EXPECT_WORDS(why(R"({"jsonrpc":2.0,"id":1,"result":{}})"), "jsonrpc");
  EXPECT_WORDS(why(R"({"jsonrpc":"2.0","id":1})"), "one of");
  EXPECT_WORDS(why(R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})"), "one of");
}

TEST(Hostile, DeepNestingIsRefusedBeforeItIsParsed) {
  for (const char open : {'[', '{'}) {
    const std::string deep = R"({"jsonrpc":"2.0","id":1,"result":)" + std::string(1'000'000, open);
    EXPECT_WORDS(why(deep), "nested deeper");
    EXPECT_WORDS(request_error(deep), "nested deeper");
  }
  // Brackets within text are text.
  EXPECT_EQ(
      why(result(R"({"status":"error","reason":")" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"}")),
      "it was taken");
}

TEST(Hostile, MillionsOfContainersAreRefusedBeforeTheyCostMemory) {
  std::string many = R"({"jsonrpc":"2.0","id":1,"result":{"status":"ok","digest":"1","x":[)";
  for (int i = 0; i < 100'000; ++i) many += "{},";
  EXPECT_WORDS(why(many + "{}]}}"), "more than 65536");
}

TEST(Hostile, ALineOverTheLimitIsRefused) {
  const std::string body = R"({"status":"error","reason":")" + std::string(20u << 20, 'x') + "\"}";
  EXPECT_WORDS(why(result(body)), "bytes long; at most 16777216");
  EXPECT_WORDS(request_error(request("hello", body)), "bytes long");
}

TEST(Hostile, InvalidUtf8IsRefused) {
  for (const char* bytes : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xC3", "\x80"}) {
    EXPECT_WORDS(why(result(std::string(R"({"status":"error","reason":")") + bytes + "\"}")), "not JSON");
  }
  EXPECT_WORDS(why(result(R"({"status":"error","reason":"\ud800"})")), "not JSON");
}

TEST(Hostile, AKeyThatStandsTwiceIsRefused) {
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":"1","digest":"2"})")), "'digest' stands twice");
  EXPECT_WORDS(why(R"({"jsonrpc":"2.0","id":1,"id":2,"result":{"status":"ok","digest":"1"}})"), "'id' stands twice");
  EXPECT_WORDS(request_error(request("prepare", R"({"op":"gemm","operand_sets":"1","params":{"m":"1","m":"2"}})")),
               "'m' stands twice");
  // One key in two objects is no repetition.
  EXPECT_EQ(why(result(R"({"status":"ok","spans":[{"first":"1","last":"2"},{"first":"1","last":"2"}],)"
                       R"("started_mono_ns":"1","worker_raw_ns":"1"})"),
                kMeasure),
            "it was taken");
}

TEST(Hostile, NumbersBeyondTheirTypeAreRefused) {
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":"18446744073709551616"})")), "64-bit");
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":"-1"})")), "64-bit");
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":"+1"})")), "64-bit");
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":" 1"})")), "64-bit");
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":"01"})")), "64-bit");
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":"1e3"})")), "64-bit");
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":""})")), "64-bit");
  EXPECT_WORDS(why(result(R"({"status":"ok","values":[1e999]})"), kRead), "not JSON");
  EXPECT_WORDS(why(result(R"({"status":"ok","sim_now_ns":"9223372036854775808","digest":"1"})")), "64-bit");
  for (const char* id : {"99999999999999999999999999", "1.5", "\"1\"", "null", "9223372036854775808", "{}"}) {
    EXPECT_WORDS(why(std::string(R"({"jsonrpc":"2.0","id":)") + id + R"(,"result":{"status":"ok","digest":"1"}})"),
                 "id");
  }
  EXPECT_WORDS(request_error(request("open", R"({"devices":[4294967296]})")), "-32602");
  EXPECT_WORDS(request_error(request("open", R"({"devices":[-1]})")), "-32602");
  EXPECT_WORDS(request_error(request("open", R"({"devices":[0.5]})")), "-32602");
}

TEST(Hostile, FieldsThatAreMissingOrMistypedAreNamedWithTheirPath) {
  EXPECT_WORDS(why(result(R"({"status":"ok"})")), "field 'result.digest' is missing");
  EXPECT_WORDS(why(result(R"({"digest":"1"})")), "field 'result.status' is missing");
  EXPECT_WORDS(why(result(R"({"status":"fine","digest":"1"})")), "one of ok, unsupported");
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":1})")), "such as \"42\", got number 1");
  EXPECT_WORDS(why(result(R"({"status":"ok","digest":null})")), "got null");
  EXPECT_WORDS(why(result(R"({"status":"timeout"})")), "without a reason");
  EXPECT_WORDS(why(result(R"({"status":"timeout","reason":""})")), "without a reason");
  EXPECT_WORDS(
      why(result(R"({"status":"ok","spans":[{"first":"1"}],"started_mono_ns":"1","worker_raw_ns":"1"})"), kMeasure),
      "field 'result.spans[0].last' is missing");
  EXPECT_WORDS(why(result(R"({"status":"ok","spans":[[]],"started_mono_ns":"1","worker_raw_ns":"1"})"), kMeasure),
               "result.spans[0] must be an object, got array");
  EXPECT_WORDS(why(result(R"({"status":"ok","devices":{}})"), kDevices), "must be an array of objects");
  EXPECT_WORDS(why(result(R"({"status":"ok","values":["1"]})"), kRead), "array of numbers");
  EXPECT_WORDS(why(result("[]")), "result must be an object");
  EXPECT_WORDS(request_error(request("hello", R"({"major":"1","minor":0,"tool":""})")), "params.major");
  EXPECT_WORDS(request_error(request("hello", "[]")), "params must be an object");
  EXPECT_WORDS(request_error(request("reseed", R"({"workload":"1"})")), "reseed: field 'params.seed' is missing");
}

TEST(Hostile, TextWithNulIsRefusedSinceItWouldBeCutShort) {
  EXPECT_WORDS(request_error(request("prepare", R"({"op":"gemm\u0000x","operand_sets":"1","params":{}})")),
               "without NUL");
  EXPECT_WORDS(request_error(request("prepare", R"({"op":"g","operand_sets":"1","params":{"m":"1\u0000"}})")),
               "without NUL");
  EXPECT_WORDS(request_error(request("prepare", R"({"op":"g","operand_sets":"1","params":{"m\u0000":"1"}})")),
               "without NUL");
}

TEST(Hostile, RepliesToAnotherRequestAreNamed) {
  const std::string line = R"({"jsonrpc":"2.0","id":7,"result":{"status":"ok","digest":"1"}})";
  EXPECT_EQ(why(line, kDigest, 9), "reply to request 7 while 9 is in flight");
  EXPECT_EQ(why(line, SIZE_MAX, 9), "reply to request 7 while none is in flight");
  EXPECT_WORDS(why(line, kMeasure, 7), "is missing");
}

TEST(Hostile, AWorkerThatAsksOrNotifiesNonsenseIsNamed) {
  EXPECT_WORDS(why(R"({"jsonrpc":"2.0","id":1,"method":"telemetry","params":{}})"), "sends no requests");
  EXPECT_WORDS(why(R"({"jsonrpc":"2.0","method":"party","params":{}})"), "unknown notification 'party'");
  EXPECT_WORDS(why(R"({"jsonrpc":"2.0","method":7,"params":{}})"), "'method' must be text");
  EXPECT_WORDS(why(R"({"jsonrpc":"2.0","method":"log"})"), "'params' is missing");
}

TEST(Hostile, ABadRequestKeepsItsIdWhereThereIsOne) {
  const auto unknown = decode_request(R"({"jsonrpc":"2.0","id":5,"method":"dance"})");
  EXPECT_EQ(std::get<BadRequest>(unknown).id, 5);
  EXPECT_EQ(std::get<BadRequest>(unknown).error.code, -32601);
  const auto nameless = decode_request(R"({"jsonrpc":"2.0","method":"hello"})");
  EXPECT_EQ(std::get<BadRequest>(nameless).id, std::nullopt);
  EXPECT_EQ(std::get<BadRequest>(nameless).error.code, -32600);
}

TEST(Hostile, KeptTextIsShortAndCannotMoveTheTerminal) {
  const auto decoded = decode_line("\x1b[2Jbad \xFF" + std::string(10'000, 'y'), 0, 1);
  const auto& bad = std::get<Malformed>(decoded);
  EXPECT_EQ(bad.text.find('\x1b'), std::string::npos);
  EXPECT_LT(bad.text.size(), 1000u);
  EXPECT_WORDS(bad.text, "bytes)");
}

// Mutations of good lines, from a seed: whatever comes, an answer comes back.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : stream_(ops::stream(seed, 0)) {}
  std::uint64_t below(std::uint64_t limit) { return ops::at(stream_, count_++) % limit; }
  std::string operator()(std::string line) {
    static const std::vector<std::string> kPieces = {"{",
                                                     "}",
                                                     "[",
                                                     "]",
                                                     "\"",
                                                     ",",
                                                     ":",
                                                     "null",
                                                     "-1",
                                                     "1e400",
                                                     "\\u0000",
                                                     "\xFF",
                                                     "18446744073709551616",
                                                     "true",
                                                     "\n",
                                                     "\"id\":1,",
                                                     "{}"};
    for (std::uint64_t n = 1 + below(4); n > 0 && !line.empty(); --n) {
      const std::size_t at = below(line.size());
      switch (below(5)) {
        case 0:
          line[at] = static_cast<char>(below(256));
          break;
        case 1:
          line.erase(at, 1 + below(8));
          break;
        case 2:
          line.insert(at, kPieces[below(kPieces.size())]);
          break;
        case 3:
          line.insert(at, line.substr(below(line.size()), below(64)));
          break;
        default:
          line.resize(at);
          break;
      }
    }
    return line;
  }

 private:
  std::uint64_t stream_, count_ = 0;
};

TEST(Hostile, MutatedLinesNeverThrowAndNeverGoUnanswered) {
  constexpr int kRounds = 300;
  std::uint64_t seed = 20'261'122;
  std::size_t taken = 0, refused = 0;
  const auto attack = [&](const std::string& good, std::size_t in_flight) {
    Mutator mutate(seed++);
    for (int i = 0; i < kRounds; ++i) {
      const std::string line = mutate(good);
      const auto reply = decode_line(line, in_flight, 1);
      const auto* bad = std::get_if<Malformed>(&reply);
      bad == nullptr ? ++taken : ++refused;
      if (bad != nullptr) {
        ASSERT_FALSE(bad->why.empty()) << line;
      }
      const auto incoming = decode_request(line);
      if (const auto* wrong = std::get_if<BadRequest>(&incoming)) {
        ASSERT_FALSE(wrong->error.message.empty()) << line;
      }
    }
  };
  for (const Result& sample : samples::results()) attack(encode_result(1, sample), sample.index());
  for (const Request& sample : samples::requests()) attack(encode_request(1, sample), sample.index());
  for (const Notification& sample : samples::notifications()) attack(encode_notification(sample), 0);
  EXPECT_GT(taken, 100u);  // mutations that reach past the parser
  EXPECT_GT(refused, 1000u);
}

}  // namespace
}  // namespace geomsu::protocol
