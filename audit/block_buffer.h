// Bytes on their way to a file that is written in whole blocks: aligned as O_DIRECT wants memory, offsets and
// sizes to be. Fresh ones are zero.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace pgward::audit {

// No disk or file system asks for more.
inline constexpr std::size_t kBlockBytes = 4096;

constexpr std::size_t whole_blocks(std::size_t bytes) { return (bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes; }

class BlockBuffer {
 public:
  char* data() { return bytes_.get(); }
  // Room for so many bytes, in whole blocks; the first `kept` are kept.
  void reserve(std::size_t bytes, std::size_t kept) {
    if (bytes > size_) resize(whole_blocks(bytes), kept);
  }
  // Gives back what a large group or the growing of a file took.
  void shrink(std::size_t kept) {
    if (size_ > kUsualBytes) resize(kUsualBytes, kept);
  }

 private:
  static constexpr std::size_t kUsualBytes = 64 * 1024;
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  void resize(std::size_t size, std::size_t kept) {
    std::unique_ptr<char, Free> fresh(static_cast<char*>(std::aligned_alloc(kBlockBytes, size)));
    if (!fresh) throw std::bad_alloc();
    if (kept > 0) std::memcpy(fresh.get(), bytes_.get(), kept);
    std::memset(fresh.get() + kept, 0, size - kept);
    bytes_ = std::move(fresh);
    size_ = size;
  }

  std::unique_ptr<char, Free> bytes_;
  std::size_t size_ = 0;
};

}  // namespace pgward::audit
