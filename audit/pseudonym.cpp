// The states of SHA-256 themselves, which OpenSSL 3 calls deprecated and has no other way to: a MAC context costs four
// times as much for each key as the two blocks that have to be hashed.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "audit/pseudonym.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "audit/base64.h"

namespace pgward::audit {
namespace {

constexpr std::size_t kTagBytes = 16;

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* data_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

constexpr unsigned char kInner = 0x36, kOuter = 0x5c;

// RFC 2104: SHA-256 behind the block that is made of a key, which must fit into it.
SHA256_CTX begun(std::string_view key, unsigned char pad) {
  std::array<unsigned char, SHA256_CBLOCK> block{};
  if (key.size() > block.size()) throw std::invalid_argument("a key longer than a block");
  std::memcpy(block.data(), key.data(), key.size());
  for (unsigned char& byte : block) byte ^= pad;
  SHA256_CTX hash;
  SHA256_Init(&hash);
  SHA256_Update(&hash, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
  return hash;
}

// HMAC() looks its algorithm up anew each time, which costs five times as much as the hashing; a log-in needs four.
std::array<unsigned char, 32> hmac(std::string_view key, std::string_view message) {
  std::array<unsigned char, 32> out{};
  SHA256_CTX hash = begun(key, kInner);
  SHA256_Update(&hash, message.data(), message.size());
  SHA256_Final(out.data(), &hash);
  hash = begun(key, kOuter);
  SHA256_Update(&hash, out.data(), out.size());
  SHA256_Final(out.data(), &hash);
  OPENSSL_cleanse(&hash, sizeof hash);
  return out;
}

// RFC 5869, without salt, one block of output.
std::array<unsigned char, 32> hkdf(std::string_view key, std::string_view label) {
  auto extracted = hmac(std::string(32, '\0'), key);
  std::string info(label);
  info += '\1';
  const auto out = hmac(bytes_of(extracted), info);
  OPENSSL_cleanse(extracted.data(), extracted.size());
  return out;
}

void store(std::uint32_t word, unsigned char* out) {
  for (int shift = 24; shift >= 0; shift -= 8) *out++ = static_cast<unsigned char>(word >> shift);
}

// Behind the message in its last block: 0x80, zeros, the length in bits.
void pad(std::array<unsigned char, 64>& block, std::size_t used, std::uint64_t message_bytes) {
  block[used] = 0x80;
  std::fill(block.begin() + static_cast<std::ptrdiff_t>(used) + 1, block.end(), static_cast<unsigned char>(0));
  const std::uint64_t bits = message_bytes * 8;
  store(static_cast<std::uint32_t>(bits >> 32), block.data() + 56);
  store(static_cast<std::uint32_t>(bits), block.data() + 60);
}

// One block into the state of `hash`.
void load(SHA256_CTX& hash, const std::array<std::uint32_t, 8>& state) {
  for (std::size_t i = 0; i < state.size(); ++i) hash.h[i] = static_cast<SHA_LONG>(state[i]);
}
void keep(std::array<std::uint32_t, 8>& state, const SHA256_CTX& hash) {
  for (std::size_t i = 0; i < state.size(); ++i) state[i] = static_cast<std::uint32_t>(hash.h[i]);
}

}  // namespace

void append_pseudonym(std::string& out, const Pseudonym& pseudonym) {
  static constexpr char kDigits[] = "0123456789abcdef";
  char hex[kPseudonymChars];
  char* at = hex;
  for (const unsigned char byte : pseudonym) {
    *at++ = kDigits[byte >> 4];
    *at++ = kDigits[byte & 15];
  }
  out.append(hex, sizeof hex);
}

void append_key_part(std::string& key, std::string_view text_form) {
  key += std::to_string(text_form.size());
  key += ':';
  key += text_form;
  key += ',';
}

Pseudonyms::Pseudonyms(std::string_view mac_key, std::string_view domain) {
  SHA256_CTX hash = begun(mac_key, kOuter);
  keep(outer_, hash);
  hash = begun(mac_key, kInner);
  hashed_bytes_ = kBlock;
  std::string prefix(domain);
  prefix += '\0';
  std::string_view left = prefix;
  for (; left.size() >= kBlock; left.remove_prefix(kBlock), hashed_bytes_ += kBlock) SHA256_Transform(&hash, data_of(left));
  keep(inner_, hash);
  std::memcpy(tail_.data(), left.data(), left.size());
  tail_bytes_ = left.size();
  OPENSSL_cleanse(&hash, sizeof hash);
}

Pseudonyms::~Pseudonyms() {
  OPENSSL_cleanse(inner_.data(), sizeof inner_);
  OPENSSL_cleanse(outer_.data(), sizeof outer_);
}

Pseudonym Pseudonyms::of(std::string_view key) const {
  SHA256_CTX hash;
  load(hash, inner_);
  const std::uint64_t message_bytes = hashed_bytes_ + tail_bytes_ + key.size();
  std::array<unsigned char, kBlock> block;
  std::memcpy(block.data(), tail_.data(), kBlock);
  std::size_t used = tail_bytes_;
  while (used + key.size() >= kBlock) {
    const std::size_t part = kBlock - used;
    std::memcpy(block.data() + used, key.data(), part);
    SHA256_Transform(&hash, block.data());
    key.remove_prefix(part);
    used = 0;
  }
  if (!key.empty()) std::memcpy(block.data() + used, key.data(), key.size());
  used += key.size();
  if (used > kBlock - 9) {  // no room for the length
    block[used] = 0x80;
    std::fill(block.begin() + static_cast<std::ptrdiff_t>(used) + 1, block.end(), static_cast<unsigned char>(0));
    SHA256_Transform(&hash, block.data());
    pad(block, 0, message_bytes);
    block[0] = 0;
  } else {
    pad(block, used, message_bytes);
  }
  SHA256_Transform(&hash, block.data());
  for (std::size_t i = 0; i < 8; ++i) store(static_cast<std::uint32_t>(hash.h[i]), block.data() + 4 * i);
  pad(block, 32, kBlock + 32);
  load(hash, outer_);
  SHA256_Transform(&hash, block.data());
  Pseudonym out;
  for (std::size_t i = 0; i < 4; ++i) store(static_cast<std::uint32_t>(hash.h[i]), out.data() + 4 * i);
  return out;
}

SubjectKey::SubjectKey(std::string kid, std::string_view key) : kid_(std::move(kid)) {
  if (key.size() != kBytes) throw std::invalid_argument("a tenant's key has 32 bytes");
  pseudonym_key_ = hkdf(key, "pgward pseudonym");
  seal_key_ = hkdf(key, "pgward seal");
}

SubjectKey::~SubjectKey() {
  OPENSSL_cleanse(pseudonym_key_.data(), pseudonym_key_.size());
  OPENSSL_cleanse(seal_key_.data(), seal_key_.size());
}

bool SubjectKey::operator==(const SubjectKey& other) const {
  const bool same = CRYPTO_memcmp(pseudonym_key_.data(), other.pseudonym_key_.data(), kBytes) == 0;
  return kid_ == other.kid_ && (CRYPTO_memcmp(seal_key_.data(), other.seal_key_.data(), kBytes) == 0) && same;
}

std::string_view SubjectKey::pseudonym_key() const { return bytes_of(pseudonym_key_); }

Pseudonyms SubjectKey::records(std::string_view table) const {
  std::string domain = "record:";
  domain += table;
  return {pseudonym_key(), domain};
}

Pseudonyms SubjectKey::values(std::string_view table, std::string_view column) const {
  std::string domain = "value:";
  domain += table;
  domain += '.';
  domain += column;
  return {pseudonym_key(), domain};
}

std::string SubjectKey::seal(std::string_view clear, std::string_view about, std::string_view nonce) const {
  if (nonce.size() != kNonceBytes) throw std::invalid_argument("a nonce has 12 bytes");
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  std::string out(nonce);
  out.resize(kNonceBytes + clear.size() + kTagBytes);
  auto* body = reinterpret_cast<unsigned char*>(out.data()) + kNonceBytes;
  int size = 0;
  int end = 0;
  if (!context || EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, seal_key_.data(), data_of(nonce)) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &size, data_of(about), static_cast<int>(about.size())) != 1 ||
      EVP_EncryptUpdate(context.get(), body, &size, data_of(clear), static_cast<int>(clear.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), body + size, &end) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes), body + clear.size()) != 1)
    throw std::runtime_error("AES-256-GCM is not available from OpenSSL");
  return to_base64(out);
}

std::optional<std::string> SubjectKey::unseal(std::string_view sealed, std::string_view about) const {
  auto bytes = from_base64(sealed);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  const std::size_t count = bytes->size() - kNonceBytes - kTagBytes;
  std::string clear(count, '\0');
  const auto* body = data_of(*bytes) + kNonceBytes;
  int size = 0;
  int end = 0;
  auto* out = reinterpret_cast<unsigned char*>(clear.data());
  if (!context || EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, seal_key_.data(), data_of(*bytes)) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &size, data_of(about), static_cast<int>(about.size())) != 1 ||
      EVP_DecryptUpdate(context.get(), out, &size, body, static_cast<int>(count)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagBytes), bytes->data() + kNonceBytes + count) != 1 ||
      EVP_DecryptFinal_ex(context.get(), out + size, &end) != 1)
    return std::nullopt;
  return clear;
}

}  // namespace pgward::audit
