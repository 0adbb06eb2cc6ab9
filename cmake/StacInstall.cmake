# cmake --install: tools, headers, libraries, data, and the package that find_package(stac) reads.
