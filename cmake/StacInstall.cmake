# cmake --install: tools, headers, libraries, data, and the package that find_package(stac) reads.
include(CMakePackageConfigHelpers)

set(STAC_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/stac)
get_property(rooms GLOBAL PROPERTY STAC_ROOMS)
get_property(tools GLOBAL PROPERTY STAC_TOOLS)

# A LibTorch outside the system's folders is found again by the installed tools.
set_target_properties(${tools} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)

target_compile_features(stac INTERFACE cxx_std_20)
install(TARGETS ${tools} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS stac ${rooms} EXPORT stac-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS stac_sentencepiece LIBRARY DESTINATION lib/stac)  # where src/text/sentencepiece_model.cpp looks
install(DIRECTORY include/stac DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY models configs DESTINATION ${CMAKE_INSTALL_DATADIR}/stac)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/stac)

install(EXPORT stac-targets NAMESPACE stac:: DESTINATION ${STAC_PACKAGE_DIR})
configure_package_config_file(cmake/stac-config.cmake.in stac-config.cmake INSTALL_DESTINATION ${STAC_PACKAGE_DIR})
write_basic_package_version_file(stac-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/stac-config.cmake ${PROJECT_BINARY_DIR}/stac-config-version.cmake
              cmake/StacDependencies.cmake
        DESTINATION ${STAC_PACKAGE_DIR})
