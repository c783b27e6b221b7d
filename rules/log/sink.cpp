#include "rules/log/sink.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "rules/log/bytes.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kPseudonymBytes = 6;

// "MRN-421337" is a value of its own with the letters MRN in it: its placeholder must not look as if a part
// of it had stayed.
std::string_view shown(std::string_view kind) {
  return kind == "mrn" ? "RECORD" : kind;
}

bool within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

Pseudonyms::~Pseudonyms() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

std::string Pseudonyms::of(std::string_view kind, std::string_view value) const {
  std::string text;
  for (const char c : kind) text += bytes::to_lower(c);
  text += '\0';
  for (const char c : value)
    if (bytes::is(c, bytes::lower | bytes::upper | bytes::digit | bytes::high)) text += bytes::to_lower(c);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < kPseudonymBytes; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  OPENSSL_cleanse(text.data(), text.size());
  return out;
}

void Sink::remove(std::string_view rule, std::string_view kind, std::string_view value) {
  if (value.empty()) return;
  flush();
  const auto written = shown(kind);
  const auto begin_at = out_->size();
  out_->resize(begin_at + written.size() + 2);
  char* at = out_->data() + begin_at;
  *at++ = '[';
  for (const char c : written) *at++ = bytes::is(c, bytes::lower) ? static_cast<char>(c - 'a' + 'A') : c;
  *at = ']';
  if (pseudonyms_ != nullptr) {
    out_->pop_back();
    out_->append(":").append(pseudonyms_->of(kind, value)).push_back(']');
  }
  if (watcher_ == nullptr) return;
  const auto place = within(value, line_) ? value : around_;
  const auto begin = static_cast<std::size_t>(place.data() - line_.data());
  watcher_->removed(rule, kind, begin, begin + place.size());
}

}  // namespace pgward::rules
