# geomsu_room(NAME base SOURCES a.cpp HEADERS a.hpp DEPS geomsu::x PRIVATE_DEPS fmt::fmt)
#   One room of the harness = one static library geomsu_<name>, alias geomsu::<name>. DEPS are exactly the arrows drawn in
#   harness/README.md; HEADERS are public and each is compiled alone.
function(geomsu_room)
  cmake_parse_arguments(ROOM "" "NAME" "SOURCES;HEADERS;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target geomsu_${ROOM_NAME})
  if(ROOM_SOURCES)
    add_library(${target} STATIC ${ROOM_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:geomsu_warnings> ${ROOM_PRIVATE_DEPS})
    target_link_libraries(${target} PUBLIC $<BUILD_INTERFACE:geomsu_sanitizers>)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(geomsu::${ROOM_NAME} ALIAS ${target})
  target_include_directories(${target} ${scope} "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  target_link_libraries(${target} ${scope} ${ROOM_DEPS})
  if(ROOM_HEADERS)
    target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${ROOM_HEADERS})
    set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ROOM_NAME})
endfunction()

# geomsu_backend(NAME cpu SOURCES ... DEPS ...): a plug-in of this tree, built by the same function that plug-ins elsewhere get
# from the package, under our warnings.
include(GeomsuPlugin)
function(geomsu_backend)
  cmake_parse_arguments(BACKEND "" "NAME" "SOURCES;DEPS" ${ARGN})
  geomsu_add_plugin(NAME ${BACKEND_NAME} SOURCES ${BACKEND_SOURCES} DEPS ${BACKEND_DEPS})
  set(target geomsu_backend_${BACKEND_NAME})
  target_link_libraries(${target} PRIVATE geomsu_warnings geomsu_sanitizers)
  set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${GEOMSU_BACKEND_OUTPUT_DIRECTORY}")
endfunction()

# geomsu_test(NAME unit.stats SOURCES ... DEPS ... LABELS unit): one GoogleTest program a room; test names are sentences.
function(geomsu_test)
  cmake_parse_arguments(TEST "" "NAME;TIMEOUT;LABELS" "SOURCES;DEPS" ${ARGN})  # one label: a list is lost in discovery
  string(REPLACE "." "_" target "geomsu_test_${TEST_NAME}")
  add_executable(${target} ${TEST_SOURCES})
  target_link_libraries(${target} PRIVATE ${TEST_DEPS} geomsu_warnings geomsu_sanitizers GTest::gmock_main)
  if(GEOMSU_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)  # the tests' own code: half the time to compile under sanitizers
  endif()
  if(GEOMSU_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 with sanitizers warns falsely inside <regex> (GCC bug 105562).
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${target} PRIVATE GEOMSU_SOURCE_DIR="${PROJECT_SOURCE_DIR}" GEOMSU_BUILD_DIR="${PROJECT_BINARY_DIR}")
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${TEST_NAME}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABELS}")
endfunction()
