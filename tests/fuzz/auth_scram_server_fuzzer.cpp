// A hostile client: mechanism, client-first and client-final, a line feed between them. Without the password none of its
// texts may get in.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/scram_server.h"

namespace {

std::string_view line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return front;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pgward::auth;
  static const ScramKeys keys = *derive_scram_keys(Secret{std::string_view{"a password that is in no corpus"}}, "salt", 16);
  std::string_view text{reinterpret_cast<const char*>(data), size};
  const bool plus = !text.empty() && (text.front() & 1) != 0;
  if (!text.empty()) text.remove_prefix(1);
  ScramServer server(keys, "salt", 16, "nonce", {true, plus ? std::string(32, 'e') : std::string()});
  const std::string_view mechanism = line(text), first = line(text);
  const auto answer = server.on_client_first(mechanism, first);
  if (const auto* said = std::get_if<std::string>(&answer); said && !said->starts_with("r=")) std::abort();
  if (std::holds_alternative<std::string>(server.on_client_final(text))) std::abort();
  return 0;
}
