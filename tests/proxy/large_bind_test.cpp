// Bind messages that are passed on in pieces: decided by their front, before anything of them goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/bind.h"
#include "tests/proxy/relay_harness.h"

namespace pgward::proxy::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr auto kInsert = "insert into patients (id, clinic_id, name) values (1, $1, $2)";
constexpr auto kTenantLast = "insert into patients (id, name, clinic_id) values (1, $1, $2)";
const std::string kLarge(3u << 20, 'x');

struct LargeBindTest : testing::Test {
  void prepare(std::string_view sql) {
    h.client(parse("s", sql) + sync());
    h.server(message('1') + ready('I'));
  }
  // Fed as a socket would; adds up what goes to the server.
  std::vector<std::string> feed(const Bytes& bytes) {
    std::vector<std::string> other;
    for (std::size_t at = 0; at < bytes.size(); at += kPiece)
      for (std::string& line : h.client(bytes.substr(at, kPiece))) {
        if (line.starts_with("server ... ")) forwarded += std::stoul(line.substr(11));
        else other.push_back(line);
      }
    return other;
  }
  static constexpr std::size_t kPiece = 60'000;
  RelayHarness h;
  std::size_t forwarded = 0;
};

TEST_F(LargeBindTest, goes_on_in_pieces) {
  prepare(kInsert);
  const Bytes bind = bind_to("", "s", {std::string(kTenantA), kLarge});
  // Nothing waits for the end of it.
  EXPECT_THAT(h.client(bind.substr(0, kPiece)), ElementsAre(HasSubstr("... 60000 bytes")));
  forwarded = kPiece;
  feed(bind.substr(kPiece));
  EXPECT_EQ(forwarded, bind.size());
  EXPECT_THAT(h.client(execute("") + sync()), ElementsAre("record! stmt.intent", "server E", "server S"));
}

TEST_F(LargeBindTest, a_foreign_tenant_is_refused_when_it_runs) {
  prepare(kInsert);
  feed(bind_to("", "s", {std::string(kTenantB), kLarge}));
  EXPECT_THAT(h.client(execute("")), ElementsAre("record stmt.deny", StartsWith("server D")));
}

TEST_F(LargeBindTest, a_tenant_behind_the_large_value_is_waited_for) {
  prepare(kTenantLast);
  const Bytes bind = bind_to("", "s", {kLarge, std::string(kTenantB)});
  EXPECT_THAT(feed(bind.substr(0, bind.size() - 30)), IsEmpty());
  EXPECT_EQ(forwarded, 0u);
  EXPECT_THAT(h.client(bind.substr(bind.size() - 30)), ElementsAre(StartsWith("server B s")));
  EXPECT_THAT(h.client(execute("")), ElementsAre("record stmt.deny", StartsWith("server D")));
}

TEST_F(LargeBindTest, of_an_unknown_statement_nothing_goes_on) {
  EXPECT_THAT(feed(bind_to("", "nosuch", {kLarge})), ElementsAre(StartsWith("server D")));
  EXPECT_EQ(forwarded, 0u);
  EXPECT_THAT(h.client(sync()), ElementsAre("server S"));
}

TEST_F(LargeBindTest, after_an_error_it_is_ignored) {
  prepare(kInsert);
  h.client(parse("", "select * from secret"));
  h.server(error("26000", "x"));
  EXPECT_THAT(feed(bind_to("", "s", {std::string(kTenantA), kLarge})), IsEmpty());
  EXPECT_EQ(forwarded, 0u);
  EXPECT_THAT(h.client(sync()), ElementsAre("server S"));
}

TEST_F(LargeBindTest, it_waits_for_what_its_name_means) {
  prepare(kInsert);
  h.client(close_statement("s") + parse("s", "select $1::text, $2::text") + sync());
  EXPECT_THAT(h.client(bind_to("", "s", {std::string(kTenantB), kLarge}).substr(0, kPiece)), IsEmpty());
  EXPECT_TRUE(h.relay.waiting());
  EXPECT_THAT(h.server(message('3') + message('1') + ready('I')),
              ElementsAre("client 3", "client 1", "client Z I", HasSubstr("... 60000 bytes")));
}

TEST_F(LargeBindTest, a_broken_front_ends_the_session) {
  prepare(kInsert);
  Bytes bind = bind_to("", "s", {std::string(kTenantA), kLarge});
  bind[bind.find("s") + 2 + 1] = 9;  // 9 formats, of which the first is no format
  feed(bind);
  EXPECT_EQ(forwarded, 0u);
  EXPECT_TRUE(h.relay.over());
}

TEST(BindPrefixTest, gives_what_is_wanted_as_soon_as_it_is_there) {
  const Bytes whole = bind_to("p", "s", {"one", "two", "three"});
  const ByteView body = ByteView(whole).substr(5);
  const auto all = protocol::decode_bind(body);
  for (std::size_t wanted = 0; wanted < 5; ++wanted) {
    bool complete = false;
    for (std::size_t size = 0; size <= body.size(); ++size) {
      const auto prefix = protocol::decode_bind_prefix(body.substr(0, size), wanted);
      ASSERT_TRUE(bool(prefix));
      EXPECT_TRUE(!complete || *prefix) << "once complete, always complete";
      complete = prefix->has_value();
      if (!complete) continue;
      EXPECT_EQ((*prefix)->statement, all->statement);
      ASSERT_EQ((*prefix)->parameters.size(), std::min<std::size_t>(wanted, 3));
      for (std::size_t i = 0; i < (*prefix)->parameters.size(); ++i) EXPECT_EQ((*prefix)->parameters[i], all->parameters[i]);
    }
    EXPECT_TRUE(complete);
  }
}

}  // namespace
}  // namespace pgward::proxy::test
