#include "proxy/config/https_url.h"

#include <algorithm>

namespace pgward::proxy {

std::optional<HttpsUrl> parse_https_url(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!text.starts_with(kScheme) || !printable || text.find_first_of("#@\\") != text.npos) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const auto slash = std::min(text.find('/'), text.size());
  const std::string_view authority = text.substr(0, slash);
  HttpsUrl url;
  url.target = slash == text.size() ? "/" : std::string(text.substr(slash));
  const auto colon = authority.rfind(':');
  url.host = std::string(authority.substr(0, colon));
  url.port = colon == authority.npos ? "443" : std::string(authority.substr(colon + 1));
  const bool digits = !url.port.empty() && url.port.size() <= 5 && std::all_of(url.port.begin(), url.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (url.host.empty() || url.host.find_first_of("[]?:") != std::string::npos || !digits) return std::nullopt;
  return url;
}

}  // namespace pgward::proxy
