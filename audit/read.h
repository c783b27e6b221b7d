// The lines of a log as they stand there, for showing and searching. Nothing is checked: see verify().
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pgward::audit {

struct StoredLine {
  const std::filesystem::path& file;
  std::uint64_t line = 0;  // from 1
  std::string_view text;   // JSON, without newline; good during the call
};

// Calls `each` for each whole line, oldest first, until it answers false. Why it could not go on, or empty:
// what a running or crashed writer leaves behind the last whole line of the log is no reason.
std::string for_each_line(const std::filesystem::path& directory,
                          const std::function<bool(const StoredLine&)>& each);

struct LastLines {
  std::vector<std::string> lines;  // oldest first
  std::string error;
};
LastLines last_lines(const std::filesystem::path& directory, std::size_t count);

}  // namespace pgward::audit
