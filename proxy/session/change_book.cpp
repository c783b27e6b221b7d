#include "proxy/session/change_book.h"

#include <algorithm>

#include "audit/json_text.h"
#include "audit/sha256.h"

namespace pgward::proxy {
namespace {

// More columns than any table has, over all that a role of a session can change: states of the hash are kept for so many.
constexpr std::size_t kDomainsMax = 8192;

std::string_view value_of(const std::vector<JsonField>& row, std::string_view name, std::size_t hint) {
  if (hint < row.size() && row[hint].name == name) return row[hint].value;
  const auto found = std::find_if(row.begin(), row.end(), [&](const JsonField& field) { return field.name == name; });
  return found == row.end() ? std::string_view{} : found->value;
}

// The key as the trail names it; nothing when a part of it is not told (a value too large to be one).
std::optional<std::string> key_in(const std::vector<std::string>& columns, const std::vector<JsonField>& row) {
  std::string key;
  for (const std::string& column : columns) {
    const auto text = json_text(value_of(row, column, row.size()));
    if (!text) return std::nullopt;
    audit::append_key_part(key, *text);
  }
  if (key.empty()) return std::nullopt;
  return key;
}

}  // namespace

// One column of a row before and after; empty: it was not there, or `large`: the SHA-256 of it, in quotes.
struct ChangeBook::Column {
  std::string name;
  std::string_view before, after;
  bool before_large = false, after_large = false;
  bool same() const { return before == after && before_large == after_large; }
};

const audit::Pseudonyms& ChangeBook::values(const policy::TableRule& rule, const std::string& column) {
  if (values_.size() > kDomainsMax) values_.clear();
  auto found = values_.find({rule.name, column});
  if (found == values_.end()) found = values_.emplace(std::pair(rule.name, column), key_->values(rule.name.text(), column)).first;
  return found->second;
}

std::string ChangeBook::pseudonym_of(const audit::Pseudonyms& domain, std::string_view value, bool large) {
  std::string text("\"");
  const bool by_hash = large || value.size() > kValueBytesMax;
  std::string hash("sha256:");
  if (large && value.size() > 2) hash += value.substr(1, value.size() - 2);
  else if (by_hash) hash += audit::sha256_hex(value);
  audit::append_pseudonym(text, domain.of(by_hash ? std::string_view(hash) : value));
  return text += '"';
}

void ChangeBook::append_key(std::string& out, std::string_view member, const audit::Pseudonyms& domain, const std::vector<std::string>& columns,
                            const std::vector<JsonField>& row) {
  const auto key = key_in(columns, row);
  if (!key) return;
  out += ",\"";
  out += member;
  out += "\":\"";
  audit::append_pseudonym(out, domain.of(*key));
  out += '"';
}

void ChangeBook::append_hashes(std::string& out, const policy::TableRule& rule, const std::vector<Column>& columns) {
  out += ",\"columns\":[";
  bool first = true;
  for (const Column& column : columns) {
    if (!std::exchange(first, false)) out += ',';
    out += "{\"name\":";
    audit::append_json_string(out, column.name);
    const auto one = [&](std::string_view member, std::string_view value, bool large) {
      if (value.empty()) return;
      out += member;
      out += value == "null" ? "null" : pseudonym_of(values(rule, column.name), value, large);
    };
    one(",\"old\":", column.before, column.before_large);
    one(",\"new\":", column.after, column.after_large);
    out += '}';
  }
  out += ']';
}

// {"old":{..},"new":{..}}: values as row_to_json() wrote them; large ones as in hashes, under "old_large" and "new_large".
std::string ChangeBook::sealed(const policy::TableRule& rule, const std::vector<Column>& columns, std::uint64_t statement) {
  std::string clear("{");
  const auto put = [&](std::string_view member, bool large, auto value_of_side, auto large_of_side) {
    std::string list;
    for (const Column& column : columns) {
      const std::string_view value = value_of_side(column);
      if (value.empty() || (large_of_side(column) || value.size() > kValueBytesMax) != large) continue;
      if (!list.empty()) list += ',';
      audit::append_json_string(list, column.name);
      list += ':';
      list += large ? pseudonym_of(values(rule, column.name), value, large_of_side(column)) : std::string(value);
    }
    if (list.empty()) return;
    if (clear.size() > 1) clear += ',';
    clear += '"';
    clear += member;
    clear += "\":{";
    clear += list;
    clear += '}';
  };
  const auto before = [](const Column& c) { return c.before; };
  const auto after = [](const Column& c) { return c.after; };
  const auto before_large = [](const Column& c) { return c.before_large; };
  const auto after_large = [](const Column& c) { return c.after_large; };
  put("old", false, before, before_large);
  put("new", false, after, after_large);
  put("old_large", true, before, before_large);
  put("new_large", true, after, after_large);
  clear += '}';
  if (clear.size() > kSealedBytesMax) return {};
  std::string about = session_id_;
  about += '/';
  about += std::to_string(statement);
  about += '/';
  about += rule.name.text();
  return key_->seal(clear, about, random_(audit::SubjectKey::kNonceBytes));
}

void ChangeBook::add(const ChangeNotice& notice, const policy::TableRule& rule, std::uint64_t statement) {
  const bool deleted = notice.action == 'D';
  std::vector<Column> columns;
  const auto side = [&](const std::vector<JsonField>& row, bool large, bool after) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      auto at = i < columns.size() && columns[i].name == row[i].name ? columns.begin() + static_cast<std::ptrdiff_t>(i)
                : std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == row[i].name; });
      if (at == columns.end()) {
        columns.push_back({row[i].name, {}, {}});
        at = columns.end() - 1;
      }
      (after ? at->after : at->before) = row[i].value;
      (after ? at->after_large : at->before_large) = large;
    }
  };
  side(notice.before, false, false);
  side(notice.after, false, true);
  side(notice.before_large, true, false);
  side(notice.after_large, true, true);
  std::erase_if(columns, [](const Column& column) { return column.same(); });

  xid_ = notice.xid;
  std::string one = "{";
  audit::JsonMembers members{one};
  const std::vector<JsonField>& row = deleted ? notice.before : notice.after;
  const auto domain = key_->records(rule.name.text());
  const auto subjects = key_->subjects();
  std::string sealed_text = rule.changes == policy::ChangeValues::encrypted ? sealed(rule, columns, statement) : std::string();
  members.text("table", rule.name.text()).text("action", std::string_view(&notice.action, 1)).text("values", sealed_text.empty() ? "hash" : "encrypted");
  append_key(one, "record", domain, rule.record, row);
  append_key(one, "subject", subjects, rule.subject, row);
  // Another row, or another patient's, from now on.
  if (notice.action == 'U' && key_in(rule.record, notice.before) != key_in(rule.record, notice.after)) append_key(one, "record_was", domain, rule.record, notice.before);
  if (notice.action == 'U' && key_in(rule.subject, notice.before) != key_in(rule.subject, notice.after)) append_key(one, "subject_was", subjects, rule.subject, notice.before);
  if (notice.nested) one += ",\"nested\":true";
  if (sealed_text.empty()) append_hashes(one, rule, columns);
  else one += ",\"sealed\":\"" + sealed_text + '"';
  one += '}';
  if (!elements_.empty()) elements_ += ',';
  elements_ += one;
}

}  // namespace pgward::proxy
