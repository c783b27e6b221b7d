// A credential of ours must not reach the server where nobody looks at statements.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "proxy/session/own_words.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct Said {
  const char* name;
  std::string_view text;
  bool found;
};
class OwnWordsTest : public testing::TestWithParam<Said> {};

// Cut at every byte and at every pair of bytes: where a piece ends says nothing about where words do.
TEST_P(OwnWordsTest, are_found_however_they_come_in) {
  const std::string_view text = GetParam().text;
  for (std::size_t first = 0; first <= text.size(); ++first)
    for (std::size_t second = first; second <= text.size(); ++second) {
      OwnWords words;
      const bool a = words.found(text.substr(0, first)), b = words.found(text.substr(first, second - first)), c = words.found(text.substr(second));
      ASSERT_EQ(a || b || c, GetParam().found) << first << ' ' << second;
    }
  OwnWords bytewise;
  bool found = false;
  for (const char& c : text) found = bytewise.found({&c, 1}) || found;
  EXPECT_EQ(found, GetParam().found);
}
INSTANTIATE_TEST_SUITE_P(, OwnWordsTest, testing::Values(
    Said{"plain", "SET pgward.token = 'eyJ'", true}, Said{"alone", "pgward.token", true},
    Said{"capitals", "set PGWARD.Token to 'eyJ'", true}, Said{"behind_a_comment", "/* . */ set pgward.token", true},
    Said{"many_dots", "select a.b, c.d.e....pgward.token", true}, Said{"at_the_end_of_many", "..........pgward.token", true},
    Said{"another_setting", "show pgward.identity", false}, Said{"cut_short", "pgward.toke", false}, Said{"no_dot", "pgward token", false},
    Said{"a_dot_only", ".", false}, Said{"dots", "........................", false}, Said{"nothing", "", false},
    Said{"neighbours", "Pgward\x0etoken pgward:token pgwarD.tokem", false}),
    [](const auto& one) { return one.param.name; });

TEST(OwnWordsInASession, end_it_before_the_server_hears_them) {
  FakeServices services;
  auto world = std::make_shared<World>(*services.world_);
  auto policy = std::make_shared<policy::Policy>();
  policy->unlisted = policy::Unlisted::allow;
  world->policy = policy;
  services.world_ = world;
  Admitted who = admitted(world);
  Relay relay(services, std::move(who), Scribe("\"actor\":{}", "s1"));
  Actions actions;
  const Bytes harmless = query("select a.b from t"), secret = query("SET pgward.token = 'eyJ.a.b'");
  ByteView input = harmless;
  relay.client(input, actions);
  EXPECT_THAT(lines(actions), Contains("server Q select a.b from t"));
  actions.clear();
  input = secret;
  relay.client(input, actions);
  EXPECT_THAT(lines(actions), Contains(HasSubstr("C0A000")));
  EXPECT_THAT(lines(actions), Not(Contains(HasSubstr("eyJ"))));
}

}  // namespace
}  // namespace pgward::proxy::test
