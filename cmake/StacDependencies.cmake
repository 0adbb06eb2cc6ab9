# Third-party packages. LibTorch may come from Debian or from CMAKE_PREFIX_PATH (docs/architecture.md, "LibTorch").
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Torch REQUIRED)
# ATen's parallel loops are templates: compiled without OpenMP they run on one thread, whatever LibTorch was built with.
find_package(OpenMP REQUIRED COMPONENTS CXX)
pkg_check_modules(pcre2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(sentencepiece REQUIRED IMPORTED_TARGET sentencepiece)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)

# oneDNN by hand: Debian's package file also asks for OpenCL headers, which only its GPU interface needs. Another LibTorch may bring
# a newer dnnl.h of its own; the functions that src/model/sgemm.cpp calls are the same in both.
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.h REQUIRED)
find_library(DNNL_LIBRARY dnnl REQUIRED)
if(NOT TARGET DNNL::dnnl)  # installed with the package, this file may be read twice
  add_library(DNNL::dnnl UNKNOWN IMPORTED)
  set_target_properties(DNNL::dnnl PROPERTIES IMPORTED_LOCATION ${DNNL_LIBRARY})
endif()
