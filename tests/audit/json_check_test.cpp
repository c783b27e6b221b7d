#include "audit/json_check.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pgward::audit {
namespace {

using namespace std::string_view_literals;

// Against another reader of JSON, on texts that are nearly right.
TEST(JsonCheck, AgreesWithAnotherReader) {
  constexpr std::string_view kTexts[] = {
      "", " ", "{}", "[]", "[ ]", "{ }", "null", "true", "false", "nul", "truex", "1", "-1", "-", "01", "1.", "1.5", ".5", "1e5", "1e", "1E+7", "1e-",
      "-0", "-0.0", "00", "1 2", "\"\"", "\"a", "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83dx\"", "\"\\ud83d\\u0041\"", "\"\\u12g4\"",
      "\"\\x\"", "\"\\", "\"\t\"", "\"\x7f\"", "\"\xc3\xa9\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xc0\x80\"", "[1,2]", "[1,]", "[,1]",
      "[1 2]", "{\"a\":1}", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1 \"b\":2}", "{\"a\":{\"b\":[1,{\"c\":[]}]}}", "[[[[1]]]", "[}", "{]",
      "[1]]", "{\"a\":1}}", "\xef\xbb\xbf{}", "[1]\n", "\r\n[\t1 , 2 ]", "{\"a\" : \"b\"}", "\"a\"\"b\"", "[\"a\" \"b\"]", "{\"a\":1]", "[nul]", "[tru", "{\"\\u0000\":1}",
      "\0"sv, "{}\0"sv, "[1\0]"sv, "\"\\\0\""sv, "{\"a\":1\0}"sv};
  for (const std::string_view text : kTexts) {
    // The other reader passes over a byte order mark and takes a zero byte for the end. Neither is JSON.
    if (text.starts_with("\xef\xbb\xbf") || text.find('\0') != text.npos) {
      EXPECT_FALSE(is_json(text));
      continue;
    }
    EXPECT_EQ(is_json(text), nlohmann::json::accept(text)) << text;
  }
}

TEST(JsonCheck, EachChangeOfAByteAgreesToo) {
  const std::string good = R"({"v":2,"a":[1,-2.5e3,true],"b":{"c":"x\n\u00e9","d":null}})";
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      if (byte == 0) {
        ASSERT_FALSE(is_json(text));
        continue;
      }
      ASSERT_EQ(is_json(text), nlohmann::json::accept(text)) << text;
      ASSERT_EQ(is_json(text.substr(0, at)), nlohmann::json::accept(text.substr(0, at))) << text;
    }
}

}  // namespace
}  // namespace pgward::audit
