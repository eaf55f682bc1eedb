// Stands for an emulated vendor runtime: all that it has is the marker.
extern "C" {
extern const int geomsu_cuda_emulation_marker;
const int geomsu_cuda_emulation_marker = 1;
}
