// Statement texts for tests that must hold for any: those of the case files, and of ../shared/corpus/isolation where
// that stands beside the sources.
#pragma once

#include <string>
#include <vector>

namespace pgward::tests {

const std::vector<std::string>& statements();

}  // namespace pgward::tests
