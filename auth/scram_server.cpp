#include "auth/scram_server.h"

#include <openssl/crypto.h>

#include <array>
#include <optional>

#include "auth/base64.h"
#include "auth/scram_message.h"

namespace pgward::auth {
namespace {

constexpr std::size_t kTextBytesMax = 4096;
constexpr std::size_t kClientNonceBytesMax = 256;
constexpr std::string_view kEndPoint = "tls-server-end-point";

constexpr std::array<std::string_view, static_cast<std::size_t>(ScramError::count_)> kNames{
    "scram: malformed", "scram: unknown mechanism", "scram: downgrade", "scram: binding not offered",
    "scram: wrong binding type", "scram: wrong channel binding", "scram: authorization identity", "scram: wrong nonce",
    "scram: wrong proof", "scram: out of order", "scram: no cryptography"};

// Off the front, up to a comma, which goes as well; nothing when there is none.
std::optional<std::string_view> take_to_comma(std::string_view& text) {
  const auto comma = text.find(',');
  if (comma == text.npos) return std::nullopt;
  const std::string_view part = text.substr(0, comma);
  text.remove_prefix(comma + 1);
  return part;
}

struct ClientFirst {
  std::string_view flag;    // "n", "y" or "p=.."
  std::string_view header;  // gs2-header: flag, authorization identity, with both commas
  std::string_view bare;
  std::string_view nonce;
};

std::variant<ClientFirst, ScramError> parse_client_first(std::string_view text) {
  if (text.size() > kTextBytesMax) return ScramError::malformed;
  ClientFirst first;
  std::string_view rest = text;
  const auto flag = take_to_comma(rest);
  const auto identity = flag ? take_to_comma(rest) : std::nullopt;
  if (!identity) return ScramError::malformed;
  if (!identity->empty()) return ScramError::authorization_identity;
  first.flag = *flag;
  first.header = text.substr(0, text.size() - rest.size());
  first.bare = rest;
  // A mandatory extension ("m=") would stand in front of the name; those behind the nonce nobody sends.
  const auto name = take_to_comma(rest);
  if (!name || !name->starts_with("n=") || !rest.starts_with("r=")) return ScramError::malformed;
  first.nonce = rest.substr(2);
  if (first.nonce.size() > kClientNonceBytesMax || !is_scram_nonce(first.nonce)) return ScramError::malformed;
  return first;
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::string_view name_of(ScramError error) { return kNames.at(static_cast<std::size_t>(error)); }

ScramServer::ScramServer(ScramKeys keys, std::string salt, std::uint32_t iterations, std::string nonce, Offer offer)
    : keys_(std::move(keys)), salt_(std::move(salt)), iterations_(iterations), nonce_(std::move(nonce)), offer_(std::move(offer)) {}

std::variant<std::string, ScramError> ScramServer::on_client_first(std::string_view mechanism, std::string_view text) {
  if (due_ != Due::first) return ScramError::out_of_order;
  due_ = Due::nothing;
  return first(mechanism, text);
}

std::variant<std::string, ScramError> ScramServer::first(std::string_view mechanism, std::string_view text) {
  const bool plus = mechanism == kScramPlus && !offer_.end_point.empty();
  if (!plus && !(mechanism == kScram && offer_.plain)) return ScramError::unknown_mechanism;
  if (!is_scram_nonce(nonce_)) return ScramError::no_crypto;  // an empty one: no random numbers
  const auto parsed = parse_client_first(text);
  if (const auto* error = std::get_if<ScramError>(&parsed)) return *error;
  const ClientFirst& message = std::get<ClientFirst>(parsed);

  std::string bound(message.header);
  if (plus) {
    if (!message.flag.starts_with("p=")) return ScramError::malformed;
    if (message.flag.substr(2) != kEndPoint) return ScramError::wrong_binding_type;
    bound += offer_.end_point;
  } else if (message.flag.starts_with("p=")) {
    return ScramError::binding_not_offered;
  } else if (message.flag == "y" && !offer_.end_point.empty()) {
    return ScramError::downgrade;
  } else if (message.flag != "n" && message.flag != "y") {
    return ScramError::malformed;
  }
  binding_ = base64_encode(bound);
  nonce_.insert(0, message.nonce);
  std::string answer = "r=" + nonce_ + ",s=" + base64_encode(salt_) + ",i=" + std::to_string(iterations_);
  first_messages_ = std::string(message.bare) + ',' + answer;
  due_ = Due::final;
  return answer;
}

std::variant<std::string, ScramError> ScramServer::on_client_final(std::string_view text) {
  if (due_ != Due::final) return ScramError::out_of_order;
  due_ = Due::nothing;
  if (text.size() > kTextBytesMax) return ScramError::malformed;
  std::string_view rest = text;
  const auto binding = take_to_comma(rest);
  const auto nonce = binding ? take_to_comma(rest) : std::nullopt;
  if (!nonce || !binding->starts_with("c=") || !nonce->starts_with("r=") || !rest.starts_with("p=")) return ScramError::malformed;
  const std::string_view without_proof = text.substr(0, text.size() - rest.size() - 1);
  const auto proof = base64_decode(rest.substr(2));
  if (!proof || proof->size() != 32) return ScramError::malformed;
  if (!equal(binding->substr(2), binding_)) return ScramError::wrong_binding;
  if (!equal(nonce->substr(2), nonce_)) return ScramError::wrong_nonce;

  const std::string auth_message = first_messages_ + ',' + std::string(without_proof);
  const auto wanted = client_proof(keys_, auth_message);
  const auto signature = server_signature(keys_, auth_message);
  if (!wanted || !signature) return ScramError::no_crypto;
  if (!equal(*proof, *wanted)) return ScramError::wrong_proof;
  return "v=" + base64_encode(*signature);
}

}  // namespace pgward::auth
