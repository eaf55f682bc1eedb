// Calls one function of libcublasLt.so.13, as the loader finds it, without arguments.
#include <cstdio>

#include <dlfcn.h>

int main(int argc, char** argv) {
  void* library = dlopen("libcublasLt.so.13", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr || argc != 2) {
    std::fprintf(stderr, "usage: call_by_name FUNCTION; %s\n", library == nullptr ? dlerror() : "");
    return 2;
  }
  auto* const function = reinterpret_cast<unsigned long (*)()>(dlsym(library, argv[1]));
  if (function == nullptr) return 3;
  std::printf("%lu\n", function());
  return 0;
}
