#include "other_values.h"

#include "fixture.h"

namespace pgward::tests {

using namespace policy;

namespace {

std::string text_of(const StatementFacts& facts) {
  std::string out = std::string(name_of(facts.kind)) + (facts.touches_phi ? " phi" : "") +
                    (facts.writes ? " writes" : "") + (facts.reads_only ? " reads_only" : "") +
                    (facts.changes_search_path ? " path" : "") + (facts.reads_views ? " views" : "") +
                    (facts.copy_in ? " copy" : "") + " " + facts.deallocates + facts.makes_temporary + "\n";
  for (const Touch& touch : facts.touches) {
    out += std::string(1, touch.action) + " " + touch.relation.text() + (touch.all_columns ? " *" : "");
    for (const auto* list : {&touch.columns, &touch.phi_columns, &touch.phi_kinds})
      for (const std::string& item : *list) out += "," + item;
    out += "\n";
  }
  for (const AddedKey& key : facts.added_keys) out += "key " + key.relation.text() + "." + key.column + "\n";
  if (facts.rows_swallowed) out += "swallowed\n";
  for (const Enforcement& item : facts.enforcements)
    out += item.relation.text() + " " + item.reference + "." + item.column + "=" + item.attribute + " " +
           std::to_string(static_cast<int>(item.how)) + " " + std::to_string(item.place.line) + "\n";
  return out + std::to_string(facts.names.size());
}

}  // namespace

std::string text_of(const Plan& plan) {
  std::string out = plan.refusal ? fixture::name_of(*plan.refusal) + " " + plan.object : "accepted";
  for (const Edit& edit : plan.edits) {
    out += "\nedit " + std::to_string(edit.removed);
    for (const auto& piece : edit.inserted)
      out += std::holds_alternative<std::string>(piece) ? std::get<std::string>(piece)
                                                       : "{" + std::to_string(std::get<std::size_t>(piece)) + "}";
  }
  for (const StatementFacts& facts : plan.statements) out += "\n" + text_of(facts);
  for (const BindCheck& check : plan.bind_checks)
    out += "\n$" + std::to_string(check.parameter) + check.attribute + check.relation.text();
  for (const LiteralCheck& check : plan.literal_checks)
    out += "\n" + check.value + check.attribute + check.relation.text();
  for (const Literal& literal : plan.literals)
    out += "\n" + std::to_string(static_cast<int>(literal.kind)) + (literal.free ? " free" : "");
  return out;
}

const std::vector<std::string>& values_of(LiteralKind kind) {
  static const std::string long_text = "'" + std::string(3000, 'x') + "'";
  static const std::vector<std::string> int4{"0", "7", "00012", "101", "202", "2147483647"};
  static const std::vector<std::string> int8{"2147483648", "9223372036854775807"};
  static const std::vector<std::string> numeric{"9223372036854775808", std::string(500, '9')};
  static const std::vector<std::string> decimal{"0.0", "1.5", "123456789012345678901234567890.25"};
  static const std::vector<std::string> string{
      "''", "'x'", "'it''s ''quoted'''", "'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'", "'-- ; /* $1 $$ \"'", "'\\'", "'1'",
      "'b1b1b1b1-0000-4000-8000-00000000000b'", "'a0a0a0a0-0000-4000-8000-00000000000a'", "'ORG-ALFA'", "'app.tenant_id'",
      "'patients'", "'pgward:foreign-tenant'", long_text};
  switch (kind) {
    case LiteralKind::int4:
      return int4;
    case LiteralKind::int8:
      return int8;
    case LiteralKind::numeric:
      return numeric;
    case LiteralKind::decimal:
      return decimal;
    case LiteralKind::string:
      break;
  }
  return string;
}

}  // namespace pgward::tests
