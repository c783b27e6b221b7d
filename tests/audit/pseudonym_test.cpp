// Against values that Python's hmac made of the same rules; at each length around a block's end.
#include "audit/pseudonym.h"

#include <gtest/gtest.h>

namespace pgward::audit {
namespace {

const SubjectKey& key() {
  static const SubjectKey made("kid-1", std::string(32, 'k'));
  return made;
}

std::string hex(const Pseudonym& pseudonym) {
  std::string out;
  append_pseudonym(out, pseudonym);
  return out;
}

std::string of_subject(const std::string& text) {
  std::string netstring;
  append_key_part(netstring, text);
  return hex(key().subjects().of(netstring));
}

TEST(Pseudonym, IsThatOfTheContract) {
  EXPECT_EQ(of_subject("17"), "89c5f73137c6e0669fd66f21272563fc");
  std::string composite;
  append_key_part(composite, "17");
  append_key_part(composite, "0e0e0e0e-0000-4000-8000-00000000000a");
  EXPECT_EQ(composite, "2:17,36:0e0e0e0e-0000-4000-8000-00000000000a,");
  EXPECT_EQ(hex(key().records("public.patients").of(composite)), "6a0c53d871bb600c99b274bfe7169ff1");
  std::string long_name(70, 's');
  long_name += ".t";
  EXPECT_EQ(hex(key().records(long_name).of("1:1,")), "83f533dbda4ebeecf05acbcd05f002bc");
}

TEST(Pseudonym, OfEveryLength) {
  const std::pair<std::size_t, const char*> kLengths[] = {
      {40, "63d53c617edb0581e6e6e4c011d0eeff"}, {41, "1f0a7c9dad01d64dd9d08d9f1e017502"}, {42, "dc9ff229cf2c111b3d432467df9e0025"},
      {43, "e933dd81324616adc7a570554ee16844"}, {44, "e9481b3ab1e05db27b6f393df19f7d99"}, {45, "48d198945c1664bf20a04cca45c6ee8d"},
      {46, "7def42a9bc7a535c7491fcb2779073e8"}, {47, "0e3b9560b6c27b1f7b0add644cd276c2"}, {48, "d8be9e3428d8ea891a7d09c792265b23"},
      {49, "8cacb7f381b2520a8a6231b7fb756d4e"}, {50, "47d9c89a3e1be40a815829bbb3ea6ee8"}, {51, "c99074becbbc1781c42ad7db70726053"},
      {52, "e5c0ef2e50f3e6d1c0d1c737e9365cf0"}};
  for (const auto& [length, expected] : kLengths) EXPECT_EQ(of_subject(std::string(length, 'x')), expected) << length;
  EXPECT_EQ(of_subject(std::string(1000, 'y')), "96bdacaa2ba8c89cc2eadafe16ce0dc0");
}

TEST(Pseudonym, KeysAndTablesAreWorldsOfTheirOwn) {
  const SubjectKey other("kid-2", std::string(32, 'l'));
  EXPECT_NE(hex(other.subjects().of("2:17,")), of_subject("17"));
  EXPECT_NE(hex(key().records("public.a").of("2:17,")), hex(key().records("public.b").of("2:17,")));
  EXPECT_THROW(SubjectKey("x", "short"), std::invalid_argument);
  EXPECT_TRUE(key() == SubjectKey("kid-1", std::string(32, 'k')));
  EXPECT_FALSE(key() == SubjectKey("kid-2", std::string(32, 'k')));
  EXPECT_FALSE(key() == SubjectKey("kid-1", std::string(31, 'k') + 'l'));
}

TEST(SealedKeys, OpenWhereTheyWereSealedOnly) {
  const std::string sealed = key().seal("{\"subjects\":[[\"17\"]]}", "s/1/public.patients", std::string(12, 'n'));
  EXPECT_EQ(sealed.find("17"), std::string::npos);
  EXPECT_EQ(key().unseal(sealed, "s/1/public.patients"), "{\"subjects\":[[\"17\"]]}");
  EXPECT_EQ(key().unseal(sealed, "s/2/public.patients"), std::nullopt);
  EXPECT_EQ(SubjectKey("kid-2", std::string(32, 'l')).unseal(sealed, "s/1/public.patients"), std::nullopt);
  EXPECT_EQ(key().unseal("", "s"), std::nullopt);
  EXPECT_EQ(key().unseal("AAAA", "s"), std::nullopt);
}

}  // namespace
}  // namespace pgward::audit
