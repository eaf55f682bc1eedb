// Sides in processes of their own, and the bare ones.
#include <sstream>

#include <gmock/gmock.h>

#include "bench/peers/bare_gemm.hpp"
#include "bench/peers/bare_stream.hpp"
#include "bench/peers/served.hpp"
#include "harness/base/error.hpp"

namespace geomsu::bench {
namespace {
using testing::HasSubstr;

class Scripted final : public Side {
 public:
  Scripted() {
    words_ = "two\nlines";
    operand_sets_ = 3;
  }

 protected:
  double do_block_ns(std::uint64_t repeats) override {
    if (repeats == 13) throw Error(ErrorCode::kUnavailable, "thirteen");
    return 2.5 * static_cast<double>(repeats);
  }
};

std::string served(const std::string& requests) {
  std::istringstream in(requests);
  std::ostringstream out;
  serve_side([] { return std::make_unique<Scripted>(); }, in, out);
  return out.str();
}

// A ServedSide of a shell that says what it is told to.
std::string words_of(const std::string& script, std::uint64_t repeats = 0) {
  try {
    ServedSide side({"/bin/sh", "-c", script});
    if (repeats > 0) return std::to_string(side.block_ns(repeats));
    return std::to_string(side.operand_sets()) + " " + side.words();
  } catch (const Error& error) {
    return "error: " + error.message();
  }
}

TEST(Served, SaysWhatItIsAndAnswersEachRun) {
  EXPECT_EQ("ready 3 two lines\nns 10\nns 2.5\n", served("run 4\nrun 1\n"));
  EXPECT_EQ("ready 3 two lines\n", served(""));
}

TEST(Served, SaysWhyItFailed) {
  EXPECT_THAT(served("run 13\nrun 1\n"), HasSubstr("failed: thirteen\n"));
  EXPECT_THAT(served("walk\n"), HasSubstr("failed: 'walk' is no 'run N'"));
}

TEST(Served, ASideThatCannotBeMadeIsLeftOut) {
  std::istringstream in("run 1\n");
  std::ostringstream out;
  serve_side([]() -> std::unique_ptr<Side> { throw Error(ErrorCode::kUnavailable, "no library"); }, in, out);
  EXPECT_THAT(out.str(), HasSubstr("left out: no library"));
  EXPECT_THAT(out.str(), testing::Not(HasSubstr("ready")));
}

TEST(ServedSide, ReadsWhatItsProcessSays) {
  EXPECT_EQ("3 some words", words_of("echo ready 3 some words; cat >/dev/null"));
  EXPECT_EQ("12.500000", words_of("echo ready 1 x; read line; echo ns 12.5; cat >/dev/null", 5));
}

TEST(ServedSide, NamesHowItsProcessEnded) {
  EXPECT_EQ("error: no library", words_of("echo left out: no library"));
  EXPECT_THAT(words_of("echo oops >&2; exit 3"), testing::AllOf(HasSubstr("exited with status 3"), HasSubstr("oops")));
  EXPECT_THAT(words_of("echo ready 1 x; read line; kill -9 $$", 5), HasSubstr("killed by signal 9"));
  EXPECT_EQ("error: thirteen", words_of("echo ready 1 x; read line; echo failed: thirteen", 13));
}

TEST(ServedSide, RefusesWhatIsNoTime) {
  for (const char* answer : {"ns 0", "ns -1", "ns nan", "ns soon", "hello"}) {
    EXPECT_THAT(words_of(std::string("echo ready 1 x; read line; echo ") + answer, 1),
                HasSubstr("where a time should stand"));
  }
  EXPECT_THAT(words_of("echo hello"), HasSubstr("where it should say that it is ready"));
  EXPECT_THAT(words_of("echo ready x words"), HasSubstr("where it should say that it is ready"));
}

TEST(BareStream, HasEveryKindOfMemoryAndRefusesOthers) {
  const auto make = [](const char* kind, const char* dtype) {
    BareRequest request;
    request.params = {{"kind", kind}, {"dtype", dtype}, {"bytes", "262656"}};
    return make_bare_stream(request);
  };
  for (const char* kind : {"copy", "scale", "add", "triad", "read", "write"}) {
    EXPECT_GT(make(kind, "fp64")->block_ns(3), 0) << kind;
    EXPECT_THAT(make(kind, "fp64")->words(), HasSubstr(kind));
  }
  EXPECT_THROW(make("shuffle", "fp64"), Error);
  EXPECT_THROW(make("copy", "fp32"), Error);
}

TEST(BareGemm, ALibraryThatIsNotThereIsNamed) {
  BareRequest request;
  request.params = {{"dtype", "int8"}, {"accumulate", "int32"}, {"out", "int32"}, {"m", "8"},        {"n", "8"},
                    {"k", "8"},        {"batch", "1"},          {"layout", "nn"}, {"data", "normal"}};
  request.onednn = request.openblas = "/dev/null/libnone.so";
  for (const MakeBare make : {make_bare_sgemm, make_bare_dgemm, make_bare_int8_gemm}) {
    try {
      make(request);
      ADD_FAILURE() << "made of nothing";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("libnone.so"), HasSubstr("next: install")));
    }
  }
}

}  // namespace
}  // namespace geomsu::bench
