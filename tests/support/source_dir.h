// Where the source tree stands, for tests that read files of it.
//
// A library of one file, so that the path is in one object only: every other test object is the same in any
// clone and comes out of ccache.
#pragma once

#include <filesystem>

namespace pgward::tests {

std::filesystem::path source_dir();

}  // namespace pgward::tests
