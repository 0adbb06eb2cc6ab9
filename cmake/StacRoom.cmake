# stac_room(<name> [TORCH] [LINK libs...] [PRIVATE_LINK libs...]): the library of src/<name>, headers in include/stac/<name>.
# TORCH rooms share one precompiled LibTorch header, built by the first of them.
set(STAC_PCH_OWNER stac_model)

# oneDNN stands before LibTorch: a pip-installed one carries another oneDNN, whose inner functions would else be found first by ours.
function(stac_use_torch target)
  target_link_libraries(${target} PUBLIC DNNL::dnnl ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
  if(target STREQUAL STAC_PCH_OWNER)
    target_precompile_headers(${target} PRIVATE <torch/torch.h>)
  else()
    target_precompile_headers(${target} REUSE_FROM ${STAC_PCH_OWNER})
  endif()
endfunction()

function(stac_room name)
  cmake_parse_arguments(ROOM "TORCH" "" "LINK;PRIVATE_LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp ${PROJECT_SOURCE_DIR}/src/${name}/*/*.cpp)
  if(NOT sources)
    add_library(stac_${name} INTERFACE)  # a room that nobody has furnished yet
    target_link_libraries(stac_${name} INTERFACE ${ROOM_LINK})
    return()
  endif()
  add_library(stac_${name} STATIC ${sources})
  add_library(stac::${name} ALIAS stac_${name})
  set_target_properties(stac_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(stac_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                 $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
                                          PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(stac_${name} PUBLIC ${ROOM_LINK} Threads::Threads
                                     PRIVATE $<BUILD_INTERFACE:stac_options> ${ROOM_PRIVATE_LINK})
  if(ROOM_TORCH)
    stac_use_torch(stac_${name})
  endif()
  set_property(GLOBAL APPEND PROPERTY STAC_ROOMS stac_${name})
endfunction()
