#include "policy/catalog_file.h"

#include <gtest/gtest.h>

#include "fixture.h"

namespace pgward::policy {
namespace {

Catalog rich() {
  Catalog catalog = fixture::ehr_catalog();
  catalog.server_version_num = 150004;
  catalog.upstream_user = "pgward_app";
  catalog.upstream_bypasses_rls = true;
  catalog.bypassing_roles = {"postgres"};
  catalog.upstream_roles = {"staff"};
  catalog.constraints = {{"patients_pkey", "public"}};
  Relation& patients = catalog.relations.at({"public", "patients"});
  patients.row_security = patients.force_row_security = patients.security_invoker = true;
  patients.row_policies = {{"p", false, 'r', "(a = 'x\"y')", "true"}};
  patients.reads = {7, 8};
  patients.view_definition = "SELECT 1;\n";
  auto& function = catalog.functions.find("lower")->second;
  function.security_definer = function.leakproof = function.returns_set = function.executable = true;
  function.kind = 'a';
  function.source = "lower";
  function.owner = "somebody";
  return catalog;
}

TEST(CatalogFileTest, ComesBackAsItWas) {
  const Catalog catalog = rich();
  const auto read = read_catalog_file(write_catalog(catalog));
  ASSERT_TRUE(std::holds_alternative<Catalog>(read)) << std::get<std::string>(read);
  const Catalog& back = std::get<Catalog>(read);
  for (const auto& [name, relation] : catalog.relations) EXPECT_EQ(back.relations.at(name), relation) << name.text();
  EXPECT_EQ(back.functions, catalog.functions);
  EXPECT_EQ(back.operators, catalog.operators);
  EXPECT_EQ(back.types, catalog.types);
  EXPECT_TRUE(same_content(back, catalog));
  EXPECT_EQ(std::get<Catalog>(read).relation_by_oid, catalog.relation_by_oid);
}

TEST(CatalogFileTest, RefusesWhatIsNone) {
  const std::string good = write_catalog({});
  ASSERT_TRUE(std::holds_alternative<Catalog>(read_catalog_file(good)));
  const auto with = [&](std::string_view list, std::string_view item) {
    std::string text = good;
    const std::string empty = "\"" + std::string(list) + "\":[]";
    text.replace(text.find(empty), empty.size(), "\"" + std::string(list) + "\":[" + std::string(item) + "]");
    return text;
  };
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), std::string("{\"pgward_catalog\":2}"), std::string(5000, '['),
        with("relations", R"({"oid":1,"name":["a","b"],"kind":99})"), with("relations", R"({"oid":1,"name":["a"]})"),
        with("relations", R"({"oid":1,"name":["a","b"],"row_policies":[{"name":"x","command":""}]})"),
        with("functions", R"({"oid":1,"name":["a","b"],"volatility":-1})"), with("types", "7"),
        with("operators", R"([["a","b"]])"), good.substr(0, good.size() / 2)})
    EXPECT_TRUE(std::holds_alternative<std::string>(read_catalog_file(text))) << text.substr(0, 80);
}

}  // namespace
}  // namespace pgward::policy
