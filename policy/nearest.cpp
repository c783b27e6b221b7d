#include "policy/nearest.h"

#include <algorithm>

#include "policy/ascii.h"

namespace pgward::policy {
namespace {

// Names are at most 63 bytes in the server; two of them and a dot fit. Longer ones are not worth guessing.
constexpr std::size_t kGuessedBytesMax = 140;

}  // namespace

std::size_t typing_distance(std::string_view a, std::string_view b, std::size_t at_most) {
  const std::size_t beyond = at_most + 1;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > at_most) return beyond;
  // Three rows of the usual table: the one before last is needed for swapped neighbours.
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) now[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(now);
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = lower(a[i - 1]);
      const char y = lower(b[j - 1]);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (x == y ? 0 : 1)});
      if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y)
        now[j] = std::min(now[j], before_last[j - 2] + 1);
    }
    if (*std::min_element(now.begin(), now.end()) > at_most) return beyond;
  }
  return std::min(now[b.size()], beyond);
}

std::optional<std::string> nearest(std::string_view mistyped, const std::vector<std::string>& names) {
  if (mistyped.empty() || mistyped.size() > kGuessedBytesMax) return std::nullopt;
  std::size_t at_most = 1 + mistyped.size() / 4;
  std::optional<std::string> best;
  for (const std::string& name : names) {
    const std::size_t distance = typing_distance(mistyped, name, at_most);
    if (distance > at_most) continue;
    best = name;
    if (distance == 0) break;
    at_most = distance - 1;
  }
  return best;
}

std::string did_you_mean(std::string_view mistyped, const std::vector<std::string>& names) {
  const auto guess = nearest(mistyped, names);
  return guess ? "; did you mean '" + *guess + "'?" : "";
}

}  // namespace pgward::policy
