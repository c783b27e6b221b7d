// What sessions share, and with whom they must not.
#include "proxy/session/shared_values.h"

#include <gtest/gtest.h>

#include <functional>

#include "proxy/serve/audit_signing.h"
#include "tests/audit/scratch.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

std::shared_ptr<const std::string> text(const std::string& value) { return std::make_shared<const std::string>(value); }

TEST(SharedValuesTest, EqualOnesAreOne) {
  SharedValues<std::string> all;
  const auto first = all.share(text("a"), 1);
  EXPECT_EQ(all.share(text("a"), 1), first);
  EXPECT_EQ(*all.share(text("b"), 1), "b");  // of the same hash
}

TEST(SharedValuesTest, WhatNobodyHoldsIsGone) {
  SharedValues<std::string> all;
  std::weak_ptr<const std::string> gone = all.share(text("a"), 1);
  EXPECT_TRUE(gone.expired());
  const auto held = all.share(text("held"), 2);
  for (std::size_t i = 0; i < 10'000; ++i) all.share(text(std::to_string(i)), i % 5'000);
  EXPECT_LT(all.noted(), 200u);
  EXPECT_EQ(all.share(text("held"), 2), held);
}

struct BoundCase {
  const char* name;
  std::function<void(Admitted&)> change;
};
class BoundTest : public testing::TestWithParam<BoundCase> {};

TEST_P(BoundTest, is_shared_by_nobody_who_differs) {
  FakeServices services;
  const auto bound = [&](const std::function<void(Admitted&)>& change) {
    Admitted who = services.admitted_here();
    change(who);
    return services.shared(std::make_unique<Bound>(std::move(who)));
  };
  const auto one = bound([](Admitted&) {});
  EXPECT_EQ(bound([](Admitted&) {}), one);
  EXPECT_NE(bound(GetParam().change), one);
}
INSTANTIATE_TEST_SUITE_P(, BoundTest, testing::Values(
    BoundCase{"role", [](Admitted& who) { who.caller.role = "auditor"; }},
    BoundCase{"database", [](Admitted& who) { who.caller.database = "other"; }},
    BoundCase{"catalog", [](Admitted& who) { who.caller.catalog = "ehr as somebody"; }},
    BoundCase{"unbound", [](Admitted& who) { who.caller.bound = false; }},
    BoundCase{"emergency_role", [](Admitted& who) { who.caller.emergency = true; }},
    BoundCase{"emergency_end", [](Admitted& who) { who.emergency = Emergency{"bg-1", "fire", 1'800'000'060}; }},
    BoundCase{"search_path_given", [](Admitted& who) { who.search_path_given = true; }},
    BoundCase{"world", [](Admitted& who) { who.world = std::make_shared<World>(*who.world); }},
    BoundCase{"subject", [](Admitted& who) { who.identity.subject = "u-2"; }},
    BoundCase{"issuer", [](Admitted& who) { who.identity.issuer = "https://other.test"; }},
    BoundCase{"credential", [](Admitted& who) { who.identity.credential_id = "j-2"; }},
    BoundCase{"signing_key", [](Admitted& who) { who.identity.key_id = "k-2"; }},
    BoundCase{"issued", [](Admitted& who) { who.identity.issued_at += 1; }},
    BoundCase{"expires", [](Admitted& who) { who.identity.expires_at += 1; }},
    BoundCase{"tenant", [](Admitted& who) {
      const std::map<std::string, std::string, std::less<>> claims{{"clinic_id", std::string(kTenantB)}};
      who.caller.tenant = std::get<policy::TenantValues>(policy::tenant_values(*who.world->policy, claims));
    }}), [](const auto& one) { return std::string(one.param.name); });

TEST(KeySourceTest, TheSessionsOfATenantHoldOneKeyWhileItsFileSaysTheSame) {
  const audit::Scratch scratch;
  AuditFiles files;
  files.subject_keys = scratch.path() / "k";
  const KeySource keys = subject_keys_of(files);
  const audit::TenantNames clinic{{"clinic_id", "a0a0"}};
  keys(clinic);  // made
  const auto first = keys(clinic);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(keys(clinic), first);
  EXPECT_NE(keys({}), first);
  std::filesystem::remove(audit::subject_key_file(files.subject_keys, clinic));
  const auto newer = keys(clinic);
  EXPECT_NE(newer, first);
  EXPECT_NE(newer->subjects().of("1:1,"), first->subjects().of("1:1,"));
}

}  // namespace
}  // namespace pgward::proxy::test
