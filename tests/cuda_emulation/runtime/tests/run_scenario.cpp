// usage: geomsu_run_scenario LIBRARY.so SCENARIO: loads the library as a host loads a plug-in, and calls the scenario.
#include <cstdio>
#include <exception>

#include <dlfcn.h>

int main(int count, char** arguments) {
  if (count != 3) return 64;
  void* const library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 65;
  }
  auto* const scenario = reinterpret_cast<void (*)()>(dlsym(library, arguments[2]));
  if (scenario == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 66;
  }
  try {
    scenario();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", arguments[2], error.what());
    return 1;
  }
}
