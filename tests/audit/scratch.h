// A directory of its own for each test, and short ways to make and look at a log in it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "audit/log.h"
#include "audit/verify.h"

namespace pgward::audit {

inline constexpr std::int64_t kNow = 1'763'786'700'123'456;  // 2025-11-22T04:45:00.123456Z

class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

LogConfig config_for(const std::filesystem::path& directory);
// Opens, or fails the test.
std::unique_ptr<Log> open_log(const LogConfig& config);
// A record that says `n`.
std::string numbered(std::uint64_t n);
// Opens, appends records first..last, each durable before the next, and closes.
void write_records(const LogConfig& config, std::uint64_t first, std::uint64_t last);

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, std::string_view bytes);
std::vector<std::string> lines_of(
    std::string_view bytes);  // without newlines and without trailing zero bytes
std::string hash_of_line(std::string_view line);  // as the next one names it
std::vector<std::string> all_lines(const std::filesystem::path& directory);
// The "n" of the numbered() records, in order.
std::vector<std::uint64_t> numbers_in(const std::filesystem::path& directory);
std::size_t count_of(const std::filesystem::path& directory, std::string_view type);

// What is wrong with it in one line, "" when it is intact.
std::string trouble_with(const std::filesystem::path& directory);

}  // namespace pgward::audit
