// GENERATOR.md is what a maker of a backend works from, so its vectors are read from the document itself.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "kernels/ops/fill.hpp"
#include "kernels/ops/generator.hpp"
#include "kernels/ops/operation.hpp"
#include "kernels/ops/params.hpp"
#include "kernels/ops/rounding.hpp"

namespace {

using namespace geomsu::ops;

// Rows of the tables whose first cell is `kind`; further cells as text.
std::vector<std::vector<std::string>> vectors(const std::string& kind) {
  std::ifstream file(GEOMSU_SOURCE_DIR "/kernels/ops/GENERATOR.md");
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| " + kind + " |")) continue;
    std::vector<std::string> cells;
    std::istringstream text(line.substr(1));
    for (std::string cell; std::getline(text, cell, '|');) cells.push_back(cell.substr(1, cell.size() - 2));
    rows.push_back(cells);
  }
  return rows;
}

std::uint64_t integer(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 0); }

Data data_named(const std::string& name) { return data_of({{"data", name}}); }

TEST(GeneratorDocument, MixesAsItsVectorsSay) {
  const auto rows = vectors("mix64");
  ASSERT_EQ(rows.size(), 20u);
  for (const auto& row : rows) EXPECT_EQ(mix64(integer(row[1]), integer(row[2]), integer(row[3])), integer(row[4]));
}

TEST(GeneratorDocument, MakesTheValuesAndBitsOfItsVectors) {
  const auto rows = vectors("value");
  ASSERT_EQ(rows.size(), 8u * 16u);
  for (const auto& row : rows) {
    SCOPED_TRACE(row[1] + " " + row[2] + " tensor " + row[4] + " index " + row[5]);
    const Dtype* dtype = find_dtype(row[1]);
    ASSERT_NE(dtype, nullptr);
    const std::uint64_t tensor = integer(row[4]);
    const double raw = value(data_named(row[2]), stream(integer(row[3]), tensor), tensor, integer(row[5]));
    const double rounded = round_to(*dtype, raw);
    EXPECT_EQ(rounded, std::strtod(row[7].c_str(), nullptr));
    EXPECT_EQ(bits_of(*dtype, rounded), integer(row[6]));
  }
}

TEST(GeneratorDocument, RoundsTiesSubnormalsAndSaturationAsItsVectorsSay) {
  const auto rows = vectors("round");
  ASSERT_EQ(rows.size(), 26u);
  for (const auto& row : rows) {
    SCOPED_TRACE(row[1] + " " + row[2]);
    const Dtype* dtype = find_dtype(row[1]);
    ASSERT_NE(dtype, nullptr);
    const double rounded = round_to(*dtype, std::strtod(row[2].c_str(), nullptr));
    EXPECT_EQ(rounded, std::strtod(row[4].c_str(), nullptr));
    EXPECT_EQ(bits_of(*dtype, rounded), integer(row[3]));
  }
}

TEST(GeneratorDocument, DigestsBytesAndTensorsAsItsVectorsSay) {
  const auto rows = vectors("digest");
  ASSERT_EQ(rows.size(), 11u);
  for (const auto& row : rows) {
    SCOPED_TRACE(row[1]);
    std::vector<std::byte> bytes;
    std::istringstream words(row[1]);
    std::string dtype, data, seed, tensor, count;
    if (words >> dtype >> data >> seed >> tensor >> count) {
      const auto fill_and_take = [&](auto zero) {
        std::vector<decltype(zero)> values(integer(count));
        const std::uint64_t key = stream(integer(seed), integer(tensor));
        fill(std::span(values), data_named(data), key, integer(tensor), 0);
        const auto view = std::as_bytes(std::span(values));
        bytes.assign(view.begin(), view.end());
      };
      dtype == "fp32" ? fill_and_take(0.0F) : fill_and_take(0.0);
    } else if (row[1] != "-") {
      for (std::size_t i = 0; i < row[1].size(); i += 2)
        bytes.push_back(static_cast<std::byte>(integer("0x" + row[1].substr(i, 2))));
    }
    EXPECT_EQ(digest(bytes), integer(row[2]));
  }
}

TEST(GeneratorDocument, DrawsTheSignsOfItsVectors) {
  const auto rows = vectors("signs");
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& row : rows) {
    const std::uint64_t key = sign_stream(integer(row[1]));
    std::string signs;
    for (std::uint64_t j = 0; j < 32; ++j) signs += sign_at(key, j) > 0 ? '+' : '-';
    EXPECT_EQ(signs, row[2]);
  }
}

TEST(GeneratorDocument, ExpectsTheElementsOfItsOperationVectors) {
  const auto rows = vectors("op");
  ASSERT_EQ(rows.size(), 26u);
  for (const auto& row : rows) {
    SCOPED_TRACE(row[1] + " " + row[2] + " index " + row[7]);
    Params given;
    std::istringstream words(row[2]);
    for (std::string word; words >> word;) given[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
    std::vector<Problem> problems;
    const Operation* operation = find(row[1]);
    ASSERT_NE(operation, nullptr);
    const Params complete = operation->complete(given, problems);
    ASSERT_TRUE(problems.empty());
    const auto reference = operation->reference(complete, {integer(row[3]), integer(row[4]), integer(row[5])});
    const auto expected = reference->element(integer(row[7]), integer(row[6]));
    const double value = std::strtod(row[8].c_str(), nullptr);
    if (row[2].find("triad") != std::string::npos) {
      EXPECT_NEAR(expected.value, value, 1e-15);  // its coefficients are rounded to double
    } else {
      EXPECT_EQ(expected.value, value);
    }
  }
}

}  // namespace
