#include "auth/scram.h"

#include <openssl/rand.h>

#include <array>
#include <utility>

#include "auth/base64.h"
#include "auth/scram_keys.h"
#include "auth/scram_message.h"

namespace pgward::auth {
namespace {

constexpr std::size_t kNonceBytes = 18;  // as libpq; 24 characters of base64
constexpr std::uint32_t kIterationsMin = 4096;
constexpr std::uint32_t kIterationsMax = 1'000'000;
constexpr std::string_view kNoChannelBinding = "n,,";
constexpr std::string_view kChannelBindingAttribute = "c=biws";  // base64 of "n,,"

// The user name is empty: PostgreSQL takes the one of the start-up message.
std::string client_first_bare(std::string_view nonce) {
  return std::string{"n=,r="}.append(nonce);
}

bool acceptable(const ServerFirst& first, std::string_view client_nonce) {
  return first.nonce.size() > client_nonce.size() && first.nonce.starts_with(client_nonce) &&
         first.iterations >= kIterationsMin && first.iterations <= kIterationsMax;
}

}  // namespace

std::string random_nonce() {
  std::array<unsigned char, kNonceBytes> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return {};
  return base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

ScramClient::ScramClient(const Secret& password, std::string nonce)
    : password_(password), nonce_(std::move(nonce)) {}

std::string ScramClient::client_first() const {
  return std::string{kNoChannelBinding} + client_first_bare(nonce_);
}

std::optional<std::string> ScramClient::on_server_first(std::string_view server_first) {
  if (!is_scram_nonce(nonce_)) return std::nullopt;
  const std::string client_nonce =
      std::exchange(nonce_, {});  // one nonce, one proof: a second call finds none
  const auto first = parse_server_first(server_first);
  if (!first || !acceptable(*first, client_nonce)) return std::nullopt;
  const auto keys = cached_scram_keys(password_, first->salt, first->iterations);
  if (!keys) return std::nullopt;

  std::string client_final = std::string{kChannelBindingAttribute} + ",r=" + first->nonce;
  const std::string auth_message =
      client_first_bare(client_nonce).append(",").append(server_first) + ',' + client_final;
  const auto proof = client_proof(*keys, auth_message);
  const auto signature = server_signature(*keys, auth_message);
  if (!proof || !signature) return std::nullopt;
  expected_server_final_ = "v=" + base64_encode(*signature);
  return client_final + ",p=" + base64_encode(*proof);
}

bool ScramClient::verify_server_final(std::string_view server_final) const {
  if (expected_server_final_.empty()) return false;  // no proof was sent, so there is nothing to confirm
  return server_final.size() == expected_server_final_.size() &&
         CRYPTO_memcmp(server_final.data(), expected_server_final_.data(), server_final.size()) == 0;
}

}  // namespace pgward::auth
