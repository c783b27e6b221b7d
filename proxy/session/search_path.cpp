#include "proxy/session/search_path.h"

#include <algorithm>

namespace pgward::proxy {

void SearchPath::sent(const policy::StatementFacts& facts) {
  using enum policy::StatementKind;
  if (facts.changes_search_path) {
    settled_ = false;
    changed_in_transaction_ = true;
    return;
  }
  const bool may_undo = facts.kind == commit || facts.kind == rollback || facts.kind == rollback_to;
  if (may_undo && changed_in_transaction_) settled_ = false;
}

bool SearchPath::answered(std::string_view list, const policy::Catalog& catalog, bool idle) {
  std::vector<std::string> names;
  if (!split_identifiers(list, names)) return false;
  path_ = std::make_shared<const std::vector<std::string>>(effective_path(names, catalog));
  settled_ = true;
  ++version_;
  if (idle) changed_in_transaction_ = false;
  return true;
}

bool split_identifiers(std::string_view list, std::vector<std::string>& names) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; };
  std::size_t at = 0;
  auto skip = [&] {
    while (at < list.size() && blank(list[at])) ++at;
  };
  skip();
  if (at == list.size()) return true;
  for (;;) {
    std::string name;
    if (at < list.size() && list[at] == '"') {
      for (++at;; ++at) {
        if (at >= list.size()) return false;
        if (list[at] == '"') {
          if (at + 1 < list.size() && list[at + 1] == '"')
            ++at;
          else
            break;
        }
        name += list[at];
      }
      ++at;
    } else {
      while (at < list.size() && list[at] != ',' && !blank(list[at])) {
        const char c = list[at++];
        name += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
      }
      if (name.empty()) return false;
    }
    names.push_back(name.substr(0, 63));
    skip();
    if (at == list.size()) return true;
    if (list[at++] != ',') return false;
    skip();
  }
}

std::vector<std::string> effective_path(const std::vector<std::string>& names, const policy::Catalog& catalog) {
  std::vector<std::string> path;
  auto exists = [&](const std::string& schema) {
    const auto first = catalog.relations.lower_bound({schema, ""});
    return first != catalog.relations.end() && first->first.schema == schema;
  };
  // pg_catalog comes first unless the list names it; temporary tables are looked up before it is.
  if (std::find(names.begin(), names.end(), "pg_catalog") == names.end()) path.emplace_back("pg_catalog");
  for (const std::string& name : names) {
    const std::string& schema = name == "$user" ? catalog.upstream_user : name;
    if (schema == "pg_temp") continue;
    if (exists(schema) && std::find(path.begin(), path.end(), schema) == path.end()) path.push_back(schema);
  }
  return path;
}

}  // namespace pgward::proxy
