// A secret: wiped when it goes, not printable, compared in constant time.
#pragma once

#include <string>
#include <string_view>

#include <openssl/crypto.h>

namespace pgward::auth {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  explicit Secret(std::string_view bytes) : bytes_(bytes) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      bytes_ = other.bytes_;
    }
    return *this;
  }
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.wipe(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      bytes_ = std::move(other.bytes_);
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  // The one way to the bytes; the name makes each use easy to find.
  std::string_view reveal() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  // Takes as long whatever the bytes are; the length is no secret.
  bool equals(std::string_view other) const {
    return bytes_.size() == other.size() && CRYPTO_memcmp(bytes_.data(), other.data(), bytes_.size()) == 0;
  }

 private:
  void wipe() {
    OPENSSL_cleanse(bytes_.data(), bytes_.capacity());
    bytes_.clear();
  }
  std::string bytes_;
};

}  // namespace pgward::auth
