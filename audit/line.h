// One line of the log, without its newline:
//
//   {"v":2,"log":"<instance>/<start>","seq":N,"ts":"<RFC 3339>","type":"...",...,"prev":"<hex>"}
//
// The order of the envelope is fixed, so that a reader needs no JSON document to follow the chain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "audit/sha256.h"

namespace pgward::audit {

struct Line {
  std::string_view log;     // "<instance>/<start>"
  std::uint64_t start = 0;  // its number: one more with each start of the instance
  std::uint64_t seq = 0;
  std::string_view members;  // from "type" on, without "prev"
  std::string_view type;
  std::string_view prev;  // all views: into the text that was parsed
  Hash prev_hash{};
};

enum class LineFault { version, log, seq, ts, type, prev, json, count_ };
std::string_view text_of(LineFault fault);

// Envelope only: cheap, enough to follow the chain.
std::variant<Line, LineFault> parse_line(std::string_view text);
// Whole: the envelope, and all of it well-formed JSON in UTF-8.
std::variant<Line, LineFault> parse_whole_line(std::string_view text);

void append_line(std::string& out, const Line& line, std::int64_t now_us);  // `type` and `start` are not used

// What an instance may be called: 1 to 64 of A-Z a-z 0-9 . _ -
bool is_instance(std::string_view name);

}  // namespace pgward::audit
