# What `cmake --install` puts where, and the package that find_package(airlock) reads.
include(CMakePackageConfigHelpers)

foreach(folder hw-model compiler traces xclbin)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/airlock COMPONENT development
          FILES_MATCHING PATTERN "*.h")
endforeach()
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/airlock COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES cmake/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME airlock COMPONENT program)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/airlock)
install(EXPORT airlock NAMESPACE airlock:: DESTINATION ${package_dir} FILE airlock-targets.cmake COMPONENT development)
configure_package_config_file(cmake/airlock-config.cmake.in ${CMAKE_BINARY_DIR}/airlock-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/airlock-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/airlock-config.cmake ${CMAKE_BINARY_DIR}/airlock-config-version.cmake
        DESTINATION ${package_dir} COMPONENT development)
