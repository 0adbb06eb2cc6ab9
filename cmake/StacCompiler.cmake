# Warnings are errors; products and sums keep the order that the source states, so that results do not depend on the optimiser.
add_library(stac_options INTERFACE)
target_compile_options(stac_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror
                                              -ffp-contract=off)
# g++ 12 at -O3 sees overlapping copies in every `"text" + std::string` (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(stac_options INTERFACE -Wno-restrict)
endif()
# One flag for libraries and programs alike (not -fPIE for some): a precompiled header only serves translation units built like it.
add_compile_options(-fPIC)
if(STAC_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

find_program(STAC_CCACHE ccache)
if(STAC_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${STAC_CCACHE})
  add_compile_options(-fpch-preprocess)
endif()
