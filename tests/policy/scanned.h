// What libpg_query's own scanner takes for literals, for tests and fuzz targets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pgward::tests {

struct ScannedToken {
  std::size_t begin;
  std::size_t end;
  std::uint64_t kind;  // of the library's enum Token
};
// Nothing when the scanner refuses the text. Only for texts without zero bytes.
std::optional<std::vector<ScannedToken>> scanned_tokens(const std::string& sql);

// First byte and the byte behind the last one of every constant (numbers, strings, bit strings), in order; as above.
std::optional<std::vector<std::pair<std::size_t, std::size_t>>> scanned_literals(const std::string& sql);

}  // namespace pgward::tests
