#include <algorithm>
#include <array>

#include "policy/ascii.h"
#include "policy/guess.h"

namespace pgward::policy {
namespace {

// What the rows of many customers are kept apart by, with the weight of the word.
struct Word {
  std::string_view plain;
  int weight;
};
constexpr std::array kWords{Word{"tenant", 10},           Word{"clinic", 9},   Word{"practice", 8},
                            Word{"hospital", 7},          Word{"facility", 7}, Word{"organization", 7},
                            Word{"organisation", 7},      Word{"org", 6},      Word{"institution", 6},
                            Word{"practitionergroup", 6}, Word{"company", 5},  Word{"account", 3},
                            Word{"customer", 4},          Word{"site", 3},     Word{"mandant", 9}};
constexpr std::array<std::string_view, 8> kEndings{"", "id", "no", "uuid", "code", "key", "number", "guid"};

int weight_of(std::string_view plain) {
  for (const Word& word : kWords)
    for (const std::string_view ending : kEndings)
      if (plain.size() == word.plain.size() + ending.size() && plain.starts_with(word.plain) &&
          plain.ends_with(ending))
        return word.weight;
  return 0;
}

bool is_table(const Relation& relation) {
  return (relation.kind == RelationKind::table || relation.kind == RelationKind::partitioned_table ||
          relation.kind == RelationKind::foreign_table) &&
         !belongs_to_server(relation.name.schema);
}

// As a whole word: id is not what clinic_id is about.
bool names(std::string_view text, std::string_view identifier) {
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
  };
  for (std::size_t at = text.find(identifier); at != text.npos; at = text.find(identifier, at + 1)) {
    const std::size_t end = at + identifier.size();
    if ((at == 0 || !word(text[at - 1])) && (end == text.size() || !word(text[end]))) return true;
  }
  return false;
}

// The setting that a row-level security policy compares this column with: the best evidence there is.
std::string setting_in_policies(const Relation& relation, const Column& column) {
  constexpr std::string_view kCall = "current_setting('";
  for (const RowPolicy& row_policy : relation.row_policies) {
    const std::string& text = row_policy.using_expr;
    const std::size_t call = text.find(kCall);
    if (call == std::string::npos || !names(text, quote_identifier(column.name))) continue;
    const std::size_t from = call + kCall.size();
    const std::size_t to = text.find('\'', from);
    const std::string setting = to == std::string::npos ? "" : text.substr(from, to - from);
    const bool plain =
        setting.find('.') != std::string::npos && std::all_of(setting.begin(), setting.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
        });
    if (plain) return setting;
  }
  return "";
}

// A column with nearly as many values as the table has rows keeps nothing apart; but in the table of the
// tenants themselves it is the key.
bool too_many_values(const Survey& survey, const Relation& relation, const Column& column) {
  const TableFacts* facts = survey.table(relation.name);
  if (facts == nullptr || facts->rows < 100) return false;
  const auto found = facts->columns.find(column.name);
  if (found == facts->columns.end()) return false;
  return found->second.distinct < -0.5 || found->second.distinct > facts->rows / 2;
}

bool is_whole_key(const Survey& survey, const Relation& relation, const Column& column) {
  return std::any_of(survey.indexes.begin(), survey.indexes.end(), [&](const TableIndex& index) {
    return index.table == relation.name && index.unique &&
           index.columns == std::vector<std::string>{column.name};
  });
}

bool referenced(const Survey& survey, const Relation& relation, const Column& column) {
  return std::any_of(survey.foreign_keys.begin(), survey.foreign_keys.end(), [&](const ForeignKey& key) {
    return key.references == relation.name && key.referenced_columns == std::vector<std::string>{column.name};
  });
}

std::string snake(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital && !out.empty() && out.back() != '_' && !(name[i - 1] >= 'A' && name[i - 1] <= 'Z'))
      out += '_';
    if (capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      out += lower(c);
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out.empty() || (out[0] >= '0' && out[0] <= '9') ? "tenant" : out.substr(0, 40);
}

struct Candidate {
  TenantGuess guess;
  int weight = 0;
};

void consider(const Survey& survey, const Relation& relation, const Column& column,
              std::map<std::pair<std::string, TenantType>, Candidate>& candidates) {
  const auto type = tenant_type_of(column);
  if (!type) return;
  const std::string setting = setting_in_policies(relation, column);
  const std::string plain = plain_name(column.name);
  const int weight = setting.empty() ? weight_of(plain) : 100;
  if (weight == 0) return;
  const bool own_key = is_whole_key(survey, relation, column);
  if (setting.empty() && !own_key && too_many_values(survey, relation, column)) return;
  // The only column of a unique key tells tenants apart in the table that lists them, and there only.
  if (setting.empty() && own_key && !referenced(survey, relation, column) && weight < 8) return;
  Candidate& one = candidates[{plain, *type}];
  if (one.guess.attribute.empty()) one.guess.attribute = snake(column.name);
  if (!setting.empty()) {
    one.guess.setting = setting;
    one.guess.setting_was_found = true;
  }
  one.guess.type = *type;
  one.weight = std::max(one.weight, weight);
  one.guess.columns.emplace(relation.name, column.name);
  one.guess.why.emplace(relation.name, !setting.empty() ? "row-level security compares it with " + setting
                                       : own_key ? "by name; it is a key, so this may be the list of tenants"
                                                 : "by name");
}

}  // namespace

std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != '_' && c != ' ' && c != '-' && c != '.') out += lower(c);
  return out;
}

std::optional<TenantType> tenant_type_of(const Column& column) {
  if (column.type == "uuid") return TenantType::uuid;
  if (column.type == "smallint") return TenantType::int2;
  if (column.type == "integer") return TenantType::int4;
  if (column.type == "bigint") return TenantType::int8;
  if (column.type == "text") return TenantType::text;
  if (column.type == "character varying") return TenantType::varchar;
  return std::nullopt;
}

std::vector<TenantGuess> guess_tenants(const Catalog& catalog, const Survey& survey) {
  std::map<std::pair<std::string, TenantType>, Candidate> candidates;
  for (const auto& [name, relation] : catalog.relations)
    if (is_table(relation))
      for (const Column& column : relation.columns) consider(survey, relation, column, candidates);
  std::vector<Candidate> all;
  for (auto& [key, one] : candidates) all.push_back(std::move(one));
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.weight >= 100, a.weight * static_cast<int>(a.guess.columns.size())) >
           std::tuple(b.weight >= 100, b.weight * static_cast<int>(b.guess.columns.size()));
  });
  std::vector<TenantGuess> guesses;
  std::set<std::string> attributes;
  std::set<std::string> settings;
  std::set<RelationName> owned;  // one column is enough to keep a table's rows apart
  for (Candidate& one : all) {
    TenantGuess& guess = one.guess;
    std::erase_if(guess.columns, [&](const auto& column) { return !owned.insert(column.first).second; });
    if (guess.columns.empty()) continue;
    for (int n = 2; !attributes.insert(guess.attribute).second; ++n)
      guess.attribute += "_" + std::to_string(n);
    if (guess.setting.empty()) guess.setting = "app." + guess.attribute;
    for (int n = 2; !settings.insert(guess.setting).second; ++n) guess.setting += "_" + std::to_string(n);
    guesses.push_back(std::move(guess));
  }
  return guesses;
}

}  // namespace pgward::policy
