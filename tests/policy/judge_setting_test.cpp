#include <gtest/gtest.h>

#include <ostream>

#include "policy/plan.h"

namespace pgward::policy {
namespace {

Policy clinic_policy() {
  Policy policy;
  policy.tenant = {{"tenant_id", "clinic", "app.tenant_id", TenantType::uuid, {}},
                   {"org_code", "org_code", "ehr.Org_Code", TenantType::text, {}}};
  return policy;
}

struct SettingCase {
  const char* name;
  const char* value;
  const char* judgement;
  friend void PrintTo(const SettingCase& one, std::ostream* out) { *out << one.name << " = " << one.value; }
};

const char* judged(const Policy& policy, const SettingCase& one) {
  const auto refusal = judge_setting(policy, one.name, one.value);
  if (!refusal) return "allowed";
  return *refusal == Refusal::setting_locked        ? "locked"
         : *refusal == Refusal::setting_not_allowed ? "not allowed"
                                                    : "?";
}

class JudgeSettingTest : public testing::TestWithParam<SettingCase> {};

TEST_P(JudgeSettingTest, Judges) {
  EXPECT_STREQ(judged(clinic_policy(), GetParam()), GetParam().judgement);
}

INSTANTIATE_TEST_SUITE_P(
    Tenant, JudgeSettingTest,
    testing::Values(SettingCase{"app.tenant_id", "x", "locked"}, SettingCase{"APP.Tenant_ID", "x", "locked"},
                    SettingCase{"app.tenant-id", "x", "locked"}, SettingCase{"app.tenant_id", "", "locked"},
                    SettingCase{"ehr.org_code", "x", "locked"},
                    SettingCase{"app.tenant_id2", "x", "not allowed"},
                    SettingCase{"App.locale", "de", "not allowed"},
                    SettingCase{"ehr.x.y", "de", "not allowed"}, SettingCase{"myapp.locale", "de", "allowed"},
                    SettingCase{"pg_trgm.similarity_threshold", "0.4", "allowed"},
                    SettingCase{"plv8.start_proc", "f", "not allowed"},
                    SettingCase{"auto_explain.log_min_duration", "0", "not allowed"}));

INSTANTIATE_TEST_SUITE_P(Lexing, JudgeSettingTest,
                         testing::Values(SettingCase{"client_encoding", "UTF8", "allowed"},
                                         SettingCase{"Client_Encoding", "utf-8", "allowed"},
                                         SettingCase{"client_encoding", "'utf-8'", "allowed"},
                                         SettingCase{"client_encoding", "UNICODE", "allowed"},
                                         SettingCase{"client_encoding", "", "allowed"},
                                         SettingCase{"client_encoding", "SQL_ASCII", "locked"},
                                         SettingCase{"client_encoding", "SJIS", "locked"},
                                         SettingCase{"client_encoding", "utf16", "locked"},
                                         SettingCase{"standard_conforming_strings", "on", "allowed"},
                                         SettingCase{"standard_conforming_strings", "TRUE", "allowed"},
                                         SettingCase{"standard_conforming_strings", "", "allowed"},
                                         SettingCase{"standard_conforming_strings", "off", "locked"},
                                         SettingCase{"Standard_Conforming_Strings", "o", "locked"},
                                         SettingCase{"backslash_quote", "on", "locked"}));

INSTANTIATE_TEST_SUITE_P(Walls, JudgeSettingTest,
                         testing::Values(SettingCase{"role", "ehr_owner", "locked"},
                                         SettingCase{"ROLE", "none", "locked"},
                                         SettingCase{"session_authorization", "x", "locked"},
                                         SettingCase{"role", "", "allowed"},  // DEFAULT, RESET
                                         SettingCase{"session_authorization", "", "allowed"},
                                         SettingCase{"row_security", "off", "locked"},
                                         SettingCase{"session_replication_role", "replica", "locked"},
                                         SettingCase{"lc_messages", "de_DE", "locked"},
                                         SettingCase{"log_statement", "none", "locked"},
                                         SettingCase{"log_parameter_max_length_on_error", "-1", "locked"},
                                         SettingCase{"log_min_messages", "debug5", "locked"},
                                         SettingCase{"debug_print_parse", "on", "locked"},
                                         SettingCase{"is_superuser", "on", "locked"},
                                         SettingCase{"log-Error_Verbosity", "verbose", "locked"},
                                         SettingCase{"backtrace_functions", "int4in", "not allowed"},
                                         SettingCase{"client_min_messages", "DEBUG1", "not allowed"},
                                         SettingCase{"PLpgSQL.print-strict_params", "on", "not allowed"},
                                         SettingCase{"plpgsql.check_asserts", "off", "allowed"},
                                         SettingCase{"local_preload_libraries", "x", "not allowed"},
                                         SettingCase{"default_tablespace", "x", "not allowed"},
                                         SettingCase{"dynamic_library_path", "x", "not allowed"},
                                         SettingCase{"jit_dump_bitcode", "on", "not allowed"},
                                         SettingCase{"transform_null_equals", "on", "not allowed"},
                                         SettingCase{"no_such_setting", "on", "not allowed"},
                                         SettingCase{"", "", "not allowed"},
                                         SettingCase{"work_mem ", "1MB", "not allowed"}));

INSTANTIATE_TEST_SUITE_P(Everyday, JudgeSettingTest,
                         testing::Values(SettingCase{"application_name", "my app", "allowed"},
                                         SettingCase{"DateStyle", "ISO", "allowed"},
                                         SettingCase{"IntervalStyle", "iso_8601", "allowed"},
                                         SettingCase{"TimeZone", "UTC", "allowed"},
                                         SettingCase{"extra_float_digits", "3", "allowed"},
                                         SettingCase{"bytea_output", "hex", "allowed"},
                                         SettingCase{"client_min_messages", "warning", "allowed"},
                                         SettingCase{"client_min_messages", "DEBUG5", "not allowed"},
                                         SettingCase{"statement_timeout", "5s", "allowed"},
                                         SettingCase{"search_path", "billing, public", "allowed"},
                                         SettingCase{"transaction_isolation", "serializable", "allowed"},
                                         SettingCase{"default_transaction_read_only", "on", "allowed"},
                                         SettingCase{"work_mem", "9MB", "allowed"},
                                         SettingCase{"enable_seqscan", "off", "allowed"},
                                         SettingCase{"jit", "off", "allowed"},
                                         SettingCase{"random_page_cost", "1.1", "allowed"},
                                         SettingCase{"geqo_threshold", "12", "allowed"}));

TEST(JudgeSettingEmptyPolicyTest, EverythingPassesWhenNothingIsProtected) {
  Policy policy;
  policy.unlisted = Unlisted::allow;
  EXPECT_EQ(judge_setting(policy, "role", "x"), std::nullopt);
  policy.unlisted = Unlisted::refuse;
  EXPECT_EQ(judge_setting(policy, "role", "x"), Refusal::setting_locked);
}

}  // namespace
}  // namespace pgward::policy
