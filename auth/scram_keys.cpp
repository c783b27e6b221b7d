#include "auth/scram_keys.h"

#include <openssl/sha.h>

#include "auth/hmac.h"
#include "auth/openssl_handles.h"

namespace pgward::auth {
namespace {

std::optional<Secret> mac(const Secret& key, std::string_view bytes) {
  auto out = hmac_sha256(key.reveal(), bytes);
  if (!out) return std::nullopt;
  return Secret{*std::move(out)};
}

std::optional<Secret> salted_password(const Secret& password, std::string_view salt,
                                      std::uint32_t iterations) {
  const std::string_view bytes = password.reveal();
  std::string out(kSha256Bytes, '\0');
  if (PKCS5_PBKDF2_HMAC(bytes.data(), static_cast<int>(bytes.size()), bytes_of(salt),
                        static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                        kSha256Bytes, bytes_of(out)) != 1)
    return std::nullopt;
  return Secret{std::move(out)};
}

std::string sha256(std::string_view bytes) {
  std::string out(kSha256Bytes, '\0');
  SHA256(bytes_of(bytes), bytes.size(), bytes_of(out));
  return out;
}

}  // namespace

std::optional<ScramKeys> derive_scram_keys(const Secret& password, std::string_view salt,
                                           std::uint32_t iterations) {
  const QuietErrors quiet;
  const auto salted = salted_password(password, salt, iterations);
  if (!salted) return std::nullopt;
  auto client_key = mac(*salted, "Client Key");
  auto server_key = mac(*salted, "Server Key");
  if (!client_key || !server_key) return std::nullopt;
  return ScramKeys{*std::move(client_key), *std::move(server_key)};
}

std::optional<std::string> client_proof(const ScramKeys& keys, std::string_view auth_message) {
  const std::string stored_key = sha256(keys.client_key.reveal());
  auto proof = hmac_sha256(stored_key, auth_message);
  if (!proof) return std::nullopt;
  const std::string_view client_key = keys.client_key.reveal();
  for (std::size_t i = 0; i < proof->size(); ++i)
    (*proof)[i] = static_cast<char>((*proof)[i] ^ client_key[i]);
  return proof;
}

std::optional<std::string> server_signature(const ScramKeys& keys, std::string_view auth_message) {
  return hmac_sha256(keys.server_key.reveal(), auth_message);
}

}  // namespace pgward::auth
