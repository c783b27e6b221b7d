// OpenSSL's memory can be changed once in a process, and before it has any: each case has a process of its own.
#include "proxy/net/record_buffers.h"

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

namespace pgward::proxy {
namespace {

constexpr std::size_t kRead = 16'716, kWrite = 16'464;  // what OpenSSL 3.0 asks for

#define REQUIRE(condition) \
  if (!(condition)) std::fprintf(stderr, "not so: %s\n", #condition), std::exit(1)

class RecordBuffers : public testing::Test {
 protected:
  void SetUp() override {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "AddressSanitizer is to see each use of the heap";
#endif
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
};

void* buffer(std::size_t bytes) {
  void* block = OPENSSL_malloc(bytes);
  REQUIRE(block != nullptr);
  std::memset(block, 0x5a, bytes);
  return block;
}

TEST_F(RecordBuffers, AreUsedAgain) {
  EXPECT_EXIT(({
                REQUIRE(keep_record_buffers());
                void* first = buffer(kRead);
                void* second = buffer(kWrite);
                OPENSSL_free(first);
                OPENSSL_free(second);
                REQUIRE(buffer(kRead) == second);
                REQUIRE(buffer(kWrite) == first);
                REQUIRE(buffer(kWrite) != first);
                std::exit(0);
              }),
              testing::ExitedWithCode(0), "");
}

TEST_F(RecordBuffers, AreNotTheOnlyOnesOfTheirKind) {
  EXPECT_EXIT(({
                REQUIRE(keep_record_buffers());
                void* note = buffer(40);
                OPENSSL_free(note);
                REQUIRE(buffer(40) == note);
                REQUIRE(buffer(40) != note);
                std::vector<void*> many;
                for (int i = 0; i < 40; ++i) many.push_back(buffer(40));
                for (void* one : many) OPENSSL_free(one);
                for (int i = 0; i < 40; ++i) OPENSSL_free(buffer(i % 2 ? 39 : 41));
                std::exit(0);
              }),
              testing::ExitedWithCode(0), "");
}

TEST_F(RecordBuffers, GrowAndShrinkLikeAnyMemory) {
  EXPECT_EXIT(({
                REQUIRE(keep_record_buffers());
                auto* block = static_cast<unsigned char*>(OPENSSL_realloc(buffer(kRead), 100'000));
                REQUIRE(block != nullptr && block[0] == 0x5a && block[kRead - 1] == 0x5a);
                block = static_cast<unsigned char*>(OPENSSL_realloc(block, 100));
                REQUIRE(block != nullptr && block[99] == 0x5a);
                OPENSSL_free(block);
                OPENSSL_free(nullptr);
                REQUIRE(buffer(kRead) != block);  // too small to be a buffer
                std::exit(0);
              }),
              testing::ExitedWithCode(0), "");
}

// As a session that moves, or a thread that ends, does it.
TEST_F(RecordBuffers, GoFromThreadToThread) {
  EXPECT_EXIT(({
                REQUIRE(keep_record_buffers());
                std::vector<void*> blocks;
                for (int i = 0; i < 40; ++i) blocks.push_back(buffer(i % 2 ? kRead : kWrite));
                std::thread([&] {
                  for (int i = 0; i < 20; ++i) OPENSSL_free(blocks[static_cast<std::size_t>(i)]);
                  OPENSSL_free(buffer(kRead));
                }).join();
                for (std::size_t i = 20; i < 40; ++i) OPENSSL_free(blocks[i]);
                OPENSSL_free(buffer(kRead));
                std::exit(0);
              }),
              testing::ExitedWithCode(0), "");
}

TEST_F(RecordBuffers, ComeTooLateOnceOpenSslHasMemory) {
  EXPECT_EXIT(({
                OPENSSL_free(buffer(1));
                REQUIRE(!keep_record_buffers());
                std::exit(0);
              }),
              testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace pgward::proxy
