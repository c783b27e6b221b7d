#include "scratch.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "audit/read.h"
#include "audit/sha256.h"

namespace pgward::audit {

Scratch::Scratch() {
  // In memory where there is such a place: thousands of syncs are no part of what is tested.
  const std::filesystem::path memory = "/dev/shm";
  const auto place = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  std::string name = (place / "pgward-audit-XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

LogConfig config_for(const std::filesystem::path& directory) {
  LogConfig config;
  config.directory = directory;
  config.instance = "test";
  config.segment_bytes = 64u << 10;  // and so grown by no more: quick
  return config;
}

std::unique_ptr<Log> open_log(const LogConfig& config) {
  auto opened = Log::open(config, kNow);
  if (const auto* error = std::get_if<std::string>(&opened)) {
    ADD_FAILURE() << *error;
    std::abort();
  }
  return std::get<std::unique_ptr<Log>>(std::move(opened));
}

std::string numbered(std::uint64_t n) { return "\"type\":\"test\",\"n\":" + std::to_string(n); }

void write_records(const LogConfig& config, std::uint64_t first, std::uint64_t last) {
  const auto log = open_log(config);
  for (std::uint64_t n = first; n <= last; ++n) {
    ASSERT_NE(log->append(numbered(n), kNow + static_cast<std::int64_t>(n)), 0u);
    ASSERT_TRUE(log->flush());
  }
}

std::string read_file(const std::filesystem::path& file) {
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return bytes.str();
}

void write_file(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<std::string> lines_of(std::string_view bytes) {
  std::vector<std::string> lines;
  for (std::size_t end; (end = bytes.find('\n')) != std::string_view::npos; bytes.remove_prefix(end + 1))
    lines.emplace_back(bytes.substr(0, end));
  return lines;
}

std::string hash_of_line(std::string_view line) { return hex_of(leaf_hash(line)); }

std::vector<std::string> all_lines(const std::filesystem::path& directory) {
  std::vector<std::string> lines;
  const std::string error = for_each_line(directory, [&](const StoredLine& line) {
    lines.emplace_back(line.text);
    return true;
  });
  EXPECT_EQ(error, "");
  return lines;
}

std::vector<std::uint64_t> numbers_in(const std::filesystem::path& directory) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& line : all_lines(directory))
    if (const auto at = line.find("\"n\":"); at != std::string::npos) numbers.push_back(std::stoull(line.substr(at + 4)));
  return numbers;
}

std::size_t count_of(const std::filesystem::path& directory, std::string_view type) {
  std::size_t count = 0;
  for (const std::string& line : all_lines(directory)) count += line.find("\"type\":\"" + std::string(type) + "\"") != line.npos;
  return count;
}

std::string trouble_with(const std::filesystem::path& directory) {
  const VerifyReport report = verify(directory);
  if (!report.error.empty()) return report.error;
  if (!report.first_bad) return "";
  const BadRecord& bad = *report.first_bad;
  return bad.file.filename().string() + ":" + std::to_string(bad.line) + ": " + std::to_string(bad.seq) + " " + bad.reason;
}

}  // namespace pgward::audit
