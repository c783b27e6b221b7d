// TLS bytes that OpenSSL has read, or decrypted, already make no event of the socket: wherever reading was paused, and from
// one part of a session to the next, they must be found again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/startup.h"
#include "tests/proxy/link_harness.h"
#include "tests/proxy/tls_peer.h"

namespace pgward::proxy::test {
namespace {

using namespace std::string_view_literals;
using testing::EndsWith;
using testing::HasSubstr;

// A client and a server that both speak TLS with the link. What they send is kept by the test until it is told to go.
class LinkTlsTest : public testing::Test {
 protected:
  LinkTlsTest() { shake_client(); }

  void shake_client() {
    Bytes ask;
    protocol::encode_ssl_request(ask);
    LinkHarness::write(h.client_, ask);
    h.pump();
    ASSERT_EQ(LinkHarness::read(h.client_), "S");
    shake(client, h.client_);
  }
  void shake(TlsPeer& peer, const Fd& fd) {
    for (int round = 0; round < 10; ++round) {
      const bool done = peer.shake();
      LinkHarness::write(fd, peer.sent());
      h.pump();
      if (done) return;
      peer.take(LinkHarness::read(fd));
    }
    FAIL() << "no handshake";
  }
  // The server's part of a log-in, with TLS; `more` comes in the same write as its ReadyForQuery.
  void server_logs_in(const Bytes& more = {}) {
    h.pump();
    h.accept();
    h.pump();
    ASSERT_EQ(LinkHarness::read(h.server_).size(), 8u) << "SSLRequest";
    LinkHarness::write(h.server_, "S");
    h.pump();
    for (int round = 0; round < 10; ++round) {
      server.take(LinkHarness::read(h.server_));
      const bool done = server.shake();
      LinkHarness::write(h.server_, server.sent());
      h.pump();
      if (done) break;
    }
    server.hear(LinkHarness::read(h.server_));
    Bytes welcome;
    protocol::encode_authentication_ok(welcome);
    server.say(welcome + message('K', std::string("\0\0\0\7them", 8)));
    server.say(ready('I'));
    if (!more.empty()) server.say(more);
    LinkHarness::write(h.server_, server.sent());
    h.pump();
  }
  Bytes server_hears() {
    Bytes text;
    for (Bytes bytes; !(bytes = LinkHarness::read(h.server_)).empty(); h.pump()) text += server.hear(bytes);
    return text;
  }
  Bytes client_hears() {
    Bytes text;
    for (Bytes bytes; !(bytes = LinkHarness::read(h.client_)).empty(); h.pump()) text += client.hear(bytes);
    return text;
  }

  LinkHarness h{LinkHarness::Tls::both};
  TlsPeer client{false}, server{true};
};

// From the front door to the relay: start-up, password and two statements, each a record of its own, in one piece.
TEST_F(LinkTlsTest, statements_that_came_with_the_password_are_found_after_the_log_in) {
  for (const Bytes& one : {h.startup(), h.password(), query("select 1"), query("select 2")}) client.say(one);
  LinkHarness::write(h.client_, client.sent());
  server_logs_in();
  EXPECT_EQ(server_hears(), query("select 1") + query("select 2"));
}

// While the link waits for its own log-in with the server nothing is read from the client: what OpenSSL has is still there.
TEST_F(LinkTlsTest, statements_between_password_and_log_in_too) {
  client.say(h.startup());
  client.say(h.password());
  LinkHarness::write(h.client_, client.sent());
  h.pump();
  for (int i = 0; i < 20; ++i) client.say(query("select " + std::to_string(i)));
  LinkHarness::write(h.client_, client.sent());
  server_logs_in();
  EXPECT_THAT(server_hears(), EndsWith(query("select 19")));
}

TEST_F(LinkTlsTest, what_the_server_sends_behind_its_welcome_arrives) {
  client.say(h.startup() + h.password());
  LinkHarness::write(h.client_, client.sent());
  server_logs_in(message('N', "SNOTICE\0VNOTICE\0C00000\0Mdatabase has a message of the day\0\0"sv));
  EXPECT_THAT(client_hears(), HasSubstr("NOTICE"));
}

class LinkTlsRelayTest : public LinkTlsTest {
 protected:
  LinkTlsRelayTest() {
    client.say(h.startup() + h.password());
    LinkHarness::write(h.client_, client.sent());
    server_logs_in();
    client_hears();
  }
};

TEST_F(LinkTlsRelayTest, a_record_in_two_pieces) {
  client.say(query("select 1"));
  client.say(query("select 2"));
  const Bytes bytes = client.sent();
  for (std::size_t at = 0; at < bytes.size(); ++at) {  // one whole record and the front of another, in every way
    LinkHarness::write(h.client_, ByteView(bytes).substr(at, 1));
    h.pump();
  }
  EXPECT_EQ(server_hears(), query("select 1") + query("select 2"));
}

// Behind a change that waits for its record nothing is read; when the record is durable no event comes.
TEST_F(LinkTlsRelayTest, what_waits_behind_a_record_goes_on_without_an_event) {
  client.say(query("update patients set name = 'x' where id = 1"));
  client.say(query("select 2"));
  client.say(query("select 3"));
  LinkHarness::write(h.client_, client.sent());
  h.pump();
  EXPECT_EQ(server_hears(), "");
  h.log_synced();
  EXPECT_THAT(server_hears(), EndsWith(query("select 2") + query("select 3")));
}

TEST_F(LinkTlsRelayTest, a_server_that_reads_again_gets_everything) {
  Bytes all;
  for (int i = 0; i < 300; ++i) all += query("select 1 -- " + std::string(10'000, static_cast<char>('a' + i % 26)));
  client.say(all);
  Bytes left = client.sent(), heard;
  // The server does not read until nothing more goes in.
  for (int quiet = 0; quiet < 3;) {
    const std::size_t put = left.empty() ? 0 : LinkHarness::write(h.client_, left);
    left.erase(0, put);
    h.pump();
    quiet = put == 0 ? quiet + 1 : 0;
  }
  ASSERT_FALSE(left.empty());
  for (int quiet = 0; quiet < 3;) {
    const Bytes got = server_hears();
    heard += got;
    const std::size_t put = left.empty() ? 0 : LinkHarness::write(h.client_, left);
    left.erase(0, put);
    h.pump();
    quiet = put == 0 && got.empty() ? quiet + 1 : 0;
  }
  EXPECT_EQ(heard.size(), all.size());
  EXPECT_TRUE(heard == all);
}

TEST_F(LinkTlsRelayTest, a_client_that_reads_again_gets_everything) {
  client.say(query("select code from codes"));
  LinkHarness::write(h.client_, client.sent());
  h.pump();
  server_hears();
  Bytes answer;
  for (int i = 0; i < 4000; ++i) answer += row({std::string(1000, static_cast<char>('a' + i % 26))});
  answer += complete("SELECT 4000") + ready('I');
  server.say(answer);
  Bytes left = server.sent(), heard;
  for (int quiet = 0; quiet < 3;) {
    const std::size_t put = left.empty() ? 0 : LinkHarness::write(h.server_, left);
    left.erase(0, put);
    h.pump();
    quiet = put == 0 ? quiet + 1 : 0;
  }
  ASSERT_FALSE(left.empty());
  for (int quiet = 0; quiet < 3;) {
    const Bytes got = client_hears();
    heard += got;
    const std::size_t put = left.empty() ? 0 : LinkHarness::write(h.server_, left);
    left.erase(0, put);
    h.pump();
    quiet = put == 0 && got.empty() ? quiet + 1 : 0;
  }
  EXPECT_EQ(heard.size(), answer.size());
  EXPECT_TRUE(heard == answer);
}

TEST_F(LinkTlsRelayTest, many_small_records_in_one_piece) {
  Bytes all;
  for (int i = 0; i < 200; ++i) {
    const Bytes one = query("select " + std::to_string(i));
    client.say(one);
    all += one;
  }
  LinkHarness::write(h.client_, client.sent());
  h.pump();
  EXPECT_EQ(server_hears(), all);
}

}  // namespace
}  // namespace pgward::proxy::test
