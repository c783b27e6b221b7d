// Where nothing is protected, nobody looks at statements, and `SET pgward.token = 'eyJ..'` would carry a credential to the
// server and into its log. So the words are looked for in the bytes: every dot, and what stands around it. That costs
// next to nothing where there are no dots, and does not care where messages begin or in how many pieces they come.
//
// The same words in data end the session as well: a refusal too many, in a mode for measuring, and nothing was changed.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace pgward::proxy {

class OwnWords {
 public:
  // Whether what has been said so far has "pgward.token" in it, in any case. Each byte is given once.
  bool found(std::string_view bytes) {
    if (bytes.empty()) return false;
    if (bytes.size() >= kWords.size() - 1 && !has_dot(bytes) && !has_dot({kept_.data(), kept_size_})) {
      keep(bytes);
      return false;
    }
    // Across the seam of two pieces: what was kept, and as much of the new one as could belong to it.
    std::array<char, 2 * (kWords.size() - 1)> seam;
    std::copy_n(kept_.begin(), kept_size_, seam.begin());
    const std::size_t more = std::min(bytes.size(), kWords.size() - 1);
    std::copy_n(bytes.begin(), more, seam.begin() + static_cast<std::ptrdiff_t>(kept_size_));
    const std::string_view both(seam.data(), kept_size_ + more);
    const bool there = in(both) || in(bytes);
    keep(bytes.size() >= kWords.size() - 1 ? bytes : both);
    return there;
  }

 private:
  static constexpr std::string_view kWords = "pgward.token";
  static constexpr std::size_t kDot = 6;

  static bool in(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      const void* dot = std::memchr(text.data() + at, '.', text.size() - at);
      if (dot == nullptr) return false;
      at = static_cast<std::size_t>(static_cast<const char*>(dot) - text.data());
      if (at < kDot || text.size() - (at - kDot) < kWords.size()) continue;
      const std::string_view here = text.substr(at - kDot, kWords.size());
      if (std::equal(here.begin(), here.end(), kWords.begin(), [](char c, char wanted) { return (c | 0x20) == wanted || c == wanted; })) return true;
    }
    return false;
  }
  static bool has_dot(std::string_view text) { return text.find('.') != text.npos; }
  void keep(std::string_view from) {
    kept_size_ = static_cast<unsigned char>(std::min(from.size(), kWords.size() - 1));
    std::copy_n(from.end() - static_cast<std::ptrdiff_t>(kept_size_), kept_size_, kept_.begin());
  }

  std::array<char, kWords.size() - 1> kept_{};
  unsigned char kept_size_ = 0;
};

}  // namespace pgward::proxy
