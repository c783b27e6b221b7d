// What libpg_query's own scanner takes for literals, for tests and fuzz targets.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pgward::tests {

// First byte and the byte behind the last one of every constant (numbers, strings, bit strings), in order; nothing
// when the scanner refuses the text. Only for texts without zero bytes.
std::optional<std::vector<std::pair<std::size_t, std::size_t>>> scanned_literals(const std::string& sql);

}  // namespace pgward::tests
