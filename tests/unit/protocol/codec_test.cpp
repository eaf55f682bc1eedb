#include "harness/protocol/codec.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "tests/unit/protocol/samples.hpp"

namespace geomsu::protocol {
namespace {

constexpr std::int64_t kId = std::numeric_limits<std::int64_t>::max();

template <class T>
T get(const auto& decoded) {
  const T* found = std::get_if<T>(&decoded);
  if (found == nullptr) {
    if constexpr (requires { std::get_if<Malformed>(&decoded); }) {
      if (const auto* bad = std::get_if<Malformed>(&decoded)) ADD_FAILURE() << bad->why << "\n" << bad->text;
    }
    if constexpr (requires { std::get_if<BadRequest>(&decoded); }) {
      if (const auto* bad = std::get_if<BadRequest>(&decoded)) ADD_FAILURE() << bad->error.message;
    }
    return T{};
  }
  return *found;
}

void expect_request_survives(const Request& request) {
  const std::string line = encode_request(kId, request);
  const auto back = get<IncomingRequest>(decode_request(line));
  EXPECT_EQ(back.id, kId);
  EXPECT_EQ(encode_request(kId, back.request), line);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

void expect_result_survives(const Result& result) {
  const std::string line = encode_result(kId, result);
  const auto reply = get<Reply>(decode_line(line, result.index(), kId));
  ASSERT_TRUE(std::holds_alternative<Result>(reply.body)) << line;
  EXPECT_EQ(encode_result(kId, std::get<Result>(reply.body)), line);
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(Codec, EveryRequestReadsBackAsItWasWritten) {
  for (const Request& request : samples::requests()) expect_request_survives(request);
  for (const Request& request : samples::extreme_requests()) expect_request_survives(request);
}

TEST(Codec, EveryResultReadsBackAsItWasWritten) {
  for (const Result& result : samples::results()) expect_result_survives(result);
  for (const Result& result : samples::extreme_results()) expect_result_survives(result);
}

TEST(Codec, EveryNotificationReadsBackAsItWasWritten) {
  auto all = samples::notifications();
  for (auto& more : samples::extreme_notifications()) all.push_back(more);
  for (const Notification& note : all) {
    const std::string line = encode_notification(note);
    EXPECT_EQ(encode_notification(get<Notification>(decode_line(line, 0, 1))), line);
  }
}

// Re-encoding would not see a field that both directions forget.
TEST(Codec, ExtremeValuesArriveInTheirFields) {
  const MeasureRequest sent{std::numeric_limits<std::uint64_t>::max(), 3, std::numeric_limits<std::int64_t>::min(), 5,
                            64};
  const auto measure = std::get<MeasureRequest>(get<IncomingRequest>(decode_request(encode_request(1, sent))).request);
  EXPECT_EQ(measure.workload, sent.workload);
  EXPECT_EQ(measure.repeats, 3u);
  EXPECT_EQ(measure.start_at_mono_ns, sent.start_at_mono_ns);
  EXPECT_EQ(measure.timeout_ns, 5u);
  EXPECT_EQ(measure.repeat_ticks, 64u);

  for (const Result& sent_result : samples::extreme_results()) {
    const auto* hello = std::get_if<HelloResult>(&sent_result);
    if (hello == nullptr) continue;
    const auto reply = get<Reply>(decode_line(encode_result(1, sent_result), sent_result.index(), 1));
    const auto& got = std::get<HelloResult>(std::get<Result>(reply.body));
    EXPECT_EQ(got.plugin, hello->plugin);
    EXPECT_EQ(got.refused, hello->refused);
    EXPECT_EQ(got.reason, hello->reason);
    EXPECT_EQ(got.sim_now_ns, hello->sim_now_ns);
    EXPECT_EQ(got.pid, hello->pid);
    EXPECT_EQ(got.simulated, hello->simulated);
    EXPECT_TRUE(got.scripted_time);
  }
  for (const Result& sent_result : samples::extreme_results()) {
    const auto reply = get<Reply>(decode_line(encode_result(1, sent_result), sent_result.index(), 1));
    const auto& body = std::get<Result>(reply.body);
    if (const auto* devices = std::get_if<DevicesResult>(&sent_result)) {
      EXPECT_EQ(std::get<DevicesResult>(body).devices, devices->devices);
    }
    if (const auto* telemetry = std::get_if<TelemetryResult>(&sent_result)) {
      EXPECT_EQ(std::get<TelemetryResult>(body).readings, telemetry->readings);
    }
    if (const auto* read = std::get_if<ReadResult>(&sent_result)) {
      EXPECT_EQ(std::get<ReadResult>(body).values, read->values);
    }
  }
}

TEST(Codec, NotANumberAndInfinityTravelAsNullAndArriveAsNotANumber) {
  ReadResult sent;
  sent.values = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1};
  const std::string line = encode_result(1, Result(sent));
  EXPECT_NE(line.find("[null,null,1.0]"), std::string::npos) << line;
  const auto reply = get<Reply>(decode_line(line, Result(sent).index(), 1));
  const auto& values = std::get<ReadResult>(std::get<Result>(reply.body)).values;
  ASSERT_EQ(values.size(), 3u);
  EXPECT_TRUE(std::isnan(values[0]));
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(values[2], 1);
}

TEST(Codec, NegativeZeroKeepsItsSign) {
  ReadResult sent;
  sent.values = {-0.0};
  const auto reply = get<Reply>(decode_line(encode_result(1, Result(sent)), Result(sent).index(), 1));
  EXPECT_TRUE(std::signbit(std::get<ReadResult>(std::get<Result>(reply.body)).values.at(0)));
}

TEST(Codec, ADeviceNameThatIsNoUtf8IsReplacedAndNeverThrownAt) {
  LogNote note{3, "name \xFF\xFE end"};
  const std::string line = encode_notification(Notification(note));
  const auto back = std::get<LogNote>(get<Notification>(decode_line(line, 0, 1)));
  EXPECT_EQ(back.text, "name \xEF\xBF\xBD\xEF\xBF\xBD end");
}

TEST(Codec, AnErrorReplyKeepsItsCodeAndWords) {
  const auto reply = get<Reply>(decode_line(encode_error(9, {-32601, "unknown method 'x'"}), 0, 9));
  EXPECT_EQ(std::get<RpcError>(reply.body).code, -32601);
  EXPECT_EQ(std::get<RpcError>(reply.body).message, "unknown method 'x'");
}

TEST(Codec, AnErrorWithoutAnIdAnswersTheRequestInFlight) {
  const auto reply = get<Reply>(decode_line(encode_error(std::nullopt, {-32700, "not JSON"}), 0, 9));
  EXPECT_EQ(reply.id, 9);
  EXPECT_EQ(std::get<RpcError>(reply.body).code, -32700);
}

TEST(Codec, AnAnswerThatIsNotOkNeedsOnlyItsReason) {
  const auto reply = get<Reply>(
      decode_line(R"({"jsonrpc":"2.0","id":4,"result":{"status":"unsupported","reason":"no fp64 units"}})", 3, 4));
  const auto& prepare = std::get<PrepareResult>(std::get<Result>(reply.body));
  EXPECT_EQ(prepare.status, Status::kUnsupported);
  EXPECT_EQ(prepare.reason, "no fp64 units");
}

TEST(Codec, UnknownFieldsAreLeftToNewerMinors) {
  const auto reply = get<Reply>(
      decode_line(R"({"jsonrpc":"2.0","id":4,"later":1,"result":{"status":"ok","digest":"7","later":[{}]}})", 10, 4));
  EXPECT_EQ(std::get<DigestResult>(std::get<Result>(reply.body)).digest, 7u);
}

TEST(Codec, EveryMethodHasANameThatLeadsBackToIt) {
  const auto all = samples::requests();
  ASSERT_EQ(all.size(), std::variant_size_v<Request>);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].index(), i);
    EXPECT_EQ(method_index(method(all[i])), i);
  }
  EXPECT_EQ(method_index("Hello"), std::nullopt);
}

TEST(Codec, EveryStatusHasANameThatLeadsBackToIt) {
  for (const Status status : {Status::kOk, Status::kUnsupported, Status::kOutOfMemory, Status::kDeviceLost,
                              Status::kTimeout, Status::kError}) {
    EXPECT_EQ(parse_status(to_string(status)), status);
  }
  EXPECT_EQ(parse_status("OK"), std::nullopt);
}

}  // namespace
}  // namespace geomsu::protocol
