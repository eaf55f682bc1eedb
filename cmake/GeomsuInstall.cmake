# Install rules: the tree from which geomsu runs anywhere, and the package that an out-of-tree plug-in finds.
#
#   bin/geomsu  bin/geomsu-worker{,-mpi}   find the rest relative to their own place, so the tree may be moved
#   lib/geomsu/backends/geomsu_*.so
#   lib/geomsu/adapters/              Python, one folder an adapter
#   share/geomsu/{contracts,suites,devices,sites,schema}
#   include/geomsu/{harness/abi,kernels/ops}/...   lib/libgeomsu_ops.a   lib/cmake/geomsu/: geomsu::abi, geomsu::ops
include(CMakePackageConfigHelpers)

foreach(program geomsu geomsu_worker_bin geomsu_worker_mpi_bin)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
endforeach()

# The fake is installed too: what it measures is marked as simulated and never accepted as a whole.
foreach(backend cpu mpi template fake)
  if(TARGET geomsu_backend_${backend})
    install(TARGETS geomsu_backend_${backend} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/geomsu/backends")
  endif()
endforeach()

# Scripts, to be named with their absolute path in a site file.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/kernels/adapters/" DESTINATION "${CMAKE_INSTALL_LIBDIR}/geomsu/adapters"
  USE_SOURCE_PERMISSIONS FILES_MATCHING PATTERN "*.py" PATTERN "__pycache__" EXCLUDE)

foreach(folder contracts suites devices sites schema law costs settlement)
  if(EXISTS "${PROJECT_SOURCE_DIR}/configs/${folder}")
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/configs/${folder}" DESTINATION "${CMAKE_INSTALL_DATADIR}/geomsu")
  endif()
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

if(TARGET geomsu_abi AND TARGET geomsu_ops)
  target_compile_features(geomsu_abi INTERFACE cxx_std_20)
  target_compile_features(geomsu_ops PUBLIC cxx_std_20)
  install(TARGETS geomsu_abi geomsu_ops EXPORT geomsuTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/geomsu")
  set(geomsu_package "${CMAKE_INSTALL_LIBDIR}/cmake/geomsu")
  install(EXPORT geomsuTargets NAMESPACE geomsu:: DESTINATION "${geomsu_package}")
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/geomsuConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/geomsuConfig.cmake" INSTALL_DESTINATION "${geomsu_package}")
  # ABI 1.x: a later minor serves an earlier plug-in, another major serves none.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/geomsuConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/geomsuConfig.cmake" "${PROJECT_BINARY_DIR}/geomsuConfigVersion.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/GeomsuPlugin.cmake" "${PROJECT_SOURCE_DIR}/harness/abi/geomsu_plugin.map"
    DESTINATION "${geomsu_package}")
endif()
