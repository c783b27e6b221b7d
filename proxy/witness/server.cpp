#include "proxy/witness/server.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <cstdio>

#include "audit/witness_book.h"

namespace pgward::proxy {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Stream = asio::ssl::stream<beast::tcp_stream>;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kBodyBytesMax = 96u << 10, kHeaderBytesMax = 8u << 10, kConnectionsMax = 64;

std::uint64_t unix_s() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

Response answer(audit::WitnessBook& book, const Request& request) {
  constexpr std::string_view kCheckpoint = "/checkpoint/";
  const std::string_view target(request.target().data(), request.target().size());
  audit::WitnessBook::Answer said{404, "there is nothing here\n"};
  if (request.method() == http::verb::post && target == "/add-checkpoint") {
    said = book.add(request.body(), unix_s());
    if (said.status == 409 || said.status == 422) spdlog::warn("a checkpoint was refused ({}): it does not follow the last one", said.status);
    if (said.status >= 500) spdlog::error("a checkpoint could not be written down, and was not cosigned");
  } else if (request.method() == http::verb::get && target.starts_with(kCheckpoint)) {
    said = book.newest(target.substr(kCheckpoint.size()));
  }
  Response response(static_cast<http::status>(said.status), request.version());
  response.set(http::field::content_type, said.status == 409 ? "text/x.tlog.size" : "text/plain; charset=utf-8");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(said.body);
  response.prepare_payload();
  return response;
}

// g++ 12 takes the coroutine frame's own new and delete (Asio recycles that memory) for a mismatched pair.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
class Server {
 public:
  Server(audit::WitnessBook book, asio::ssl::context& tls) : book_(std::move(book)), tls_(tls) {}

  asio::awaitable<void> accept(tcp::acceptor& acceptor) {
    for (;;) {
      auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error == asio::error::operation_aborted) co_return;
      if (error || connections_ >= kConnectionsMax) continue;  // closed at once
      ++connections_;
      asio::co_spawn(acceptor.get_executor(), serve(Stream(std::move(socket), tls_)), [this](const std::exception_ptr&) { --connections_; });
    }
  }

 private:
  asio::awaitable<void> serve(Stream stream) {
    beast::get_lowest_layer(stream).expires_after(kPatience);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    beast::flat_buffer buffer;
    for (bool more = true; more;) {
      beast::get_lowest_layer(stream).expires_after(kPatience);
      http::request_parser<http::string_body> parser;
      parser.body_limit(kBodyBytesMax);
      parser.header_limit(kHeaderBytesMax);
      co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
      const Response response = answer(book_, parser.get());
      more = response.keep_alive();
      co_await http::async_write(stream, response, asio::use_awaitable);
    }
    co_await stream.async_shutdown(asio::as_tuple(asio::use_awaitable));
  }

  audit::WitnessBook book_;
  asio::ssl::context& tls_;
  std::size_t connections_ = 0;
};
#pragma GCC diagnostic pop

int wrong(const std::string& why) {
  std::fprintf(stderr, "pgward witness: %s\n", why.c_str());
  return 1;
}

void tell_ready(int fd, const std::string& address) {
  std::fprintf(stderr, "pgward witness: ready on %s\n", address.c_str());
  if (fd < 0) return;
  const std::string line = address + "\n";
  if (::write(fd, line.data(), line.size()) < 0) spdlog::warn("nobody reads the ready descriptor");
  ::close(fd);
}

tcp::endpoint endpoint_of(const std::string& listen) {
  const auto colon = listen.rfind(':');
  if (colon == listen.npos) throw std::runtime_error("--listen wants ADDRESS:PORT");
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::size_t used = 0;
  const unsigned long port = std::stoul(listen.substr(colon + 1), &used);
  if (port > 65535 || used != listen.size() - colon - 1) throw std::runtime_error("--listen wants ADDRESS:PORT");
  return {asio::ip::make_address(host), static_cast<std::uint16_t>(port)};
}

int run(const WitnessOptions& options, audit::WitnessBook book) {
  asio::io_context loop(1);
  asio::ssl::context tls(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  tls.use_certificate_chain_file(options.certificate.string());
  tls.use_private_key_file(options.key.string(), asio::ssl::context::pem);
  tcp::acceptor acceptor(loop, endpoint_of(options.listen));
  asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code&, int) { loop.stop(); });
  std::printf("%s\n", book.key().text().c_str());
  std::fflush(stdout);
  Server server(std::move(book), tls);
  asio::co_spawn(loop, server.accept(acceptor), asio::detached);
  const auto bound = acceptor.local_endpoint();
  tell_ready(options.ready_fd, (bound.address().is_v6() ? "[" + bound.address().to_string() + "]" : bound.address().to_string()) + ":" + std::to_string(bound.port()));
  loop.run();
  return 0;
}

}  // namespace

int witness(const WitnessOptions& options) {
  std::vector<audit::NoteKey> logs;
  for (const std::string& text : options.logs) {
    const auto key = audit::NoteKey::of_text(text);
    if (!key) return wrong("--log wants the verifier key of a log, as pgward audit keygen prints it");
    logs.push_back(*key);
  }
  auto book = audit::WitnessBook::open(options.directory, options.name, logs);
  if (auto* why = std::get_if<std::string>(&book)) return wrong(*why);
  try {
    return run(options, std::get<audit::WitnessBook>(std::move(book)));
  } catch (const std::exception& error) {
    return wrong(error.what());
  }
}

}  // namespace pgward::proxy
