#include "audit/sha256_stream.h"

#include <openssl/evp.h>

#include <stdexcept>

#include "audit/sha256.h"

namespace pgward::audit {
namespace {

void must(bool worked) {
  if (!worked) throw std::runtime_error("SHA-256 is not available from OpenSSL");
}

}  // namespace

void Sha256Stream::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) { must(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1); }

void Sha256Stream::take(std::string_view piece) { must(EVP_DigestUpdate(context_.get(), piece.data(), piece.size()) == 1); }

std::string Sha256Stream::hex() {
  Hash digest{};
  must(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  return hex_of(digest);
}

}  // namespace pgward::audit
