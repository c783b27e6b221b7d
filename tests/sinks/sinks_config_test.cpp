// audit.sinks: what it means, and that every mistake is told with its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/yaml/parse.h"
#include "proxy/config/sinks.h"

namespace pgward::proxy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Answer {
  std::vector<SinkPlace> sinks;
  std::vector<std::string> mistakes;
};

Answer read(const std::string& text) {
  policy::yaml::Mistakes mistakes("pgward.yaml");
  const auto root = policy::yaml::parse(text, mistakes);
  Answer answer;
  if (root) answer.sinks = read_sinks(*root, "/", mistakes);
  for (const auto& mistake : mistakes.take()) answer.mistakes.push_back(mistake.line());
  return answer;
}

TEST(SinksConfig, OneOfEachKind) {
  const auto [sinks, mistakes] = read(
      "- {name: warehouse, kind: postgresql, host: db.example.org, user: audit, database: audit, table: trail.records, format: ocsf}\n"
      "- {name: siem, kind: syslog, host: logs.example.org, types: [stmt.deny, auth], start: now}\n"
      "- {name: stream, kind: kafka, brokers: [\"k1.example.org:9093\", \"k2.example.org:9093\"], topic: pgward-audit, message_key: log, format: fhir}\n"
      "- {name: out, kind: stdout, format: csv}\n");
  ASSERT_THAT(mistakes, IsEmpty());
  ASSERT_EQ(sinks.size(), 4u);
  EXPECT_EQ(sinks[0].kind, SinkKind::postgresql);
  EXPECT_EQ(sinks[0].port, 5432);
  EXPECT_TRUE(sinks[0].tls);
  EXPECT_EQ(sinks[0].format, audit::Format::ocsf);
  EXPECT_EQ(sinks[1].port, 6514);
  EXPECT_THAT(sinks[1].types, ElementsAre("stmt.deny", "auth"));
  EXPECT_TRUE(sinks[1].from_now);
  EXPECT_EQ(sinks[2].brokers.size(), 2u);
  EXPECT_FALSE(sinks[2].key_session);
  EXPECT_EQ(sinks[3].format, audit::Format::csv);
}

struct Wrong {
  const char* name;
  const char* text;
  const char* expected;
};
class SinksConfigWrong : public testing::TestWithParam<Wrong> {};

TEST_P(SinksConfigWrong, IsToldWithItsPlace) { EXPECT_THAT(read(GetParam().text).mistakes, ElementsAre(HasSubstr(GetParam().expected))); }

INSTANTIATE_TEST_SUITE_P(, SinksConfigWrong, testing::Values(
    Wrong{"no_kind", "- {name: x}", "pgward.yaml:1:3: "},
    Wrong{"unknown_kind", "- {name: x, kind: rabbit}", "1:19: "},
    Wrong{"no_name", "- {kind: stdout}", "name"},
    Wrong{"name_is_a_path", "- {name: ../x, kind: stdout}", "1:10: the name of a sink must be"},
    Wrong{"same_name", "- {name: x, kind: stdout}\n- {name: x, kind: syslog, host: h}", "2:3: another sink has this name"},
    Wrong{"two_stdouts", "- {name: x, kind: stdout}\n- {name: y, kind: stdout}", "there is one standard output only"},
    Wrong{"key_of_another_kind", "- {name: x, kind: stdout, host: h}", "host"},
    Wrong{"csv_elsewhere", "- {name: x, kind: syslog, host: h, format: csv}", "1:44: csv is for stdout"},
    Wrong{"unknown_format", "- {name: x, kind: stdout, format: xml}", "1:35: "},
    Wrong{"type_with_a_star", "- {name: x, kind: stdout, types: [\"stmt.*\"]}", "expected a type of records"},
    Wrong{"bad_start", "- {name: x, kind: stdout, start: tomorrow}", "where a new sink starts"},
    Wrong{"no_host", "- {name: x, kind: syslog}", "host"},
    Wrong{"table_with_a_quote", "- {name: x, kind: postgresql, host: h, user: u, database: d, table: 'a\"b'}", "expected a table or schema.table"},
    Wrong{"table_with_two_dots", "- {name: x, kind: postgresql, host: h, user: u, database: d, table: a.b.c}", "expected a table or schema.table"},
    Wrong{"plain_far_away", "- {name: x, kind: postgresql, host: 192.0.2.1, user: u, database: d, tls: off}", "tls: off is allowed for Unix sockets and loopback"},
    Wrong{"plain_brokers", "- {name: x, kind: kafka, brokers: \"192.0.2.1:9092\", topic: t, tls: off}", "tls: off is allowed for"},
    Wrong{"broker_without_port", "- {name: x, kind: kafka, brokers: k1, topic: t}", "expected HOST:PORT"},
    Wrong{"two_brokers_in_one", "- {name: x, kind: kafka, brokers: \"k1:1,k2:1\", topic: t}", "expected HOST:PORT"},
    Wrong{"topic_with_space", "- {name: x, kind: kafka, brokers: \"k1:1\", topic: \"a b\"}", "a topic is 1 to 249"},
    Wrong{"user_without_password", "- {name: x, kind: kafka, brokers: \"k1:1\", topic: t, user: u}", "user and password go together"},
    Wrong{"certificate_without_key", "- {name: x, kind: syslog, host: h, certificate: etc/passwd}", "a certificate and its key go together"},
    Wrong{"missing_ca", "- {name: x, kind: syslog, host: h, ca: nowhere/ca.crt}", "the CA file does not exist"}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pgward::proxy
