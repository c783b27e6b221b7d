// The ordered list of who may log in from where, and how.
#include <gtest/gtest.h>

#include "auth/access_rule.h"

namespace pgward::auth {
namespace {

struct Range {
  const char* name;
  const char* range;
  const char* address;
  bool inside;
};
class AddressRangeTest : public testing::TestWithParam<Range> {};

TEST_P(AddressRangeTest, contains) {
  const auto range = AddressRange::parse(GetParam().range);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->contains(address_bytes(GetParam().address)), GetParam().inside);
}
INSTANTIATE_TEST_SUITE_P(, AddressRangeTest, testing::Values(
    Range{"itself", "192.0.2.7", "192.0.2.7", true},
    Range{"neighbour", "192.0.2.7", "192.0.2.8", false},
    Range{"network", "10.0.0.0/8", "10.255.0.1", true},
    Range{"beside_it", "10.0.0.0/8", "11.0.0.1", false},
    Range{"odd_prefix", "10.64.0.0/10", "10.127.255.255", true},
    Range{"beside_an_odd_prefix", "10.64.0.0/10", "10.128.0.0", false},
    Range{"all_of_ipv4", "0.0.0.0/0", "203.0.113.9", true},
    Range{"all_of_ipv4_is_not_ipv6", "0.0.0.0/0", "2001:db8::1", false},
    Range{"ipv6", "2001:db8::/32", "2001:db8:ffff::1", true},
    Range{"beside_ipv6", "2001:db8::/33", "2001:db8:8000::1", false},
    Range{"ipv4_through_an_ipv6_socket", "10.0.0.0/8", "::ffff:10.1.2.3", true},
    Range{"a_unix_socket_is_in_no_network", "0.0.0.0/0", "unix", false},
    Range{"no_address_at_all", "::/0", "", false}),
    [](const auto& one) { return one.param.name; });

TEST(AddressRange, what_is_no_range_is_refused) {
  for (const char* text : {"", "10", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/-1", "::/129",
                           "2001:db8::1/32", "host.example", "256.0.0.1", "10.0.0.0/8/8"})
    EXPECT_FALSE(AddressRange::parse(text)) << text;
}

AccessRule rule(Method method) {
  AccessRule made;
  made.method = method;
  return made;
}

const Connection kFromAbroad{"203.0.113.9", true, false, "ehr", "clinician"};

TEST(FirstMatch, without_an_entry_there_is_none) { EXPECT_EQ(first_match({}, kFromAbroad), nullptr); }

TEST(FirstMatch, the_first_counts) {
  const std::vector<AccessRule> rules{rule(Method::reject), rule(Method::jwt)};
  EXPECT_EQ(first_match(rules, kFromAbroad), &rules[0]);
}

struct Fit {
  const char* name;
  void (*narrow)(AccessRule&);
  Connection connection;
  bool fits;
};
class FitTest : public testing::TestWithParam<Fit> {};

TEST_P(FitTest, fits) {
  std::vector<AccessRule> rules{rule(Method::jwt)};
  GetParam().narrow(rules[0]);
  EXPECT_EQ(first_match(rules, GetParam().connection) != nullptr, GetParam().fits);
}

const Connection kLocal{"unix", false, false, "ehr", "etl_7"};

INSTANTIATE_TEST_SUITE_P(, FitTest, testing::Values(
    Fit{"anything", [](AccessRule&) {}, kLocal, true},
    Fit{"address", [](AccessRule& r) { r.addresses = {*AddressRange::parse("203.0.113.0/24")}; }, kFromAbroad, true},
    Fit{"second_address", [](AccessRule& r) { r.addresses = {*AddressRange::parse("10.0.0.0/8"), *AddressRange::parse("203.0.113.9")}; }, kFromAbroad, true},
    Fit{"other_address", [](AccessRule& r) { r.addresses = {*AddressRange::parse("10.0.0.0/8")}; }, kFromAbroad, false},
    Fit{"no_address_on_a_unix_socket", [](AccessRule& r) { r.addresses = {*AddressRange::parse("0.0.0.0/0")}; }, kLocal, false},
    Fit{"unix", [](AccessRule& r) { r.channel = Channel::unix_socket; }, kLocal, true},
    Fit{"not_unix", [](AccessRule& r) { r.channel = Channel::unix_socket; }, kFromAbroad, false},
    Fit{"tls", [](AccessRule& r) { r.channel = Channel::tls; }, kFromAbroad, true},
    Fit{"not_tls", [](AccessRule& r) { r.channel = Channel::tls; }, kLocal, false},
    Fit{"plaintext", [](AccessRule& r) { r.channel = Channel::plaintext; }, kLocal, true},
    Fit{"not_plaintext", [](AccessRule& r) { r.channel = Channel::plaintext; }, kFromAbroad, false},
    Fit{"no_certificate", [](AccessRule& r) { r.certificate = true; }, kFromAbroad, false},
    Fit{"certificate", [](AccessRule& r) { r.certificate = true; }, Connection{"203.0.113.9", true, true, "ehr", "x"}, true},
    Fit{"database", [](AccessRule& r) { r.databases = {"other", "ehr"}; }, kLocal, true},
    Fit{"other_database", [](AccessRule& r) { r.databases = {"other"}; }, kLocal, false},
    Fit{"user", [](AccessRule& r) { r.users = {"clinician"}; }, kFromAbroad, true},
    Fit{"other_user", [](AccessRule& r) { r.users = {"clinic"}; }, kFromAbroad, false},
    Fit{"user_by_beginning", [](AccessRule& r) { r.users = {"etl_*"}; }, kLocal, true},
    Fit{"user_by_other_beginning", [](AccessRule& r) { r.users = {"etl_*"}; }, kFromAbroad, false},
    Fit{"a_name_is_no_beginning", [](AccessRule& r) { r.users = {"etl_"}; }, kLocal, false}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pgward::auth
