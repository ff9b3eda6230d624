# What `cmake --install` installs, and the package that find_package(Compress)
# finds: headers (the generated ones too), libraries, tools and the plugin.

include(CMakePackageConfigHelpers)
# Not the architecture's own folder: installations are moved and copied as one.
set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "Where libraries go, below the prefix")
include(GNUInstallDirs)

get_property(libs GLOBAL PROPERTY COMPRESS_LIBS)
get_property(tools GLOBAL PROPERTY COMPRESS_TOOLS)
list(REMOVE_ITEM tools CompressPlugin)
list(APPEND libs compress_runtime)

# Compress::Compress: everything that a compiler which embeds us may want.
add_library(CompressAll INTERFACE)
target_link_libraries(CompressAll INTERFACE ${libs})
set_target_properties(CompressAll PROPERTIES EXPORT_NAME Compress)
# CompressImportOnnx -> Compress::ImportOnnx
foreach(lib ${libs})
  string(REGEX REPLACE "^Compress|^compress_" "" name ${lib})
  string(REGEX REPLACE "^runtime$" "Runtime" name ${name})
  set_target_properties(${lib} PROPERTIES EXPORT_NAME ${name})
endforeach()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Compress)
# Where this LLVM is, is known to the tools.
set_target_properties(${tools} CompressPlugin PROPERTIES
  INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS ${libs} ${tools} CompressAll EXPORT CompressTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS CompressPlugin LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT CompressTargets NAMESPACE Compress:: DESTINATION ${package_dir})
foreach(include_dir ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  install(DIRECTORY ${include_dir}/Compress DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.inc"
    PATTERN CMakeFiles EXCLUDE)
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/CompressConfig.cmake.in
  ${PROJECT_BINARY_DIR}/CompressConfig.cmake
  INSTALL_DESTINATION ${package_dir}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/CompressConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/CompressConfig.cmake
  ${PROJECT_BINARY_DIR}/CompressConfigVersion.cmake DESTINATION ${package_dir})
