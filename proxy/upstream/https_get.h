// One document by HTTPS, for key sets: a GET, its certificate verified against the host's name, no redirects, bounded in
// time and size. Waits; so never on a reactor thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/config/https_url.h"

namespace pgward::proxy {

struct HttpsLimits {
  std::chrono::milliseconds time{5000};
  std::size_t body_bytes = std::size_t{1} << 20;
};

struct HttpsRequest {
  std::string method = "GET", body, content_type = "text/plain";
};
struct HttpsReply {
  unsigned status = 0;
  std::string body;
};

// `ca_file` empty: the system's authorities.
struct HttpsFault {
  std::string text;
};
// Any exchange, whatever the status.
std::variant<HttpsReply, HttpsFault> https_exchange(const HttpsUrl& url, HttpsRequest request, const std::string& ca_file, HttpsLimits limits = {});
// Status 200 only.
std::variant<std::string, HttpsFault> https_get(const HttpsUrl& url, const std::string& ca_file, HttpsLimits limits = {});

}  // namespace pgward::proxy
