#include "proxy/session/search_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proxy/relay_harness.h"

namespace pgward::proxy {
namespace {

using testing::ElementsAre;

TEST(SearchPathListTest, is_read_as_the_server_writes_it) {
  std::vector<std::string> names;
  ASSERT_TRUE(split_identifiers("\"$user\", public, \"Front Desk\", \"a\"\"b\"", names));
  EXPECT_THAT(names, ElementsAre("$user", "public", "Front Desk", "a\"b"));
  for (const char* bad : {"a,", ",a", "\"a", "a b", "a,,b"}) {
    std::vector<std::string> none;
    EXPECT_FALSE(split_identifiers(bad, none)) << bad;
  }
  std::vector<std::string> empty;
  EXPECT_TRUE(split_identifiers("", empty));
  EXPECT_TRUE(empty.empty());
}

TEST(SearchPathListTest, pg_catalog_comes_first_unless_it_is_named) {
  const auto world = test::small_world();
  const auto& catalog = *world->catalog("ehr");
  EXPECT_THAT(effective_path({"$user", "public", "nosuch"}, catalog), ElementsAre("pg_catalog", "public"));
  EXPECT_THAT(effective_path({"billing", "public", "billing"}, catalog), ElementsAre("pg_catalog", "billing", "public"));
}

}  // namespace
}  // namespace pgward::proxy
