// The case files in tests/policy/cases: a statement, and what becomes of it.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "fixture.h"
#include "policy/sql/lexer.h"

namespace pgward::policy {
namespace {

struct Case {
  std::string file;
  std::string name;
  std::string in;
  std::string out;      // empty: as it came in
  std::string refused;  // "reason object"
  std::vector<std::string> binds;
};

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

// The short forms that the heads of the files explain.
std::string long_form(std::string text) {
  const std::string fails =
      "CAST((CAST('pgward:foreign-tenant ' AS pg_catalog.text) OPERATOR(pg_catalog.||) "
      "CAST(pg_catalog.random() AS "
      "pg_catalog.text)) AS pg_catalog.int4)";
  for (const std::string type : {"uuid", "int4", "text"})
    replace_all(text, "{FAIL " + type + "}",
                "CAST(CAST(" + fails + " AS pg_catalog.text) AS pg_catalog." + type + ")");
  replace_all(text, "{FAIL bool}", "CAST(" + fails + " AS pg_catalog.bool)");
  replace_all(text, "{tenant_id}", "'a0a0a0a0-0000-4000-8000-00000000000a'::pg_catalog.uuid");
  replace_all(text, "{tenant_no}", "'101'::pg_catalog.int4");
  replace_all(text, "{org_code}", "'ORG-ALFA'::pg_catalog.text");
  replace_all(text, "{tag}", fixture::clinic_a().tag());
  replace_all(text, "{KEY}", "AS \"pgward:key\"");
  replace_all(text, "=!", "OPERATOR(pg_catalog.=)");
  return text;
}

std::vector<Case> read_cases(const std::string& file) {
  std::vector<Case> cases;
  std::string* part = nullptr;  // what a further line belongs to
  std::istringstream in(fixture::read_file("tests/policy/cases/" + file));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("== ")) {
      cases.emplace_back();
      cases.back().file = file;
      cases.back().name = line.substr(3);
      part = nullptr;
    } else if (cases.empty()) {
      continue;
    } else if (line.starts_with("in: ")) {
      part = &(cases.back().in = line.substr(4));
    } else if (line.starts_with("out: ")) {
      part = &(cases.back().out = line.substr(5));
    } else if (line.starts_with("refused: ")) {
      cases.back().refused = line.substr(9);
      part = nullptr;
    } else if (line.starts_with("bind: ")) {
      cases.back().binds.push_back(line.substr(6));
      part = nullptr;
    } else if (part != nullptr && !line.empty()) {
      *part += "\n" + line;
    }
  }
  return cases;
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> all;
    for (const char* file :
         {"joins.txt", "select.txt", "with.txt", "insert.txt", "conflict.txt", "update_delete.txt",
          "merge.txt", "copy.txt", "lock.txt", "refusal_order.txt", "functions.txt", "names.txt", "session.txt", "session_names.txt", "temporary.txt", "refused.txt", "corpus.txt",
          "fences.txt", "columns.txt", "unbound.txt", "ddl.txt", "channels.txt", "keys.txt", "keys_masked.txt"}) {
      const std::vector<Case> some = read_cases(file);
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }();
  return cases;
}

std::string role_of(const Case& each) {
  if (each.file == "keys_masked.txt") return "desk";
  if (each.file == "unbound.txt") return "reporting";
  if (each.file == "channels.txt") return "open";
  if (each.file == "ddl.txt") return "migrator";
  return each.file == "columns.txt" ? "desk" : "clinician";
}

Plan planned(const Case& each, std::string_view sql) {
  if (each.file == "fences.txt") return fixture::fenced_plan_for(sql);
  if (each.file.starts_with("keys")) return fixture::keys_plan_for(sql, role_of(each));
  return fixture::plan_for(sql, QueryProtocol::simple, role_of(each));
}

Rendered rendered(const Plan& plan, std::string_view sql) {
  return render(plan, sql, fixture::ehr_policy(), fixture::clinic_a());
}

TEST(PlanCasesTest, EveryCaseOfTheFiles) {
  EXPECT_GT(all_cases().size(), 300u);
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(each.file + ": " + each.name);
    const Plan plan = planned(each, each.in);
    const Rendered result = rendered(plan, each.in);
    if (!each.refused.empty() || result.refusal) {
      const std::string got = result.refusal ? fixture::name_of(*result.refusal) +
                                                   (result.object.empty() ? "" : " " + result.object)
                                             : "accepted";
      EXPECT_EQ(got, each.refused);
      EXPECT_TRUE(result.sql.empty());
      continue;
    }
    EXPECT_EQ(result.changed ? result.sql : each.in, each.out.empty() ? each.in : long_form(each.out));
    std::vector<std::string> binds;
    for (const BindCheck& check : plan.bind_checks)
      binds.push_back("$" + std::to_string(check.parameter) + " = " + check.attribute);
    EXPECT_EQ(binds, each.binds);
  }
}

// Whatever is understood at all can be fenced, and the fences are proven.
TEST(PlanCasesTest, EveryStatementCanBeFenced) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(each.file + ": " + each.name);
    const Plan plain = planned(each, each.in);
    const Plan fenced = fixture::fenced_plan_for(each.in, role_of(each));
    EXPECT_EQ(fenced.refusal, plain.refusal);
    EXPECT_EQ(fenced.object, plain.object);
    EXPECT_EQ(rendered(fenced, each.in).refusal, rendered(plain, each.in).refusal);
  }
}

// Words in lower case, one space between tokens, no comments.
std::string normal(std::string_view sql) {
  std::string out;
  for (const sql::Token& token : sql::lex(sql).tokens) {
    for (const char c : sql.substr(token.at, token.size))
      out += token.kind == sql::TokenKind::word && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    out += ' ';
  }
  return out;
}

// The same statement with other white space, with comments, and with its words in the other case.
std::string disguised(std::string_view sql, unsigned way) {
  static const std::string between[] = {"\n", "\t /* ' \" /* nested */ WHERE */ ",
                                        " -- FROM patients WHERE ( '\n", "\r\n \f"};
  std::string out;
  unsigned count = way;
  const std::vector<sql::Token> tokens = sql::lex(sql).tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    for (const char c : sql.substr(tokens[i].at, tokens[i].size)) {
      const bool flip = tokens[i].kind == sql::TokenKind::word && (way & 1U) != 0 && c >= 'a' && c <= 'z';
      out += flip ? static_cast<char>(c - 32) : c;
    }
    // What touches stays together where a space would make something else of it.
    const bool apart = i + 1 < tokens.size() && tokens[i].end() != tokens[i + 1].at;
    // The library, unlike the server, takes no comment after these: refused as unparsable, so no harm.
    const std::string word = normal(sql.substr(tokens[i].at, tokens[i].size));
    const bool looks_ahead = word == "not " || word == "with " || word == "nulls " || word == "uescape " ||
                             sql.substr(tokens[i].at, 2) == "U&";
    if (apart) out += looks_ahead ? "\n\t" : between[count++ % 4];
  }
  return out;
}

TEST(PlanCasesTest, WhiteSpaceCommentsAndCaseChangeNothing) {
  std::size_t compared = 0;
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(each.file + ": " + each.name);
    const Rendered plain = rendered(planned(each, each.in), each.in);
    if (plain.refusal == Refusal::unparsable) continue;  // half a token is another half elsewhere
    for (unsigned way = 0; way < 8; ++way) {
      const std::string other = disguised(each.in, way);
      const Rendered result = rendered(planned(each, other), other);
      ASSERT_EQ(result.refusal.has_value(), plain.refusal.has_value()) << other;
      if (plain.refusal) {
        EXPECT_EQ(*result.refusal, *plain.refusal);
        continue;
      }
      EXPECT_EQ(normal(result.changed ? result.sql : other), normal(plain.changed ? plain.sql : each.in));
      ++compared;
    }
  }
  EXPECT_GT(compared, 1000u);
}

// Edits are kept in bytes, positions counted in characters: every character of the client's text that
// is still there must be found again.
TEST(PlanCasesTest, PositionsPointBackIntoTheClientsText) {
  for (const Case& each : all_cases()) {
    const Plan plan = planned(each, each.in);
    const Rendered result = rendered(plan, each.in);
    if (result.refusal || !result.changed) continue;
    SCOPED_TRACE(each.file + ": " + each.name);
    const auto character_at = [](std::string_view text, std::uint32_t position) {
      std::uint32_t seen = 0;
      for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++seen;
        if (seen == position) return c;
      }
      return '\0';
    };
    std::map<std::uint32_t, std::uint32_t> back;  // the schema in front of a name points at the name, too: the last one counts
    std::uint32_t last = 0;
    for (std::uint32_t position = 1; position <= result.sql.size(); ++position) {
      const std::uint32_t original =
          original_position(plan, each.in, fixture::ehr_policy(), fixture::clinic_a(), position);
      if (original == 0) continue;
      if (character_at(result.sql, position) == '\0') break;
      EXPECT_GE(original, last);
      last = original;
      back[original] = position;
    }
    for (const auto& [original, position] : back)
      ASSERT_EQ(character_at(result.sql, position), character_at(each.in, original)) << position << " -> " << original;
    EXPECT_FALSE(back.empty());
  }
}

// An error about a relation stands at its name, which has its schema in front of it by then.
TEST(PlanCasesTest, AnAddedSchemaPointsAtTheName) {
  const std::string sql = "SELECT * FROM wards";
  const Plan plan = planned({}, sql);
  const Rendered result = rendered(plan, sql);
  ASSERT_EQ(result.sql.find("public.wards"), 14u) << result.sql;
  for (const auto& [position, original] : {std::pair{15u, 15u}, std::pair{16u, 0u}, std::pair{22u, 15u}, std::pair{23u, 16u}})
    EXPECT_EQ(original_position(plan, sql, fixture::ehr_policy(), fixture::clinic_a(), position), original) << position;
}

}  // namespace
}  // namespace pgward::policy
