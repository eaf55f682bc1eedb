option(GEOMSU_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(GEOMSU_BENCH "Build the Google Benchmark programs" OFF)
option(GEOMSU_BACKENDS "Build the measuring backends (off under sanitizers, which slow what they measure)" ON)
option(GEOMSU_WERROR "Warnings are errors, in our own code only" ${PROJECT_IS_TOP_LEVEL})
option(GEOMSU_FUZZ "Build the fuzzers (clang's libFuzzer) and nothing else of the tests" OFF)
set(GEOMSU_FUZZ_SECONDS 60 CACHE STRING "How long each fuzz test fuzzes")
set(GEOMSU_SANITIZE "" CACHE STRING "address;undefined or thread: sanitizers for the host rooms")

# Warnings live on a target of their own, so that they never leak into third-party headers or into users of the package.
add_library(geomsu_warnings INTERFACE)
target_compile_options(geomsu_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion -Wformat=2 -Wundef
  -Wcast-qual -Wimplicit-fallthrough $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi>
  # g++ 12 at -O3 warns falsely of "literal" + std::string (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<COMPILE_LANGUAGE:CXX>>:-Wno-restrict>
  $<$<BOOL:${GEOMSU_WERROR}>:-Werror>)

add_library(geomsu_sanitizers INTERFACE)
if(GEOMSU_SANITIZE)
  string(REPLACE ";" "," geomsu_sanitize_list "${GEOMSU_SANITIZE}")
  target_compile_options(geomsu_sanitizers INTERFACE -fsanitize=${geomsu_sanitize_list} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(geomsu_sanitizers INTERFACE -fsanitize=${geomsu_sanitize_list})
endif()

find_program(GEOMSU_CCACHE ccache)
if(GEOMSU_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${GEOMSU_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${GEOMSU_CCACHE}")
endif()
