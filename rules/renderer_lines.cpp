// Texts of several lines. A value may hold line breaks, and lines that look like the server's own: so
// a line with a value reaches as far down as its rule can still be read, and what it swallows is gone.
#include <algorithm>

#include "rules/renderer.h"

namespace pgward::rules {
namespace {

// Reading is quadratic in the lines: a longer text goes as a whole, and what is behind so many bytes
// read goes too. The stack of a recursive function of 40 levels is within.
constexpr std::size_t kLinesMax = 100;
constexpr std::size_t kBytesMax = 32768;
constexpr std::size_t kReadBytesMax = 2097152;

struct Message {
  char field;
  std::string_view sqlstate;
  std::string_view text;
  std::vector<std::size_t> starts;  // of its lines, and one past the end of the last
};

std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1))
    starts.push_back(at + 1);
  starts.push_back(text.size() + 1);
  return starts;
}

bool has_value(const Rule& rule) {
  return std::any_of(rule.text.slots().begin(), rule.text.slots().end(), holds_values);
}

// The rule that reads most of lines [first, starts.size() - 1), and the line behind what it read.
std::pair<Match, std::size_t> longest(const Rulebook& book, const Message& message, std::size_t first,
                                      std::size_t& read_bytes) {
  const auto& starts = message.starts;
  for (std::size_t last = starts.size() - 1; last > first; --last) {
    const auto part = message.text.substr(starts[first], starts[last] - 1 - starts[first]);
    read_bytes += part.size();
    if (read_bytes > kReadBytesMax) return {Match{}, starts.size() - 1};
    if (auto match = book.find(message.field, message.sqlstate, part, true); match.rule != nullptr)
      return {std::move(match), last};
  }
  return {Match{}, first + 1};
}

}  // namespace

std::string Renderer::lines(char field, std::string_view sqlstate, std::string_view text) {
  const Message message{field, sqlstate, text, line_starts(text)};
  const auto count = message.starts.size() - 1;
  std::string out;
  if (text.size() > kBytesMax || count > kLinesMax) {
    ++values_removed_;
    return out;
  }
  bool behind_value = false;
  std::size_t read_bytes = 0;
  for (std::size_t first = 0; first < count;) {
    const auto [match, next] = longest(book_, message, first, read_bytes);
    if (match.rule == nullptr) {
      ++values_removed_;
    } else {
      out.append(out.empty() ? "" : "\n").append(render(match, 0, behind_value));
    }
    // A line that nobody knows may be the middle of a value.
    behind_value = behind_value || match.rule == nullptr || has_value(*match.rule);
    first = next;
  }
  return out;
}

}  // namespace pgward::rules
