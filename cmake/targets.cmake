# Debian's Boost 1.81 stands beside the default 1.74: headers only, so the include path is all we need.
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Threads REQUIRED)

# One precompiled header of the standard library for all of our libraries and tests.
set(PGWARD_PCH <array> <charconv> <chrono> <cstdint> <cstring> <functional> <map> <memory>
    <optional> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)

# pgward_library(NAME SOURCES a.cpp ... USES other_target ...): one static library a folder.
# The USES line is the dependency direction of docs/architecture.md.
function(pgward_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC pgward_options Boost::headers ${ARG_USES} PRIVATE ${ARG_PRIVATE_USES})
  target_precompile_headers(${name} PRIVATE ${PGWARD_PCH})
endfunction()

# pgward_test(NAME SOURCES ... USES ...): one GoogleTest program a folder, found by CTest case by case.
function(pgward_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE pgward_options ${ARG_USES} pgward_source_dir GTest::gmock GTest::gtest_main)
  target_precompile_headers(${name} PRIVATE ${PGWARD_PCH} <gtest/gtest.h>)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS unit)
endfunction()

# pgward_fuzzer(NAME SOURCES ... USES ...): a libFuzzer program; seeds in tests/fuzz/corpus/NAME.
# In other builds its seeds are a test of the folder (tests/fuzz/replay.h): the first source, under a name of its own.
# Call it behind the folder's pgward_test(), which has the other sources.
function(pgward_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  if(NOT PGWARD_FUZZ)
    get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
    list(GET ARG_SOURCES 0 source)
    configure_file(${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${name}_replay.cpp @ONLY)
    target_sources(${folder}_test PRIVATE ${source} ${CMAKE_CURRENT_BINARY_DIR}/${name}_replay.cpp)
    set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS LLVMFuzzerTestOneInput=${name})
    target_link_libraries(${folder}_test PRIVATE ${ARG_USES})
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE pgward_options ${ARG_USES} -fsanitize=fuzzer)
endfunction()
