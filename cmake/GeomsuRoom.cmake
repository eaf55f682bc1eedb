# geomsu_room(NAME base SOURCES a.cpp HEADERS a.hpp DEPS geomsu::x PRIVATE_DEPS fmt::fmt)
#   One room of the harness = one static library geomsu_<name>, alias geomsu::<name>. DEPS are exactly the arrows drawn in
#   harness/README.md; HEADERS are public and each is compiled alone.
function(geomsu_room)
  cmake_parse_arguments(ROOM "" "NAME" "SOURCES;HEADERS;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target geomsu_${ROOM_NAME})
  if(ROOM_SOURCES)
    add_library(${target} STATIC ${ROOM_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE geomsu_warnings ${ROOM_PRIVATE_DEPS})
    target_link_libraries(${target} PUBLIC geomsu_sanitizers)
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

# geomsu_backend(NAME cpu SOURCES ... DEPS ...): a plug-in geomsu_<name>.so that exports geomsu_plugin_query and nothing else.
function(geomsu_backend)
  cmake_parse_arguments(BACKEND "" "NAME" "SOURCES;DEPS" ${ARGN})
  set(target geomsu_backend_${BACKEND_NAME})
  add_library(${target} MODULE ${BACKEND_SOURCES})
  target_link_libraries(${target} PRIVATE geomsu::abi geomsu::ops geomsu_warnings ${BACKEND_DEPS})
  target_link_options(${target} PRIVATE "-Wl,--version-script=${PROJECT_SOURCE_DIR}/harness/abi/geomsu_plugin.map"
    -Wl,--no-undefined)
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME geomsu_${BACKEND_NAME}
    LIBRARY_OUTPUT_DIRECTORY "${GEOMSU_BACKEND_OUTPUT_DIRECTORY}"
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${PROJECT_SOURCE_DIR}/harness/abi/geomsu_plugin.map")
endfunction()

# geomsu_test(NAME unit.stats SOURCES ... DEPS ... LABELS ...): one GoogleTest program a room; test names are sentences.
function(geomsu_test)
  cmake_parse_arguments(TEST "" "NAME;TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  string(REPLACE "." "_" target "geomsu_test_${TEST_NAME}")
  add_executable(${target} ${TEST_SOURCES})
  target_link_libraries(${target} PRIVATE ${TEST_DEPS} geomsu_warnings geomsu_sanitizers GTest::gmock_main)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${target} PRIVATE GEOMSU_SOURCE_DIR="${PROJECT_SOURCE_DIR}" GEOMSU_BUILD_DIR="${PROJECT_BINARY_DIR}")
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${TEST_NAME}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABELS}")
endfunction()
