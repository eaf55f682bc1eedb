// Stands for an emulated vendor runtime: all that it has is the marker, whose name the worker looks up.
extern "C" {
extern const int geomsu_cuda_emulation_marker;  // NOLINT(readability-identifier-naming)
const int geomsu_cuda_emulation_marker = 1;     // NOLINT(readability-identifier-naming)
}
