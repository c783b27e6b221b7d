#include "fixture.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "policy/file.h"
#include "tests/support/source_dir.h"

namespace pgward::policy::fixture {
namespace {

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == '|')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

RelationKind kind_of(const std::string& word) {
  if (word == "view" || word == "v") return RelationKind::view;
  if (word == "materialized_view") return RelationKind::materialized_view;
  if (word == "partitioned_table") return RelationKind::partitioned_table;
  if (word == "sequence") return RelationKind::sequence;
  return RelationKind::table;
}

Volatility volatility_of(const std::string& letter) {
  if (letter == "i") return Volatility::immutable;
  return letter == "s" ? Volatility::stable : Volatility::volatile_;
}

void add_functions(Catalog& catalog, const std::vector<std::string>& parts) {
  for (std::size_t i = 4; i < parts.size(); ++i) {
    Function function;
    function.name = {parts[0], parts[i]};
    function.volatility = volatility_of(parts[1]);
    function.language = parts[2];
    function.extension = parts[3];
    catalog.functions.emplace(parts[i], function);
  }
}

void add_system(Catalog& catalog, const std::vector<std::string>& parts, Oid& next) {
  for (std::size_t i = 2; i < parts.size(); ++i) {
    Relation relation;
    relation.oid = ++next;
    relation.name = {parts[0], parts[i]};
    relation.kind = kind_of(parts[1]);
    catalog.add(std::move(relation));
  }
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream in(tests::source_dir() / path);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Catalog parse_catalog(std::string_view text) {
  Catalog catalog;
  catalog.database = "ehr";
  catalog.default_search_path = default_path();
  std::istringstream in{std::string(text)};
  Relation relation;
  Oid system_oid = 1000000;
  const auto flush = [&] {
    if (relation.oid != 0) catalog.add(std::move(relation));
    relation = {};
  };
  for (std::string line; std::getline(in, line);) {
    if (line.size() < 3) continue;
    const std::vector<std::string> parts = split(line.substr(2));
    if (line[0] == 'C')
      relation.columns.push_back({parts.at(0), parts.at(1), std::stoi(parts.at(2)), parts.at(3) == "1",
                                  parts.at(4) == "1", parts.at(5)});
    if (line[0] == 'P') relation.parents.push_back(static_cast<Oid>(std::stoul(parts.at(0))));
    if (line[0] == 'C' || line[0] == 'P') continue;
    flush();
    if (line[0] == 'R') {
      relation.name = {parts.at(0), parts.at(1)};
      relation.kind = kind_of(parts.at(2));
      relation.oid = static_cast<Oid>(std::stoul(parts.at(3)));
      relation.owner = parts.at(4);
    }
    if (line[0] == 'F') add_functions(catalog, parts);
    if (line[0] == 'S') add_system(catalog, parts, system_oid);
    if (line[0] == 'O')
      catalog.operators.emplace(parts.at(1),
                                Operator{{parts.at(0), parts.at(1)}, {parts.at(2), parts.at(3)}});
    if (line[0] == 'B') {
      std::istringstream symbols(line.substr(2));
      for (std::string symbol; symbols >> symbol;)
        catalog.operators.emplace(symbol, Operator{{"pg_catalog", symbol}, {"pg_catalog", symbol}});
    }
    if (line[0] == 'L') {
      std::istringstream symbols(parts.at(2));
      for (std::string symbol; symbols >> symbol;)
        catalog.operators.emplace(symbol, Operator{{"pg_catalog", symbol}, {"pg_catalog", "?"}, parts.at(0), parts.at(1), true});
    }
    if (line[0] == 'A') {
      std::istringstream names(line.substr(2));
      for (std::string name; names >> name;)
        for (auto [it, end] = catalog.functions.equal_range(name); it != end; ++it) it->second.kind = 'a';
    }
    if (line[0] == 'V')
      catalog.relations.at({parts.at(0), parts.at(1)}).view_definition = parts.at(2);
    if (line[0] == 'T')
      for (std::size_t i = 1; i < parts.size(); ++i) catalog.types.emplace(parts[i], parts[0]);
  }
  flush();
  return catalog;
}

const Catalog& ehr_catalog() {
  static const Catalog catalog = parse_catalog(read_file("tests/policy/fixture/ehr_catalog.txt"));
  return catalog;
}

const Policy& ehr_policy() {
  static const Policy policy = [] {
    Loaded loaded = load_policy(read_file("tests/policy/fixture/ehr_policy.yaml"), "ehr_policy.yaml");
    if (!loaded.policy)
      throw std::runtime_error(loaded.mistakes.empty() ? "?" : loaded.mistakes.front().text);
    return *loaded.policy;
  }();
  return policy;
}

const TenantValues& clinic_a() {
  static const TenantValues values = std::get<TenantValues>(
      tenant_values(ehr_policy(), {{"tenant_id", "a0a0a0a0-0000-4000-8000-00000000000a"},
                                   {"tenant_no", "101"},
                                   {"org_code", "ORG-ALFA"}}));
  return values;
}

const std::vector<std::string>& default_path() {
  static const std::vector<std::string> path{"pg_catalog", "public"};
  return path;
}

Plan plan_for(std::string_view sql, QueryProtocol protocol, std::string_view role) {
  return plan({sql, protocol, ehr_policy().roles.at(std::string(role)), &default_path()}, ehr_policy(),
              ehr_catalog());
}

const Policy& fenced_policy() {
  static const Policy policy = [] {
    Policy fenced = ehr_policy();
    fenced.mode = Mode::predicate;
    return fenced;
  }();
  return policy;
}

Plan fenced_plan_for(std::string_view sql, std::string_view role) {
  return plan({sql, QueryProtocol::simple, fenced_policy().roles.at(std::string(role)), &default_path()},
              fenced_policy(), ehr_catalog());
}

Policy with_keys(Policy policy, const Catalog& catalog) {
  for (auto& [name, rule] : policy.tables) {
    const Relation* relation = catalog.find(name);
    if (relation == nullptr || rule.kind != TableKind::tenant) continue;
    rule.record.clear();
    for (const Column& column : relation->columns) {
      const bool tenant = std::any_of(rule.tenant.begin(), rule.tenant.end(),
                                      [&](const TenantColumn& each) { return each.column == column.name; });
      if (tenant || key_type(column.type) == KeyType::unsupported) continue;
      if (rule.record.empty() || column.name == "linked_patient_id" || column.name == "line_no") rule.record.push_back(column.name);
      if (column.name == "patient_id" || column.name == "Patient Id") rule.subject = {column.name};
    }
    rule.keys = KeyColumns::add;
  }
  return policy;
}

const Policy& keys_policy() {
  static const Policy policy = with_keys(ehr_policy(), ehr_catalog());
  return policy;
}

Plan keys_plan_for(std::string_view sql, std::string_view role) {
  return plan({sql, QueryProtocol::simple, keys_policy().roles.at(std::string(role)), &default_path()}, keys_policy(),
              ehr_catalog());
}

std::string name_of(Refusal refusal) {
  static const char* const names[] = {"unparsable",
                                      "too_large",
                                      "too_deep",
                                      "bad_encoding",
                                      "not_supported",
                                      "multiple_statements",
                                      "unknown_relation",
                                      "relation_not_listed",
                                      "relation_read_only",
                                      "function_not_allowed",
                                      "operator_not_allowed",
                                      "setting_locked",
                                      "setting_not_allowed",
                                      "statement_not_allowed",
                                      "foreign_tenant",
                                      "missing_tenant",
                                      "unproven",
                                      "search_path_unsettled",
                                      "duplicate_prepared",
                                      "audit_unavailable",
                                      "policy_unavailable",
                                      "bad_copy_data",
                                      "copy_row_too_large",
                                      "unknown_cursor",
                                      "unknown_prepared",
                                      "column_not_allowed",
                                      "too_many_prepared",
                                      "temporary_name",
                                      "no_memory",
                                      "credential_refused",
                                      "sign_off_refused"};
  static_assert(std::size(names) == static_cast<std::size_t>(Refusal::count_));
  return names[static_cast<std::size_t>(refusal)];
}

}  // namespace pgward::policy::fixture
