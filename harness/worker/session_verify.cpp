// What the host asks for after the timing, of the very buffers that were timed.
#include <utility>

#include <fmt/format.h>

#include "harness/worker/session.hpp"

namespace geomsu::worker {
namespace {
using namespace protocol;
std::optional<Fault> refusal(std::string reason) { return Fault{Status::kError, std::move(reason)}; }
}  // namespace

std::optional<Fault> Session::serve(const ReadRequest& request, ReadResult& result) {
  const auto found = workload(request.workload);
  if (const auto* fault = std::get_if<Fault>(&found)) return *fault;
  if (auto fault = check_rank(request.rank)) return fault;
  if (request.indices.empty() || request.indices.size() > kMostIndices) {
    return refusal(fmt::format("{} indices; from 1 to {} in one request", request.indices.size(), kMostIndices));
  }
  auto values = parts_.client->read(std::get<geomsu_workload*>(found), request);
  if (auto* fault = std::get_if<Fault>(&values)) return *fault;
  result.values = std::move(std::get<std::vector<double>>(values));
  return std::nullopt;
}

std::optional<Fault> Session::serve(const ProjectRequest& request, ProjectResult& result) {
  const auto found = workload(request.workload);
  if (const auto* fault = std::get_if<Fault>(&found)) return *fault;
  if (auto fault = check_rank(request.rank)) return fault;
  if (request.room == 0 || request.room > kMostProjected) {
    return refusal(fmt::format("'room' is {}; from 1 to {} numbers in one request", request.room, kMostProjected));
  }
  auto values = parts_.client->project(std::get<geomsu_workload*>(found), request);
  if (auto* fault = std::get_if<Fault>(&values)) return *fault;
  result.values = std::move(std::get<std::vector<double>>(values));
  return std::nullopt;
}

std::optional<Fault> Session::serve(const DigestRequest& request, DigestResult& result) {
  const auto found = workload(request.workload);
  if (const auto* fault = std::get_if<Fault>(&found)) return *fault;
  if (auto fault = check_rank(request.rank)) return fault;
  const auto value = parts_.client->digest(std::get<geomsu_workload*>(found), request);
  if (const auto* fault = std::get_if<Fault>(&value)) return *fault;
  result.digest = std::get<std::uint64_t>(value);
  return std::nullopt;
}

}  // namespace geomsu::worker
