// What the index of a segment is made of: for each thing that somebody may ask for, the records that tell of it.
//
// A key is 16 bytes: a pseudonym as it stands in the log, the id of a session, or the beginning of a hash of a name. Sections of
// entries are sorted, so that all of a key stand together.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/segment_name.h"
#include "audit/sha256.h"

namespace pgward::audit {

enum class IndexKind : std::uint32_t {
  subject,     // pseudonym of a person: stmt.* that touched one of its records
  record,      // pseudonym of a record: the same
  changed,     // pseudonym of a record: stmt.change
  set,         // hash of a table's name: touched, and not known which of its records
  user,        // hash of a subject of credentials: records that name it as their actor
  credential,  // hash of a credential's id: the same
  session,     // id of a session: all its records; `more` is the statement's number
  told,        // id of a session: those that tell who, or what a statement is; `more` as above
  type,        // hash of a type: all but the types that statements are made of
  count_
};
inline constexpr std::size_t kIndexKinds = static_cast<std::size_t>(IndexKind::count_);

using IndexKey = std::array<unsigned char, 16>;

struct IndexEntry {
  IndexKey key{};
  std::uint32_t row = 0;   // the record is number first_seq + row
  std::uint32_t more = 0;  // whole seconds since the segment's first record, or a statement's number
  auto operator<=>(const IndexEntry&) const = default;
};
static_assert(sizeof(IndexEntry) == 24);

// 32 of 0-9a-f, or nothing.
std::optional<IndexKey> key_of_hex(std::string_view hex);
// Of a name: `what` keeps a user from passing for a table.
IndexKey key_of_text(std::string_view what, std::string_view text);
IndexKey key_of_user(std::string_view subject);
IndexKey key_of_credential(std::string_view id);
IndexKey key_of_session(std::string_view id);
IndexKey key_of_table(std::string_view table);
IndexKey key_of_type(std::string_view type);

// What a segment is, as far as an index of it has to say: one that says otherwise is not of this segment.
struct SegmentShape {
  SegmentNumber number = 0;
  std::uint64_t first_seq = 0, records = 0;
  std::uint64_t bytes = 0;  // of its lines with their newlines, not compressed
  Hash before{}, head{};    // of the record before the first, and of the last
  std::int64_t first_us = 0;             // time of the first record
  std::int64_t least_us = 0, most_us = 0;  // a clock may have been set back
  bool operator==(const SegmentShape&) const = default;
};

}  // namespace pgward::audit
