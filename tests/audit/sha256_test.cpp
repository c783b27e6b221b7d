#include "audit/sha256.h"

#include <gtest/gtest.h>

namespace pgward::audit {
namespace {

// FIPS 180-4 examples.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, FormOfAHash) {
  EXPECT_TRUE(is_hash(kNoHash));
  EXPECT_TRUE(is_hash(sha256_hex("x")));
  EXPECT_FALSE(is_hash(sha256_hex("x").substr(1)));
  EXPECT_FALSE(is_hash("A" + sha256_hex("x").substr(1)));
  EXPECT_FALSE(is_hash("g" + sha256_hex("x").substr(1)));
}

}  // namespace
}  // namespace pgward::audit
