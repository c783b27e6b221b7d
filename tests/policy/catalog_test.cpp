#include "policy/catalog.h"

#include <gtest/gtest.h>

namespace pgward::policy {
namespace {

Relation table(Oid oid, RelationName name) {
  Relation made;
  made.oid = oid;
  made.name = std::move(name);
  return made;
}

TEST(CatalogTest, ResolvesABareNameAlongThePath) {
  Catalog catalog;
  catalog.add(table(1, {"public", "patients"}));
  catalog.add(table(2, {"billing", "patients"}));
  const auto oid_of = [&](std::string_view name, const std::vector<std::string>& path) {
    const Relation* found = catalog.resolve(name, path);
    return found == nullptr ? 0 : found->oid;
  };
  EXPECT_EQ(oid_of("patients", {"pg_catalog", "public", "billing"}), 1u);
  EXPECT_EQ(oid_of("patients", {"billing", "public"}), 2u);
  EXPECT_EQ(oid_of("patients", {"nowhere"}), 0u);
  EXPECT_EQ(oid_of("patients", {}), 0u);
  EXPECT_EQ(oid_of("Patients", {"public"}), 0u);
}

TEST(CatalogTest, AddingAgainReplaces) {
  Catalog catalog;
  catalog.add(table(1, {"public", "patients"}));
  catalog.add(table(7, {"public", "patients"}));
  EXPECT_EQ(catalog.find({"public", "patients"})->oid, 7u);
  EXPECT_FALSE(catalog.relation_by_oid.contains(1));
  EXPECT_EQ(catalog.relation_by_oid.at(7), (RelationName{"public", "patients"}));
}

TEST(CatalogTest, FindsColumnsByTheirExactName) {
  Relation relation = table(1, {"public", "p"});
  relation.columns.resize(2);
  relation.columns[0].name = "id";
  relation.columns[1].name = "Clinic Id";
  EXPECT_EQ(relation.column("Clinic Id"), &relation.columns[1]);
  EXPECT_EQ(relation.column("clinic id"), nullptr);
}

TEST(CatalogTest, SameContentLooksAwayFromTheVersion) {
  Catalog a;
  a.add(table(1, {"public", "p"}));
  Catalog b = a;
  b.version = 9;
  EXPECT_TRUE(same_content(a, b));
  b.relations.at({"public", "p"}).row_security = true;
  EXPECT_FALSE(same_content(a, b));
}

}  // namespace
}  // namespace pgward::policy
