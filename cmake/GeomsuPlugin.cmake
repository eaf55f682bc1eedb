# geomsu_add_plugin(NAME acme SOURCES acme.cpp [DEPS acme::sdk]): the target geomsu_backend_acme, a MODULE geomsu_acme.so
# that exports geomsu_plugin_query and nothing else. The same function builds the backends in the tree and those elsewhere.
function(geomsu_add_plugin)
  cmake_parse_arguments(PLUGIN "" "NAME" "SOURCES;DEPS" ${ARGN})
  set(target geomsu_backend_${PLUGIN_NAME})
  # Beside this file in the package, with the ABI in the sources.
  set(map "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/geomsu_plugin.map")
  if(NOT EXISTS "${map}")
    set(map "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../harness/abi/geomsu_plugin.map")
  endif()
  add_library(${target} MODULE ${PLUGIN_SOURCES})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_link_libraries(${target} PRIVATE geomsu::abi geomsu::ops ${PLUGIN_DEPS})
  target_link_options(${target} PRIVATE "-Wl,--version-script=${map}" -Wl,--no-undefined)
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME geomsu_${PLUGIN_NAME}
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${map}")
endfunction()
