// Keys as an officer knows them, and the pseudonyms that stand for them in the log.
#pragma once

#include <filesystem>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audit/index/entry.h"
#include "audit/subject_keys.h"

namespace pgward::proxy {

struct TenantKey {
  std::string tenant;  // "clinic_id=7", or "none"
  std::shared_ptr<const audit::SubjectKey> key;
};

// Those of the tenants that are asked for ("clinic_id=7", "none"; several attributes with spaces or commas between), of all that have a
// key there without. The text says what is missing.
std::variant<std::vector<TenantKey>, std::string> tenant_keys(const std::filesystem::path& directory, const std::vector<std::string>& wanted);

// Keys as they were given, with the lines of `in` (standard input) in place of "-": a command line is seen and kept by others.
std::vector<std::string> keys_given(const std::vector<std::string>& written, std::istream& in);

// The forms that PostgreSQL may print such a value in: as it is, a uuid in lower case with dashes, a number without leading zeros.
std::vector<std::string> text_forms(const std::string& value);
// The bytes that are hashed for a key: one value, or a JSON list of them for a key of several columns. Nothing: no such list.
std::vector<std::string> key_forms(const std::string& written);

// The same attributes, in whatever order.
bool same_tenant(const std::string& a, const std::string& b);

struct Pseudonymous {
  audit::IndexKey key{};
  std::string hex;
  std::size_t asked = 0;  // which of the keys that were asked for
  std::string tenant;     // whose key made it; empty: given as a pseudonym
};
// `table` empty: of a person; else of a record of that table (schema.name).
std::vector<Pseudonymous> pseudonyms_of(const std::vector<TenantKey>& keys, const std::vector<std::string>& written, const std::string& table);
std::string hex_of_key(const audit::IndexKey& key);

}  // namespace pgward::proxy
