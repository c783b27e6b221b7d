// A link between a client and a server that are both this test: a socket pair on one side, a Unix socket on the other, a
// log that is durable when the test says so. No threads: pump() tells events until there are none.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>

#include "protocol/authentication.h"
#include "protocol/startup.h"
#include "proxy/net/link.h"
#include "tests/proxy/relay_harness.h"
#include "tests/proxy/test_issuer.h"
#include "tests/proxy/tls_peer.h"

namespace pgward::proxy::test {

class FakeLog : public audit::Log {
 public:
  audit::Ticket append(std::string, std::int64_t, audit::Pace) override { return ++last_; }
  audit::Fate fate(audit::Ticket ticket) const override {
    return ticket <= durable_ ? audit::Fate::durable : failed_ ? audit::Fate::lost : audit::Fate::waiting;
  }
  audit::Ticket durable() const override { return durable_; }
  std::uint64_t durable_seq() const override { return 0; }
  bool failed() const override { return failed_; }
  bool flush() override { return true; }
  void sync() { durable_ = last_; }
  void fail() { failed_ = true; }

 private:
  audit::Ticket last_ = 0, durable_ = 0;
  bool failed_ = false;
};

class LinkHarness : public LinkHost {
 public:
  enum class Tls { none, both };
  explicit LinkHarness(Tls tls = Tls::none) : buffer_(new char[kBufferBytes]) {
    if (tls == Tls::both) use_tls();
    listen();
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) throw std::system_error(errno, std::generic_category());
    client_ = Fd(pair[0]);
    link_ = std::make_unique<Link>(*this, Fd(pair[1]), ListenerRules{tls == Tls::both, tls == Tls::none}, audit::Source{}, Admission::Slot{});
    link_->begin();
  }
  ~LinkHarness() override {
    link_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Client and server of the test. What cannot be written at once stays with the caller.
  static std::size_t write(const Fd& to, ByteView bytes) {
    const ssize_t put = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return put < 0 ? 0 : static_cast<std::size_t>(put);
  }
  static Bytes read(const Fd& from, std::size_t most = 1 << 20) {
    Bytes bytes(most, '\0');
    const ssize_t got = ::recv(from.get(), bytes.data(), most, MSG_DONTWAIT);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  static bool ended(const Fd& from) {
    char byte = 0;
    return ::recv(from.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
  }

  // Tells events until nothing is left to tell; both ends are on this machine, so nothing is under way.
  void pump() {
    for (int round = 0; round < 66; ++round) {
      poller_.wait({});
      if (const auto job = std::exchange(job_, nullptr)) {
        job->run();
        link_->on_news();
      }
    }
  }
  void log_in() {
    write(client_, startup() + password());
    pump();
    accept();
    pump();
    read(server_);
    Bytes welcome;
    protocol::encode_authentication_ok(welcome);
    write(server_, welcome + message('K', std::string("\0\0\0\7them", 8)) + ready('I'));
    pump();
    read(client_);
  }
  void accept() { server_ = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK)); }
  static Bytes startup() {
    const std::vector<std::pair<std::string, std::string>> parameters{{"user", "clinician"}, {"database", "ehr"}};
    Bytes packet;
    protocol::encode_startup(packet, parameters);
    return packet;
  }
  Bytes password() { return message('p', issuer_.token(issuer_.request()) + '\0'); }
  void log_synced() {
    log_.sync();
    if (std::exchange(waits_, false)) link_->on_log_progress();
    pump();
  }

  FakeLog log_;
  FakeServices services_;
  Fd client_, server_;
  std::unique_ptr<Link> link_;
  bool retired_ = false, waits_ = false;
  int cancels_ = 0;

  Poller& poller() override { return poller_; }
  audit::Log& log() override { return log_; }
  std::int64_t now_us() override { return services_.clock * 1'000'000; }
  Services& services() override { return services_; }
  SSL_CTX* client_tls() override { return client_tls_.get(); }
  SSL_CTX* upstream_tls() override { return upstream_tls_.get(); }
  const std::string& upstream_host() override { return host_; }
  ServerConnector new_connector() override { return {{address_}, {}}; }
  char* read_buffer() override { return buffer_.get(); }
  std::size_t read_buffer_bytes() override { return kBufferBytes; }
  void forward_cancel(std::uint32_t, const Bytes&, Stream) override { ++cancels_; }
  void waits_for_log(Link&) override { waits_ = true; }
  void run_elsewhere(Link&, std::shared_ptr<Job> job) override { job_ = std::move(job); }
  void retire(Link&) override { retired_ = true; }

 private:
  static constexpr std::size_t kBufferBytes = 64 * 1024;
  // As tls_context.cpp makes them, but that the server's name is not looked at.
  void use_tls() {
    client_tls_ = bare_server_context();
    certify(client_tls_.get());
    upstream_tls_ = std::get<SslContext>(client_context({}));
    SSL_CTX_set_verify(upstream_tls_.get(), SSL_VERIFY_NONE, nullptr);
    services_.upstream_.tls = true;
  }
  void listen() {
    std::string name = (std::filesystem::temp_directory_path() / "pgward-link-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::system_error(errno, std::generic_category());
    directory_ = name;
    address_ = std::get<std::vector<Address>>(parse_address("unix:" + name + "/s")).front();
    listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    if (::bind(listener_.get(), address_.get(), address_.size) != 0 || ::listen(listener_.get(), 1) != 0)
      throw std::system_error(errno, std::generic_category());
  }

  TestIssuer issuer_{services_};
  SslContext client_tls_, upstream_tls_;
  Poller poller_;
  std::shared_ptr<Job> job_;
  std::unique_ptr<char[]> buffer_;
  std::filesystem::path directory_;
  Address address_;
  Fd listener_;
  std::string host_ = "test";
};

}  // namespace pgward::proxy::test
