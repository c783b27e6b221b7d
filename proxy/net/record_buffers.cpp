#include "proxy/net/record_buffers.h"

#include <malloc.h>
#include <openssl/crypto.h>

#include <cstddef>
#include <cstdlib>

namespace pgward::proxy {
namespace {

// OpenSSL's buffers are a record of 16,384 bytes with its header and overhead: 16,4xx to write, 16,7xx to read.
constexpr std::size_t kLeast = 16'384, kBlock = 16'896;
// Its notes: what the heap gives for 40 bytes.
constexpr std::size_t kNote = 40;
constexpr std::size_t kKept = 4;  // a thread is at one record at a time, in each direction

struct Spare {
  void* blocks[kKept];
  std::size_t count;

  void* take(std::size_t bytes) { return count > 0 ? blocks[--count] : std::malloc(bytes); }
  void empty() {
    while (count > 0) std::free(blocks[--count]);
  }
};
// Without a constructor and a destructor, so that they can be asked at any time of a thread's life.
thread_local Spare buffers, notes;
thread_local bool ended;

struct Ending {
  ~Ending() {
    ended = true;
    buffers.empty();
    notes.empty();
  }
  void begin() {}
};
thread_local Ending ending;

[[maybe_unused]] void* take(std::size_t bytes, const char*, int) {
  if (bytes == kNote) return notes.take(kNote);
  return bytes < kLeast || bytes > kBlock ? std::malloc(bytes) : buffers.take(kBlock);
}

[[maybe_unused]] void* resize(void* block, std::size_t bytes, const char*, int) { return std::realloc(block, bytes); }

[[maybe_unused]] void give_back(void* block, const char*, int) {
  if (block == nullptr) return;
  const std::size_t bytes = malloc_usable_size(block);
  // A little more than a block is one too: the heap rounds up.
  const bool buffer = bytes >= kBlock && bytes <= kBlock + 64;
  Spare& spare = buffer ? buffers : notes;
  if ((!buffer && bytes != kNote) || spare.count == kKept || ended) return std::free(block);
  if (spare.count == 0) ending.begin();
  spare.blocks[spare.count++] = block;
}

}  // namespace

bool keep_record_buffers() {
#ifdef __SANITIZE_ADDRESS__
  return false;
#else
  return CRYPTO_set_mem_functions(take, resize, give_back) == 1;
#endif
}

}  // namespace pgward::proxy
