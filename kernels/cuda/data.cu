#include "kernels/cuda/data.cuh"
#include "kernels/cuda/data.hpp"
#include "kernels/cuda/launcher.cuh"

namespace geomsu::cuda {

void fill(Element element, void* out, const Matrix& matrix, ops::Data data, std::uint64_t seed, std::uint64_t tensor,
          cudaStream_t stream) {
  if (matrix.elements() == 0) return;
  launch_fill(Launcher{stream, "filling a tensor"}, element, out, matrix.elements(), matrix.rows, matrix.columns,
              matrix.transposed, data, seed, tensor);
}

void gather(Element element, const void* from, const std::uint64_t* indices, std::uint64_t count, double* out,
            cudaStream_t stream) {
  if (count == 0) return;
  Launcher{stream, "reading elements"}(gather_kernel, blocks_for(count), kDataThreads, element, from, indices, count,
                                       out);
}

void project(Element element, const void* from, std::uint64_t rows, std::uint64_t columns, std::uint64_t sign_seed,
             double* out, cudaStream_t stream) {
  if (rows == 0) return;
  launch_project(Launcher{stream, "projecting a tensor"}, element, from, rows, columns,
                 std::max<std::uint64_t>(columns, 1), sign_seed, out);
}

void project_pieces(Element element, const void* from, std::uint64_t columns, std::uint64_t sign_seed, double* out,
                    cudaStream_t stream) {
  if (columns == 0) return;
  launch_project(Launcher{stream, "projecting a long row"}, element, from, 1, columns, kProjectPiece, sign_seed, out);
}

void digest(const void* from, std::uint64_t bytes, std::uint64_t* out, cudaStream_t stream, std::uint64_t first_word) {
  check(cudaMemsetAsync(out, 0, sizeof(*out), stream), "cudaMemsetAsync", "taking a digest");
  if (bytes == 0) return;
  Launcher{stream, "taking a digest"}(digest_kernel, blocks_for((bytes + 15) / 16), kDataThreads, from, bytes,
                                      first_word, reinterpret_cast<unsigned long long*>(out));
}

}  // namespace geomsu::cuda
