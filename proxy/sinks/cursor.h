// How far a sink has got, across kills: the last record that the other side has, by number and hash, and the first one that
// a Completer must be fed with to go on. A small file, replaced as a whole and durable before the call returns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace pgward::proxy {

struct Cursor {
  std::uint64_t seq = 0;   // 0: nothing was delivered
  std::string hash;        // of that record: another log in the same place is noticed
  std::uint64_t from = 0;  // what a Completer is to be fed from
};

// Nothing: there is no such file. The text says why it cannot be used.
std::variant<std::optional<Cursor>, std::string> read_cursor(const std::filesystem::path& file);
// Why not, or empty.
std::string write_cursor(const std::filesystem::path& file, const Cursor& cursor);

}  // namespace pgward::proxy
