// What a session's triggers told of changes, on its way into the trail: keys and values become pseudonyms, or are sealed, with
// the tenant's key (audit/pseudonym.h). Nothing here writes a value in clear.
//
//   ChangeBook book(key, word, session_id, random);
//   book.add(notice, rule, statement);           each notice, as it comes
//   book.take()                                  what gathered, for one record; empty: nothing
//
// Equal values of one column have equal pseudonyms, whoever changed them: domain "value:schema.table.column", the value as
// row_to_json() writes it, or, when that is longer than kValueBytesMax, "sha256:" and its SHA-256 in hex.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "audit/pseudonym.h"
#include "policy/policy.h"
#include "proxy/session/change_notice.h"

namespace pgward::proxy {

class ChangeBook {
 public:
  static constexpr std::size_t kValueBytesMax = 2048;
  static constexpr std::size_t kRecordBytes = 128u << 10;  // so much is one record, and whatever one change needs
  static constexpr std::size_t kSealedBytesMax = 256u << 10;

  using Random = std::function<std::string(std::size_t)>;
  // The key outlives the book. `word`: by which the session's triggers tell (policy::kChangesSetting).
  ChangeBook(const audit::SubjectKey& key, std::string word, std::string session_id, Random random)
      : key_(&key), word_(std::move(word)), session_id_(std::move(session_id)), random_(std::move(random)) {}
  const std::string& word() const { return word_; }

  // `statement`: the number that the record will have.
  void add(const ChangeNotice& notice, const policy::TableRule& rule, std::uint64_t statement);
  // The elements of "changes", without brackets.
  std::string take() { return std::exchange(elements_, {}); }
  bool empty() const { return elements_.empty(); }
  bool full() const { return elements_.size() >= kRecordBytes; }
  const std::string& xid() const { return xid_; }  // of the open transaction, if one of its changes was told
  void forget_xid() { xid_.clear(); }

 private:
  struct Column;
  void append_key(std::string& out, std::string_view member, const audit::Pseudonyms& domain, const std::vector<std::string>& columns,
                  const std::vector<JsonField>& row);
  void append_hashes(std::string& out, const policy::TableRule& rule, const std::vector<Column>& columns);
  std::string pseudonym_of(const audit::Pseudonyms& domain, std::string_view value, bool large);
  std::string sealed(const policy::TableRule& rule, const std::vector<Column>& columns, std::uint64_t statement);
  const audit::Pseudonyms& values(const policy::TableRule& rule, const std::string& column);

  const audit::SubjectKey* key_;
  std::string word_, session_id_;
  Random random_;
  std::map<std::pair<policy::RelationName, std::string>, audit::Pseudonyms> values_;
  std::string elements_, xid_;
};

}  // namespace pgward::proxy
