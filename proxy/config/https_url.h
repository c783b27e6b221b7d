// The address of something that is fetched, or asked, by HTTPS.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pgward::proxy {

struct HttpsUrl {
  std::string host, port, target;
};
// "https://host[:port]/path"; nothing for any other form, and for one with a user or a fragment in it.
std::optional<HttpsUrl> parse_https_url(std::string_view text);

}  // namespace pgward::proxy
