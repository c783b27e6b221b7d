// Without TLS, whatever address a broker names.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>

#include "proxy/sinks/kafka.h"

namespace pgward::proxy {
namespace {

TEST(KafkaLoopback, NobodyElseIsCalled) {
  sockaddr_in far{};
  far.sin_family = AF_INET;
  far.sin_port = htons(9);
  const Fd v4(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  for (const char* text : {"192.0.2.1", "10.0.0.1", "128.0.0.1", "0.0.0.0"}) {
    ASSERT_EQ(::inet_pton(AF_INET, text, &far.sin_addr), 1);
    EXPECT_EQ(connect_to_loopback(v4.get(), reinterpret_cast<const sockaddr*>(&far), sizeof far, "", nullptr), EACCES) << text;
  }
  sockaddr_in6 other{};
  other.sin6_family = AF_INET6;
  const Fd v6(::socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  for (const char* text : {"2001:db8::1", "::", "::ffff:192.0.2.1"}) {
    ASSERT_EQ(::inet_pton(AF_INET6, text, &other.sin6_addr), 1);
    EXPECT_EQ(connect_to_loopback(v6.get(), reinterpret_cast<const sockaddr*>(&other), sizeof other, "", nullptr), EACCES) << text;
  }
  EXPECT_EQ(connect_to_loopback(v4.get(), reinterpret_cast<const sockaddr*>(&far), 4096, "", nullptr), EINVAL);
}

TEST(KafkaLoopback, LoopbackIs) {
  sockaddr_in near{};
  near.sin_family = AF_INET;
  near.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof near;
  const Fd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), client(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<const sockaddr*>(&near), size), 0);
  ASSERT_EQ(::getsockname(server.get(), reinterpret_cast<sockaddr*>(&near), &size), 0);
  ASSERT_EQ(::listen(server.get(), 1), 0);
  EXPECT_EQ(connect_to_loopback(client.get(), reinterpret_cast<const sockaddr*>(&near), static_cast<int>(size), "", nullptr), 0);
}

}  // namespace
}  // namespace pgward::proxy
