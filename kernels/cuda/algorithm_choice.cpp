#include "kernels/cuda/algorithm_choice.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "harness/abi/plugin_helpers.hpp"
#include "kernels/cuda/tuned.hpp"

namespace geomsu::cuda {
namespace {

using plugin::Failure;

constexpr int kCandidates = 32;
static_assert(sizeof(cublasLtMatmulAlgo_t) == sizeof(Tuned::algorithm));

std::string words_of(const char* how, const cublasLtMatmulAlgo_t& algorithm, std::uint64_t workspace_bytes) {
  return "cuBLASLt " + lt_version_words(cublasLtGetVersion()) + ", " + how + ": " + algorithm_words(algorithm) +
         ", workspace " + std::to_string(workspace_bytes) + " bytes";
}

Tuned wanted(const TuningRequest& request) {
  Tuned tuned;
  tuned.device = request.device;
  tuned.library = cublasLtGetVersion();
  tuned.problem = request.problem;
  return tuned;
}

AlgorithmChoice take(const LtProduct& product, const TuningRequest& request, const std::string& text,
                     const std::string& path) {
  const Tuned found = parse_tuned(text, path);
  require_same_tuned(found, wanted(request), path);
  AlgorithmChoice choice;
  std::copy(found.algorithm.begin(), found.algorithm.end(), std::begin(choice.algorithm.data));
  const cublasStatus_t status = product.try_algorithm(choice.algorithm, choice.workspace_bytes);
  if (status != CUBLAS_STATUS_SUCCESS || choice.workspace_bytes > request.workspace_bytes) {
    const std::string why = status != CUBLAS_STATUS_SUCCESS
                                ? std::string("cublasLtMatmulAlgoCheck answers ") + cublasLtGetStatusName(status)
                                : "it needs " + std::to_string(choice.workspace_bytes) + " bytes of workspace, " +
                                      std::to_string(request.workspace_bytes) + " are there";
    throw Failure(GEOMSU_INVALID_ARGUMENT, path + ": the algorithm kept there (" + found.ids +
                                               ") cannot be taken: " + why +
                                               "; next: take the lot's own file, or remove it and inspect the "
                                               "whole lot again");
  }
  choice.words = words_of("tuned", choice.algorithm, choice.workspace_bytes);
  return choice;
}

// The fastest; the earlier one of equals.
LtResult fastest(const std::vector<LtResult>& candidates, const TuningRequest& request) {
  LtResult best{};
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (const LtResult& candidate : candidates) {
    const std::uint64_t ns = request.time(candidate);
    if (ns >= least) continue;
    least = ns;
    best = candidate;
  }
  return best;
}

}  // namespace

AlgorithmChoice choose_by_heuristic(const LtProduct& product, std::uint64_t workspace_bytes) {
  AlgorithmChoice choice;
  const std::vector<LtResult> found = product.candidates(1, workspace_bytes);
  if (found.empty()) return choice;
  choice.algorithm = found.front().algo;
  choice.workspace_bytes = found.front().workspaceSize;
  choice.words = words_of("heuristic", choice.algorithm, choice.workspace_bytes);
  return choice;
}

AlgorithmChoice choose_tuned(const LtProduct& product, const TuningRequest& request) {
  const std::string path = request.directory + "/" + tuned_file_name(request.device, request.problem);
  if (const auto text = read_tuned(path)) return take(product, request, *text, path);
  const LtResult best = fastest(product.candidates(kCandidates, request.workspace_bytes), request);
  Tuned tuned = wanted(request);
  std::copy(std::begin(best.algo.data), std::end(best.algo.data), tuned.algorithm.begin());
  tuned.ids = algorithm_words(best.algo);
  keep_tuned(path, tuned_text(tuned));
  // What is there now is the lot's, be it ours or another process's.
  const auto kept = read_tuned(path);
  if (!kept) throw Failure(GEOMSU_INVALID_ARGUMENT, path + ": was kept and is gone; next: see who removes it");
  return take(product, request, *kept, path);
}

}  // namespace geomsu::cuda
