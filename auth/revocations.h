// Credentials that were taken back before their end. A file of JSON lines, one revocation each, to which lines are only
// ever added; a person can read it and, in need, write it:
//
//   {"at":"2026-11-22T13:05:00Z","id":"7f3a..","reason":"laptop stolen"}
//   {"at":"2026-11-22T13:05:00Z","subject":"nurse@example.test","issuer":"https://idp.example","before":"2026-11-22T13:05:00Z"}
//   {"at":"2026-11-22T13:05:00Z","key":"2026-10","before":"2026-11-22T13:05:00Z"}
//   {"at":"2026-11-22T13:05:00Z","tenant":{"clinic_id":"7"},"before":"2026-11-22T13:05:00Z"}
//
// A line means the credentials that fit all it names: id (jti), subject, issuer, key (the id of the key that vouches
// for them), tenant (attribute and value as the audit trail shows them), and issued not later than `before`. Without
// `before` it holds for good. A line names at least one of id, subject, key and tenant.
//
// A line that cannot be read may be the one that matters: until it is mended, complete() is false, and nobody new is
// let in. Those that can be read count all the same.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "auth/identity.h"

namespace pgward::auth {

struct Revocation {
  std::string id, subject, issuer, key;               // empty: any
  std::vector<std::pair<std::string, std::string>> tenant;  // attribute and value; empty: any
  std::optional<UnixTime> before;
  std::string at, reason;  // for people
};

inline constexpr std::size_t kRevocationLineBytesMax = 4096;

// Nothing: not a revocation.
std::optional<Revocation> parse_revocation(std::string_view line);
std::string revocation_line(const Revocation& revocation);  // with its newline

class Revocations {
 public:
  using Tenant = std::vector<std::pair<std::string, std::string>>;

  // `version` tells one list from the next.
  static Revocations parse(std::string_view text, std::uint64_t version);
  // The same list, with its file gone: it counts, and is not complete.
  Revocations without_file(std::uint64_t version) const;

  bool revoked(const Bearer& bearer, const Tenant& tenant) const;
  bool complete() const { return complete_; }
  std::size_t bad_line() const { return bad_line_; }  // the first that cannot be read, from 1; 0: none
  std::size_t size() const { return by_id_.size() + by_subject_.size() + others_.size(); }
  std::uint64_t version() const { return version_; }

 private:
  using Index = std::unordered_multimap<std::string, Revocation>;
  void add(Revocation revocation);
  Index by_id_, by_subject_;
  std::vector<Revocation> others_;
  bool complete_ = true;
  std::size_t bad_line_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace pgward::auth
