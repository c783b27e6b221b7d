// A hostile upstream server: server-first, a line feed, server-final.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/scram.h"
#include "auth/scram_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pgward::auth;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::size_t cut = text.find('\n');
  const std::string_view first = text.substr(0, cut);
  // Rounds cost time by design; what they cost is not what is tried here.
  const auto parsed = parse_server_first(first);
  if (parsed && parsed->iterations > 5000) return 0;

  ScramClient client{Secret{std::string_view{"pencil"}}, "abcdefgh"};
  const auto final = client.on_server_first(first);
  const bool trusted = cut != std::string_view::npos && client.verify_server_final(text.substr(cut + 1));
  if (final && !parsed) std::abort();
  if (trusted) std::abort();  // it does not know the password
  return 0;
}
