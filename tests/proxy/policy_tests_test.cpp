// Policy tests that are wrong themselves, and what is said about those that fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/policy_tests/file.h"
#include "proxy/policy_tests/run.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy {
namespace {

using testing::HasSubstr;

std::string mistakes_of(const std::string& text) {
  std::string all;
  for (const auto& mistake : load_policy_tests(text, "f").mistakes) all += mistake.line() + "\n";
  return all;
}

TEST(PolicyTestsFileTest, every_mistake_is_told_with_its_place) {
  EXPECT_EQ(mistakes_of("tests:\n"
                        "  - {name: a, as: nurce, sql: select 1, expect: alowed}\n"
                        "  - {name: b, as: nurse, sql: select 1, expect: passed, reason: too_deep}\n"
                        "  - {as: {claims: {}}, sqll: x, expect: refused, becomes: x}\n"
                        "identities: {nurse: {role: clinician}}\n"),
            "f:2:19: no identity is named 'nurce'; did you mean 'nurse'?\n"
            "f:2:49: what is expected must be one of allowed, rewritten, passed, refused, not 'alowed'; did you mean 'allowed'?\n"
            "f:3:65: only what is refused has a reason\n"
            "f:4:5: a test needs the key 'name'\n"
            "f:4:5: a test needs the key 'sql'\n"
            "f:4:10: an identity needs the key 'role'\n"
            "f:4:24: unknown key 'sqll' of a test; did you mean 'sql'?\n"
            "f:4:59: what is refused becomes nothing\n");
  EXPECT_THAT(mistakes_of("tests: []\n"), HasSubstr("at least one test"));
  EXPECT_THAT(mistakes_of("policy: x\n"), HasSubstr("tests"));
}

constexpr auto kHead = "identities: {a: {role: clinician, claims: {clinic_id: a0a0a0a0-0000-4000-8000-00000000000a}}}\ntests:\n";

// The differences of one test, "what expected|actual".
std::string differences(const std::string& test) {
  const PolicyTests loaded = load_policy_tests(kHead + std::string("  - {name: t, ") + test + "}\n", "f");
  for (const auto& mistake : loaded.mistakes) ADD_FAILURE() << mistake.line();
  if (loaded.tests.empty()) return "";
  const auto world = test::small_world();
  std::string all;
  for (const Difference& one : run_policy_test(loaded.tests.front(), *world->policy, *world->catalog("ehr")))
    all += one.what + " " + one.expected + "|" + one.actual + "\n";
  return all;
}

TEST(PolicyTestsRunTest, says_what_differs) {
  EXPECT_EQ(differences("as: a, sql: select name from patients, expect: rewritten, recorded: true, touches: {patients: [name]}"), "");
  EXPECT_EQ(differences("as: a, sql: select name from patients, expect: refused"), "decision refused|rewritten\n");
  EXPECT_EQ(differences("as: a, sql: select * from secret, expect: allowed"),
            "decision allowed|refused: relation_not_listed public.secret\n");
  EXPECT_EQ(differences("as: a, sql: select * from secret, expect: refused, reason: too_deep"), "reason too_deep|relation_not_listed\n");
  EXPECT_EQ(differences("as: a, sql: select 1, expect: passed, becomes: select 2, recorded: true, touches: {patients: [name]}"),
            "becomes select 2|select 1\nrecorded true|false\ntouches public.patients: name|nothing\n");
  EXPECT_EQ(differences("as: {role: nobody}, sql: select 1, expect: passed"),
            "identity a role of the policy|role nobody is not in it\n");
  EXPECT_THAT(differences("as: {role: clinician}, sql: select 1, expect: passed"), HasSubstr("no claim"));
}

TEST(PolicyTestsRunTest, parameters_are_judged_as_at_bind) {
  const std::string insert = "as: a, sql: 'insert into patients (clinic_id, name) values ($1, $2)', ";
  EXPECT_EQ(differences(insert + "parameters: [A0A0A0A0-0000-4000-8000-00000000000A, x], expect: allowed"), "");
  for (const char* foreign : {"b1b1b1b1-0000-4000-8000-00000000000b", "~", "no-uuid"})
    EXPECT_EQ(differences(insert + "parameters: [" + foreign + ", x], expect: refused, reason: foreign_tenant"), "");
}

}  // namespace
}  // namespace pgward::proxy
