// Checks a log from its first segment to its last line: chain, dense sequence, form of each line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pgward::audit {

struct BadRecord {
  std::filesystem::path file;
  std::uint64_t line = 0;  // in that file, from 1
  std::uint64_t seq = 0;   // the number the record should have
  std::string reason;      // what does not fit; no content of the record
};

struct VerifyReport {
  std::uint64_t records = 0;  // good ones before the first bad one
  std::uint64_t segments = 0;
  std::string head;           // hash of the last good line, hex: compare it with a copy kept elsewhere
  std::optional<BadRecord> first_bad;
};

VerifyReport verify(const std::filesystem::path& directory);

}  // namespace pgward::audit
