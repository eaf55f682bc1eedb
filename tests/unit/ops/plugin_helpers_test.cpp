#include "harness/abi/plugin_helpers.hpp"

#include <new>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace geomsu::plugin;
using testing::HasSubstr;

struct Said {
  std::uint32_t code = 0;
  std::string text;
};
template <typename Body>
Said said(Body&& body) {
  geomsu_error* error = guard(std::forward<Body>(body));
  const Said result{error_code(error), error_message(error)};
  error_destroy(error);
  return result;
}

TEST(Guard, TurnsEveryExceptionIntoAnError) {
  EXPECT_EQ(said([] {}).code, 0u);
  const Said failure = said([] { throw Failure(GEOMSU_UNSUPPORTED, "no bf16"); });
  EXPECT_EQ(failure.code, GEOMSU_UNSUPPORTED);
  EXPECT_EQ(failure.text, "no bf16");
  EXPECT_EQ(said([] { throw std::bad_alloc(); }).code, GEOMSU_OUT_OF_MEMORY);
  EXPECT_EQ(said([] { throw std::runtime_error("broken"); }).code, GEOMSU_INTERNAL);
  EXPECT_EQ(said([] { throw 3; }).code, GEOMSU_INTERNAL);
}

TEST(Guard, LetsNothingOutOfASlotThatCannotAnswer) {
  EXPECT_NO_THROW(guard_void([] { throw std::runtime_error("broken"); }));
}

TEST(Error, ThatCannotBeMadeIsNotNull) {
  geomsu_error* error = out_of_memory_error();
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error_code(error), GEOMSU_OUT_OF_MEMORY);
  EXPECT_THAT(error_message(error), HasSubstr("memory"));
  error_destroy(error);  // it is static: it stays
  EXPECT_EQ(error_code(out_of_memory_error()), GEOMSU_OUT_OF_MEMORY);
}

TEST(Covered, ReadsStructSizeAndNothingElse) {
  geomsu_host host{};
  host.struct_size = offsetof(geomsu_host, user);
  EXPECT_TRUE(covered(host, &geomsu_host::abi_minor));
  EXPECT_FALSE(covered(host, &geomsu_host::user));
  host.struct_size += sizeof(void*);
  EXPECT_TRUE(covered(host, &geomsu_host::user));
  EXPECT_FALSE(covered(host, &geomsu_host::log));
}

TEST(Put, LeavesAnOlderHostsFieldsAlone) {
  geomsu_description description{};
  description.struct_size = offsetof(geomsu_description, attributes);
  put(description, &geomsu_description::name, "a name");
  put(description, &geomsu_description::attribute_count, std::uint64_t{4});
  EXPECT_STREQ(description.name, "a name");
  EXPECT_EQ(description.attribute_count, 0u);
}

TEST(Sized, RefusesATruncatedStructAndAcceptsALaterOne) {
  geomsu_span span{};
  span.struct_size = GEOMSU_SPAN_MIN_SIZE - 1;
  EXPECT_THAT(said([&] { sized(&span, GEOMSU_SPAN_MIN_SIZE, "span"); }).text, HasSubstr("span.struct_size is 55"));
  span.struct_size = GEOMSU_SPAN_MIN_SIZE + 100;
  EXPECT_EQ(said([&] { sized(&span, GEOMSU_SPAN_MIN_SIZE, "span"); }).code, 0u);
  EXPECT_THAT(said([&] { sized<geomsu_span>(nullptr, 1, "span"); }).text, HasSubstr("span must not be NULL"));
}

TEST(ParamsOf, TakesNoneAndRefusesDoublesAndNull) {
  EXPECT_TRUE(params_of(nullptr).empty());
  const geomsu_param twice[] = {{"m", "1"}, {"m", "2"}};
  const geomsu_params params{sizeof(geomsu_params), nullptr, twice, 2};
  EXPECT_THAT(said([&] { params_of(&params); }).text, HasSubstr("'m' is given twice"));
  const geomsu_param broken[] = {{"m", nullptr}};
  const geomsu_params with_null{sizeof(geomsu_params), nullptr, broken, 1};
  EXPECT_EQ(said([&] { params_of(&with_null); }).code, GEOMSU_INVALID_ARGUMENT);
}

TEST(Take, LeavesTheRestForTheOperation) {
  Params params{{"m", "1"}, {"operand_sets", "4"}};
  EXPECT_EQ(take(params, "operand_sets"), "4");
  EXPECT_EQ(take(params, "operand_sets"), std::nullopt);
  EXPECT_EQ(params, (Params{{"m", "1"}}));
}

}  // namespace
