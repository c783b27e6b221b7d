// "Did you mean": the name that a mistyped one is closest to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgward::policy {

// Letters to change, add, leave out or swap with their neighbour, without regard to case; stops counting
// above `at_most`.
std::size_t typing_distance(std::string_view a, std::string_view b, std::size_t at_most);

// The closest of the names when it is close enough to be meant, the first such on a tie.
std::optional<std::string> nearest(std::string_view mistyped, const std::vector<std::string>& names);

// "; did you mean 'x'?" or an empty text.
std::string did_you_mean(std::string_view mistyped, const std::vector<std::string>& names);

}  // namespace pgward::policy
