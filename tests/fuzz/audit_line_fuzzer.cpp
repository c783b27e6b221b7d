// One line of a log. What is accepted is what the writer would have written.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "audit/line.h"
#include "audit/timestamp.h"

using namespace pgward::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = parse_whole_line(text);
  const auto envelope = parse_line(text);
  if (!std::holds_alternative<Line>(whole)) return 0;
  if (!std::holds_alternative<Line>(envelope)) std::abort();

  const Line& line = std::get<Line>(whole);
  std::string again;
  append_line(again, line, 0);
  // All but the time, which the line keeps as text only.
  const std::size_t at = again.find("1970-01-01T00:00:00.000000Z");
  if (at == std::string::npos || again.size() != text.size()) std::abort();
  if (!is_timestamp(text.substr(at, kTimestampChars))) std::abort();
  again.replace(at, kTimestampChars, text.substr(at, kTimestampChars));
  if (again != text) std::abort();
  return 0;
}
