// Kernels for kernel_test.cpp, compiled to PTX by nvcc and executed by the emulation.
#include <cstdint>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <mma.h>

using Bf16 = __nv_bfloat16;

extern "C" {

__global__ void copy4(const float4* from, float4* to, int count) {
  for (int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); i < count;
       i += static_cast<int>(gridDim.x * blockDim.x))
    __stcs(&to[i], __ldcs(&from[i]));
}

__global__ void __launch_bounds__(256) reduce(const float* in, double* out, int count) {
  __shared__ double parts[8];
  double sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += 256)
    sum += static_cast<double>(in[blockIdx.x * static_cast<unsigned>(count) + static_cast<unsigned>(i)]);
  for (int offset = 16; offset > 0; offset /= 2) sum += __shfl_down_sync(~0u, sum, offset);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x < 32) {
    sum = threadIdx.x < 8 ? parts[threadIdx.x] : 0;
    for (int offset = 4; offset > 0; offset /= 2) sum += __shfl_xor_sync(~0u, sum, offset);
    if (threadIdx.x == 0) out[blockIdx.x] = sum;
  }
}

__global__ void transpose(const float* in, float* out, int n) {
  __shared__ float tile[32][33];
  const unsigned x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y, size = static_cast<unsigned>(n);
  for (unsigned i = 0; i < 32; i += 8) tile[threadIdx.y + i][threadIdx.x] = in[(y + i) * size + x];
  __syncthreads();
  for (unsigned i = 0; i < 32; i += 8)
    out[(blockIdx.x * 32 + threadIdx.y + i) * size + blockIdx.y * 32 + threadIdx.x] =
        tile[threadIdx.x][threadIdx.y + i];
}

// The same without its barrier.
__global__ void transpose_racing(const float* in, float* out, int n) {
  __shared__ float tile[32][33];
  const unsigned x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y, size = static_cast<unsigned>(n);
  for (unsigned i = 0; i < 32; i += 8) tile[threadIdx.y + i][threadIdx.x] = in[(y + i) * size + x];
  for (unsigned i = 0; i < 32; i += 8)
    out[(blockIdx.x * 32 + threadIdx.y + i) * size + blockIdx.y * 32 + threadIdx.x] =
        tile[threadIdx.x][threadIdx.y + i];
}

// Neighbouring bytes, each of its own thread: no race.
__global__ void false_sharing(unsigned char* out) {
  __shared__ unsigned char bytes[128];
  const unsigned mine = threadIdx.x % 4 * 32 + threadIdx.x / 4;  // warps interleave byte by byte
  bytes[mine] = static_cast<unsigned char>(threadIdx.x);
  bytes[mine] = static_cast<unsigned char>(bytes[mine] + 1);
  out[threadIdx.x] = bytes[mine];
}

__global__ void matrix_bf16(const Bf16* a, const Bf16* b, float* c) {
  using namespace nvcuda::wmma;
  __shared__ __align__(32) Bf16 tile[256];
  for (unsigned i = threadIdx.x; i < 256; i += 32) tile[i] = a[i];
  __syncwarp();
  fragment<matrix_a, 16, 16, 16, Bf16, row_major> left;
  fragment<matrix_b, 16, 16, 16, Bf16, col_major> right;
  fragment<accumulator, 16, 16, 16, float> sum;
  fill_fragment(sum, 0.5f);
  load_matrix_sync(left, tile, 16);
  load_matrix_sync(right, b, 16);
  mma_sync(sum, left, right, sum);
  for (int i = 0; i < sum.num_elements; ++i) sum.x[i] *= 2.0f;
  store_matrix_sync(c, sum, 16, mem_row_major);
}

__global__ void matrix_half(const __half* a, const __half* b, __half* c, float* d) {
  using namespace nvcuda::wmma;
  fragment<matrix_a, 16, 16, 16, __half, col_major> left;
  fragment<matrix_b, 16, 16, 16, __half, row_major> right;
  fragment<accumulator, 16, 16, 16, __half> sum;
  fragment<accumulator, 16, 16, 16, float> wide;
  load_matrix_sync(left, a, 16);
  load_matrix_sync(right, b, 16);
  load_matrix_sync(sum, c, 16, mem_col_major);
  mma_sync(sum, left, right, sum);
  fill_fragment(wide, 0.0f);
  mma_sync(wide, left, right, wide);
  store_matrix_sync(c, sum, 16, mem_col_major);
  store_matrix_sync(d, wide, 16, mem_row_major);
}

__global__ void from_fp8(float* e4m3, float* e5m2) {
  const unsigned i = threadIdx.x;
  __nv_fp8_e4m3 a;
  __nv_fp8_e5m2 b;
  a.__x = static_cast<__nv_fp8_storage_t>(i);
  b.__x = static_cast<__nv_fp8_storage_t>(i);
  e4m3[i] = static_cast<float>(a);
  e5m2[i] = static_cast<float>(b);
}

__global__ void to_fp8(const float* in, unsigned char* e4m3, unsigned char* e5m2) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  e4m3[i] = __nv_fp8_e4m3(in[i]).__x;
  e5m2[i] = __nv_fp8_e5m2(in[i]).__x;
}

__global__ void halves(float* half, float* bf16, unsigned short* back_half, unsigned short* back_bf16) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const float h = __half2float(__ushort_as_half(static_cast<unsigned short>(i)));
  const float b = __bfloat162float(__ushort_as_bfloat16(static_cast<unsigned short>(i)));
  half[i] = h;
  bf16[i] = b;
  back_half[i] = __half_as_ushort(__float2half_rn(h));
  back_bf16[i] = __bfloat16_as_ushort(__float2bfloat16_rn(b));
}

__global__ void round_halves(const float* in, unsigned short* half, unsigned short* bf16, unsigned* both) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  half[i] = __half_as_ushort(__float2half_rn(in[i]));
  bf16[i] = __bfloat16_as_ushort(__float2bfloat16_rn(in[i]));
  const __nv_bfloat162 pair = __floats2bfloat162_rn(in[i], -in[i]);
  both[i] = static_cast<unsigned>(__bfloat16_as_ushort(pair.x)) | static_cast<unsigned>(__bfloat16_as_ushort(pair.y))
                                                                      << 16;
}

__global__ void half_arithmetic(const __half2* a, const __half2* b, const Bf16* c, __half2* h, Bf16* f, int* compared) {
  const unsigned i = threadIdx.x;
  h[4 * i] = __hadd2(a[i], b[i]);
  h[4 * i + 1] = __hmul2(a[i], b[i]);
  h[4 * i + 2] = __hfma2(a[i], b[i], a[i]);
  h[4 * i + 3] = __hmax2(a[i], b[i]);
  f[3 * i] = c[i] + c[i + 1];
  f[3 * i + 1] = c[i] * c[i + 1];
  f[3 * i + 2] = __hfma(c[i], c[i + 1], c[i]);
  compared[i] = (__low2half(a[i]) < __low2half(b[i]) ? 1 : 0) + (c[i] > c[i + 1] ? 2 : 0);
}

__global__ void mathematics(const float* in, float* out, const double* wide, double* wide_out) {
  const unsigned i = threadIdx.x;
  const float x = in[i];
  float* to = out + 12 * i;
  to[0] = expf(x);
  to[1] = logf(fabsf(x) + 1e-3f);
  to[2] = sinf(x);
  to[3] = cosf(x);
  to[4] = tanhf(x);
  to[5] = powf(fabsf(x) + 0.1f, 1.7f);
  to[6] = sqrtf(fabsf(x));
  to[7] = rsqrtf(fabsf(x) + 0.1f);
  to[8] = 1.0f / (x + 100.5f);
  to[9] = erff(x);
  to[10] = __expf(x);
  to[11] = fmaf(x, x, floorf(x)) + roundf(x) + truncf(x) + rintf(x) + ceilf(x) + fmodf(x, 0.7f);
  double* wide_to = wide_out + 4 * i;
  wide_to[0] = exp(wide[i]);
  wide_to[1] = wide[i] / 3.7;
  wide_to[2] = sqrt(fabs(wide[i]));
  wide_to[3] = log(fabs(wide[i]) + 0.25);
}

__global__ void integers(const long long* a, const long long* b, unsigned long long* out) {
  const unsigned i = threadIdx.x;
  const long long x = a[i], y = b[i];
  const auto ux = static_cast<unsigned long long>(x), uy = static_cast<unsigned long long>(y);
  const int sx = static_cast<int>(x), sy = static_cast<int>(y);
  const auto vx = static_cast<unsigned>(x), vy = static_cast<unsigned>(y);
  unsigned long long* to = out + 20 * i;
  to[0] = ux * uy;
  to[1] = static_cast<unsigned long long>(__mul64hi(x, y));
  to[2] = __umul64hi(ux, uy);
  to[3] = static_cast<unsigned long long>(x / (y | 1));
  to[4] = ux % (uy | 1);
  to[5] = static_cast<unsigned long long>(__mulhi(sx, sy));
  to[6] = __umulhi(vx, vy);
  to[7] = static_cast<unsigned long long>(sx / (sy | 1) + sx % (sy | 1));
  to[8] = static_cast<unsigned long long>(__clzll(x) + __clz(sx) + __popc(vx) + __popcll(ux) + __ffs(sx) + __ffsll(x));
  to[9] = __brevll(ux) ^ __brev(vx);
  to[10] = __funnelshift_l(vx, vy, vx) ^ __funnelshift_rc(vx, vy, vy & 63);
  to[11] = __byte_perm(vx, vy, vy & 0xffff);
  to[12] = static_cast<unsigned long long>(__dp4a(sx, sy, 7)) + __dp4a(vx, vy, 9u);
  to[13] = __sad(sx, sy, 3u) + __usad(vx, vy, 5u);
  to[14] = static_cast<unsigned long long>(x >> (vy & 63)) ^ ux << (vx & 63) ^ ux >> (vy & 63);
  to[15] = static_cast<unsigned long long>(max(sx, sy) - min(x, y)) + max(ux, uy);
  to[16] = static_cast<unsigned long long>(abs(sx)) +
           static_cast<unsigned long long>(static_cast<short>(sx) * static_cast<signed char>(sy));
  const unsigned __int128 wide = static_cast<unsigned __int128>(ux) * uy + ux;
  to[17] = static_cast<unsigned long long>(wide >> 64);
  to[18] = static_cast<unsigned long long>(static_cast<float>(x)) ^
           static_cast<unsigned long long>(__float_as_uint(static_cast<float>(ux)));
  switch (vx % 9) {
    case 0:
      to[19] = ux + 3;
      break;
    case 1:
      to[19] = uy * 5;
      break;
    case 2:
      to[19] = ux ^ uy;
      break;
    case 3:
      to[19] = ux | 77;
      break;
    case 4:
      to[19] = uy & ux;
      break;
    case 5:
      to[19] = uy - ux;
      break;
    case 6:
      to[19] = ux * 11;
      break;
    default:
      to[19] = 1;
      break;
  }
}

__global__ void histogram(const unsigned char* in, int count, unsigned* out, float* sum, double* wide, int* extremes) {
  __shared__ unsigned bins[256];
  bins[threadIdx.x] = 0;
  __syncthreads();
  for (int i = static_cast<int>(blockIdx.x * 256 + threadIdx.x); i < count; i += static_cast<int>(gridDim.x * 256)) {
    atomicAdd(&bins[in[i]], 1u);
    atomicAdd(sum, static_cast<float>(in[i]));
    atomicAdd(wide, static_cast<double>(in[i]));
    atomicMax(&extremes[0], in[i]);
    atomicMin(&extremes[1], in[i]);
  }
  __syncthreads();
  atomicAdd(&out[threadIdx.x], bins[threadIdx.x]);
}

__global__ void votes(const int* in, int* out) {
  const unsigned i = threadIdx.x;
  int* to = out + 8 * i;
  to[0] = __syncthreads_count(in[i] > 3);
  to[1] = __syncthreads_or(in[i] == 5) + 2 * __syncthreads_and(in[i] >= 0);
  to[2] = static_cast<int>(__ballot_sync(~0u, in[i] & 1));
  to[3] = __any_sync(~0u, in[i] > 6) + 2 * __all_sync(~0u, in[i] < 100);
  to[4] = static_cast<int>(__match_any_sync(~0u, in[i]));
  to[5] = __reduce_add_sync(~0u, in[i]) + __reduce_max_sync(~0u, in[i]);
  to[6] = i % 2 != 0 ? __shfl_up_sync(0xaaaaaaaau, in[i], 2) : __shfl_sync(0x55555555u, in[i], 4);
  int all = 0;
  to[7] = static_cast<int>(__match_all_sync(~0u, in[i] / 100, &all)) + all;
}

__global__ void local_array(const int* in, int* out, int n) {
  int values[24];
  for (int i = 0; i < 24; ++i) values[i] = in[i] * static_cast<int>(threadIdx.x);
  for (int i = 0; i < n; ++i) values[in[i] % 24] += values[(in[i] + i) % 24];
  out[threadIdx.x] = values[n] + values[in[3] % 24];
}

__global__ void spin(volatile int* flag) {
  while (*flag == 0) {
  }
}

__global__ void only_half_syncs(float* out) {
  if (threadIdx.x < 48) __syncthreads();
  out[threadIdx.x] = 1;
  if (threadIdx.x >= 48) __syncthreads();
}

__global__ void named_barriers(int* out) {
  __shared__ int values[128];
  const unsigned group = threadIdx.x / 64, self = threadIdx.x % 64;
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  asm volatile("bar.sync %0, 64;" ::"r"(group + 1) : "memory");
  out[threadIdx.x] = values[group * 64 + (63 - self)];
}

// Pairs over the wrong half: a named barrier of the other group does not help.
__global__ void named_barriers_racing(int* out) {
  __shared__ int values[128];
  const unsigned group = threadIdx.x / 64;
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  asm volatile("bar.sync %0, 64;" ::"r"(group + 1) : "memory");
  out[threadIdx.x] = values[127 - threadIdx.x];
}

extern __shared__ float dynamic[];
__global__ void dynamic_shared(float* out) {
  __shared__ float fixed[3];
  if (threadIdx.x < 3) fixed[threadIdx.x] = 10.0f;
  dynamic[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  out[threadIdx.x] = dynamic[blockDim.x - 1 - threadIdx.x] + fixed[threadIdx.x % 3];
}

struct Options {
  int scale[5];
  double add;
};
__global__ void by_value(Options options, char tag, double* out) {
  out[threadIdx.x] = options.scale[threadIdx.x % 5] * static_cast<int>(threadIdx.x) + options.add + tag;
}

__global__ void clocks(long long* out) {
  const long long before = clock64();
  unsigned long long timer = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(timer));
  out[0] = clock64() - before;
  out[1] = static_cast<long long>(timer);
}

// Lanes of one warp take a lock one after the other; each leaves what it saw.
__global__ void divergent(int* out) {
  int sum = 0;
  for (unsigned i = 0; i < threadIdx.x; ++i) {
    if (i % 3 == 0) continue;
    sum += static_cast<int>(i);
    if (sum > 200) break;
  }
  if (threadIdx.x % 5 == 4) return;
  __syncwarp(__activemask());
  out[threadIdx.x] = sum;
}

}  // extern "C"
