#include <gtest/gtest.h>

#include "proxy/session/error_back.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy {
namespace {

using rules::NameKind;

TEST(KnownNamesTest, only_what_the_catalog_holds) {
  const auto world = test::small_world();
  const CatalogNames names(world->catalog("ehr"));
  EXPECT_TRUE(names.knows(NameKind::relation, "patients"));
  EXPECT_TRUE(names.knows(NameKind::relation, "public.patients"));
  EXPECT_TRUE(names.knows(NameKind::relation, "\"public\".\"patients\""));
  EXPECT_FALSE(names.knows(NameKind::relation, "billing.codes"));
  EXPECT_TRUE(names.knows(NameKind::column, "clinic_id"));
  EXPECT_TRUE(names.knows(NameKind::column, "patients.clinic_id"));
  EXPECT_FALSE(names.knows(NameKind::column, "codes.clinic_id"));
  EXPECT_TRUE(names.knows(NameKind::constraint, "patients_pkey"));
  EXPECT_FALSE(names.knows(NameKind::any, "Qwerylozarn"));
  EXPECT_FALSE(names.knows(NameKind::column, "a.b.c.d"));
}

}  // namespace
}  // namespace pgward::proxy
