"""What kernels/cuda offers: types, layouts, and lines of drive.cpp that ask for them."""
GEMM = {  # dtype -> (accumulate, out) pairs that are offered
    "fp64": [("fp64", "fp64")],
    "fp32": [("fp32", "fp32"), ("tf32_in", "fp32")],
    "tf32": [("fp32", "fp32")],
    "bf16": [("fp32", "bf16"), ("fp32", "fp32")],
    "fp16": [("fp32", "fp16"), ("fp32", "fp32")],
    "fp8_e4m3": [("fp32", "bf16"), ("fp32", "fp16"), ("fp32", "fp32"), ("fp8_fast", "bf16"), ("fp8_fast", "fp32")],
    "int8": [("int32", "int32")],
}
LAYOUTS = {"fp8_e4m3": ["nt"], "int8": ["nt"]}  # what cuBLASLt's documentation promises
# m, n, k: one tile, several with an edge, long and thin. fp8 and int8 want multiples of 16 and 4.
SIZES = [(16, 16, 16), (48, 80, 32), (16, 144, 64), (128, 16, 96)]
ODD = [(1, 1, 1), (13, 1, 5), (17, 19, 23), (1, 131, 7), (33, 65, 129)]


def gemm(dtype, accumulate, out, shape, layout="nt", **more):
    m, n, k = shape
    rest = "".join(f" {key}={value}" for key, value in more.items())
    return f"run gemm dtype={dtype} accumulate={accumulate} out={out} m={m} n={n} k={k} layout={layout}{rest}"
