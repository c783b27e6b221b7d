#include "proxy/upstream/https_get.h"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace pgward::proxy {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using Stream = asio::ssl::stream<beast::tcp_stream>;

// g++ 12 takes the coroutine frame's own new and delete (Asio recycles that memory) for a mismatched pair.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
asio::awaitable<HttpsReply> exchange(HttpsUrl url, HttpsRequest wanted, asio::ssl::context& context, HttpsLimits limits) {
  const auto executor = co_await asio::this_coro::executor;
  Stream stream(executor, context);
  if (SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str()) != 1) throw std::runtime_error("host name");
  stream.set_verify_mode(asio::ssl::verify_peer);
  stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
  beast::get_lowest_layer(stream).expires_after(limits.time);
  asio::ip::tcp::resolver resolver(executor);
  const auto found = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
  co_await beast::get_lowest_layer(stream).async_connect(found, asio::use_awaitable);
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);

  http::request<http::string_body> request(http::string_to_verb(wanted.method), url.target, 11);
  request.set(http::field::host, url.host);
  request.set(http::field::accept, wanted.body.empty() ? "application/json, text/plain" : "text/plain");
  request.set(http::field::user_agent, "pgward");
  if (!wanted.body.empty()) {
    request.set(http::field::content_type, wanted.content_type);
    request.body() = std::move(wanted.body);
    request.prepare_payload();
  }
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(limits.body_bytes);
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  co_return HttpsReply{parser.get().result_int(), std::move(parser.get().body())};
}
#pragma GCC diagnostic pop

}  // namespace

std::variant<HttpsReply, HttpsFault> https_exchange(const HttpsUrl& url, HttpsRequest request, const std::string& ca_file, HttpsLimits limits) {
  try {
    asio::io_context loop;
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    if (ca_file.empty()) context.set_default_verify_paths();
    else context.load_verify_file(ca_file);
    std::variant<HttpsReply, HttpsFault> outcome = HttpsFault{"no answer in time"};
    asio::co_spawn(loop, exchange(url, std::move(request), context, limits), [&](std::exception_ptr failed, HttpsReply reply) {
      if (!failed) return void(outcome = std::move(reply));
      try {
        std::rethrow_exception(failed);
      } catch (const std::exception& error) {
        outcome = HttpsFault{error.what()};
      }
    });
    loop.run_for(limits.time + limits.time);  // resolving has no time limit of its own
    return outcome;
  } catch (const std::exception& error) {
    return HttpsFault{error.what()};
  }
}

std::variant<std::string, HttpsFault> https_get(const HttpsUrl& url, const std::string& ca_file, HttpsLimits limits) {
  auto outcome = https_exchange(url, {}, ca_file, limits);
  if (auto* fault = std::get_if<HttpsFault>(&outcome)) return std::move(*fault);
  auto& reply = std::get<HttpsReply>(outcome);
  if (reply.status != 200) return HttpsFault{"status " + std::to_string(reply.status)};
  return std::move(reply.body);
}

}  // namespace pgward::proxy
