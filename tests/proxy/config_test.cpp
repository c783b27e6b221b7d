// The configuration's parts that say who gets in: what they mean, and that every mistake is told with its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "proxy/config/config.h"

namespace pgward::proxy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A configuration with everything that must be there, and more lines at its end.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() : home_(std::filesystem::temp_directory_path() / ("pgward-config-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(home_);
    std::ofstream(home_ / "jwks.json") << "{}";
    std::ofstream(home_ / "secret") << "0123456789abcdef0123456789abcdef0123456789abcdef";
  }
  ~ConfigTest() override { std::filesystem::remove_all(home_); }

  LoadedConfig load(const std::string& more, const std::string& in_auth = {}) {
    std::ofstream(home_ / "pgward.yaml") << "listen: [{address: \"127.0.0.1:0\", tls: off}]\n"
                                            "upstream: {host: /tmp, user: u, databases: [ehr], tls: off}\n"
                                            "policy: empty\naudit: {directory: audit}\n"
                                            "auth: {issuers: [{issuer: i, audience: a, jwks: jwks.json}]" + in_auth + "}\n" + more;
    return load_config(home_ / "pgward.yaml");
  }
  std::vector<std::string> mistakes(const std::string& more, const std::string& in_auth = {}) {
    std::vector<std::string> lines;
    for (const auto& mistake : load(more, in_auth).mistakes) lines.push_back(mistake.line());
    return lines;
  }
  std::filesystem::path home_;
};

TEST_F(ConfigTest, without_the_block_a_token_does_for_everybody) {
  const auto loaded = load("");
  ASSERT_TRUE(loaded.config);
  ASSERT_EQ(loaded.config->access.size(), 1u);
  EXPECT_EQ(loaded.config->access[0].method, auth::Method::jwt);
}

TEST_F(ConfigTest, entries_are_read_in_their_order) {
  const auto loaded = load(
      "authentication:\n"
      "  - {address: [10.0.0.0/8, 192.0.2.7], connection: tls, database: ehr, user: \"etl_*\", method: jwt}\n"
      "  - {connection: unix, method: jwt}\n"
      "  - {method: reject}\n");
  ASSERT_TRUE(loaded.config);
  const auto& access = loaded.config->access;
  ASSERT_EQ(access.size(), 3u);
  EXPECT_EQ(access[0].addresses.size(), 2u);
  EXPECT_EQ(access[0].channel, auth::Channel::tls);
  EXPECT_THAT(access[0].databases, ElementsAre("ehr"));
  EXPECT_THAT(access[0].users, ElementsAre("etl_*"));
  EXPECT_EQ(access[1].channel, auth::Channel::unix_socket);
  EXPECT_EQ(access[2].method, auth::Method::reject);
}

TEST_F(ConfigTest, every_mistake_of_the_block_is_told) {
  EXPECT_THAT(mistakes("authentication: []\n"), ElementsAre(HasSubstr("at least one entry")));
  EXPECT_THAT(mistakes("authentication:\n  - {address: 10.0.0.1/8, method: jwt}\n  - {method: trust}\n  - {user: x}\n"),
              ElementsAre(HasSubstr("7:15: "), HasSubstr("8:14: "), HasSubstr("9:5: ")));
  EXPECT_THAT(mistakes("authentication: [{connection: unix, address: 10.0.0.0/8, method: jwt}]\n"),
              ElementsAre(HasSubstr("no addresses")));
}

}  // namespace
}  // namespace pgward::proxy
