#include <gtest/gtest.h>

#include "policy/plan.h"

namespace pgward::policy {
namespace {

using Claims = std::map<std::string, std::string, std::less<>>;

Policy clinic_policy() {
  Policy policy;
  policy.tenant = {{"tenant_id", "clinic", "app.tenant_id", TenantType::uuid, {}},
                   {"org_code", "org_code", "app.org_code", TenantType::text, {}}};
  return policy;
}

constexpr auto kUuid = "a0a0a0a0-0000-4000-8000-00000000000a";

TEST(TenantValuesTest, TakesEachAttributeFromItsClaimInCanonicalForm) {
  const auto got = tenant_values(
      clinic_policy(),
      {{"clinic", "{A0A0A0A0000040008000-00000000000A}"}, {"org_code", "ORG-ALFA"}, {"other", "x"}});
  const auto& values = std::get<TenantValues>(got);
  ASSERT_NE(values.find("tenant_id"), nullptr);
  EXPECT_EQ(*values.find("tenant_id"), kUuid);
  EXPECT_EQ(*values.find("org_code"), "ORG-ALFA");
  EXPECT_EQ(values.find("clinic"), nullptr);
  EXPECT_EQ(values.all().size(), 2u);
}

TEST(TenantValuesTest, PolicyWithoutTenantNeedsNoClaim) {
  EXPECT_TRUE(std::get<TenantValues>(tenant_values(Policy{}, {{"clinic", kUuid}})).all().empty());
}

TEST(TenantValuesTest, ARoleWithoutATenantHasNoneAndMustNotBringOne) {
  Policy policy = clinic_policy();
  policy.roles["clinician"] = {"clinician", {}, {}};
  policy.roles["reporting"] = {"reporting", {}, {}};
  policy.roles["reporting"].bound = false;
  EXPECT_TRUE(std::get<TenantValues>(tenant_values(policy, "reporting", {{"other", "x"}})).all().empty());
  EXPECT_EQ(std::get<std::string>(tenant_values(policy, "reporting", {{"org_code", ""}})),
            "the role has no tenant, and the credential has a claim for tenant attribute org_code");
  EXPECT_TRUE(std::holds_alternative<std::string>(tenant_values(policy, "clinician", {})));
  EXPECT_TRUE(std::holds_alternative<std::string>(tenant_values(policy, "nobody", {})));
}

TEST(TenantValuesTest, TagsTellTenantsApart) {
  const auto tag = [](const char* clinic, const char* org) {
    return std::get<TenantValues>(tenant_values(clinic_policy(), {{"clinic", clinic}, {"org_code", org}})).tag();
  };
  const std::string one = tag(kUuid, "A");
  EXPECT_EQ(one.size(), 16u);
  EXPECT_EQ(one, tag("A0A0A0A0-0000-4000-8000-00000000000A", "A"));
  EXPECT_NE(one, tag(kUuid, "B"));
  EXPECT_NE(one, tag("a0a0a0a0-0000-4000-8000-00000000000b", "A"));
  EXPECT_NE(one, TenantValues{}.tag());
}

struct RefusedCase {
  const char* name;
  Claims claims;
  const char* error;
};
class TenantValuesRefusedTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(TenantValuesRefusedTest, NamesTheAttributeNotTheValue) {
  const auto got = tenant_values(clinic_policy(), GetParam().claims);
  ASSERT_TRUE(std::holds_alternative<std::string>(got));
  EXPECT_EQ(std::get<std::string>(got), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    , TenantValuesRefusedTest,
    testing::Values(RefusedCase{"missing",
                                {{"clinic", kUuid}},
                                "the credential has no claim for tenant attribute org_code"},
                    RefusedCase{"under_the_name_of_the_attribute",
                                {{"tenant_id", kUuid}, {"org_code", "X"}},
                                "the credential has no claim for tenant attribute tenant_id"},
                    RefusedCase{"empty",
                                {{"clinic", kUuid}, {"org_code", ""}},
                                "the credential's claim for tenant attribute org_code is empty"},
                    RefusedCase{"no_uuid",
                                {{"clinic", "Jane Roe"}, {"org_code", "X"}},
                                "the credential's claim for tenant attribute tenant_id is not of its type"},
                    RefusedCase{"too_long",
                                {{"clinic", kUuid}, {"org_code", std::string(257, 'x')}},
                                "the credential's claim for tenant attribute org_code is not of its type"},
                    RefusedCase{"no_text",
                                {{"clinic", kUuid}, {"org_code", "\xff"}},
                                "the credential's claim for tenant attribute org_code is not of its type"}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pgward::policy
