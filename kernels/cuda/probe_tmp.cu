__global__ void probe(int* p) { p[threadIdx.x] = 1; }
void f(int* p) { probe<<<1, 1>>>(p); }
