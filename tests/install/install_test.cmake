# Installs the build into a fresh folder, builds a project against it, and runs both from elsewhere.
#   cmake -DBUILD=<build folder> -DSOURCE=<this folder> -DTORCH_DIR=<of TorchConfig.cmake> -P install_test.cmake
set(work ${BUILD}/install-test)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work}/elsewhere)
unset(ENV{STAC_DATA})

function(run)
  execute_process(COMMAND ${ARGV} WORKING_DIRECTORY ${work}/elsewhere OUTPUT_VARIABLE out ERROR_VARIABLE out
                  RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGV}\nended with status ${status}:\n${out}")
  endif()
  message(STATUS "${out}")
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
foreach(tool stac-convert stac-chat stac-test stac-bench)
  run(${work}/prefix/bin/${tool} --version)
endforeach()
run(${work}/prefix/bin/stac-convert --model stac-tiny --timesteps 4 --simplified --output ${work}/artifact)

# The consumer lies beside the tools, so that it finds the installed models as they do.
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${work}/consumer -G Ninja -DCMAKE_PREFIX_PATH=${work}/prefix
    -DTorch_DIR=${TORCH_DIR} -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_RUNTIME_OUTPUT_DIRECTORY=${work}/prefix/bin)
run(${CMAKE_COMMAND} --build ${work}/consumer)
run(${work}/prefix/bin/consumer)
file(REMOVE_RECURSE ${work})
