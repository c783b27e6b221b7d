#include "tests/support/source_dir.h"

namespace pgward::tests {

std::filesystem::path source_dir() { return PGWARD_SOURCE_DIR; }

}  // namespace pgward::tests
