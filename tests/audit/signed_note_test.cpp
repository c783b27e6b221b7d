#include "audit/signed_note.h"

#include <gtest/gtest.h>

#include "audit/base64.h"
#include "audit/checkpoint.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

// The example that the format's first implementation (golang.org/x/mod/sumdb/note) documents.
constexpr std::string_view kKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view kNote =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n\xE2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

TEST(SignedNote, IsTheOneOthersWrite) {
  const auto key = NoteKey::of_text(kKey);
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->text(), kKey);
  const auto note = parse_note(kNote);
  ASSERT_TRUE(note.has_value());
  EXPECT_EQ(note->text, kText);
  EXPECT_TRUE(is_signed_by(*note, *key));
}

TEST(SignedNote, NoChangedByteIsSigned) {
  const auto key = NoteKey::of_text(kKey);
  for (std::size_t at = 0; at < kNote.size(); ++at) {
    std::string changed(kNote);
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto note = parse_note(changed);
    EXPECT_FALSE(note && is_signed_by(*note, *key)) << at;
  }
}

TEST(SignedNote, IsMadeAndCosigned) {
  const SigningKey signer = SigningKey::fresh(), witness = SigningKey::fresh();
  const NoteKey key{"log.example/1", NoteKeyType::ed25519, signer.public_key()};
  const NoteKey cosigner{"witness.example", NoteKeyType::cosignature, witness.public_key()};
  const std::string whole = sign_note("a\n\nb\n", key, signer) + cosign_note("a\n\nb\n", cosigner, witness, 1'763'786'700);
  const auto note = parse_note(whole);
  ASSERT_TRUE(note.has_value());
  EXPECT_EQ(note->text, "a\n\nb\n");
  EXPECT_EQ(note->signatures.size(), 2u);
  EXPECT_TRUE(is_signed_by(*note, key));
  EXPECT_EQ(cosigned_at(*note, cosigner), 1'763'786'700u);
  // Neither stands for the other.
  EXPECT_FALSE(cosigned_at(*note, NoteKey{"witness.example", NoteKeyType::cosignature, signer.public_key()}));
  EXPECT_FALSE(is_signed_by(*note, NoteKey{"log.example/2", NoteKeyType::ed25519, signer.public_key()}));
  EXPECT_FALSE(is_signed_by(*note, cosigner));
}

TEST(SignedNote, WhatIsNoNote) {
  for (const std::string& text : {std::string(), std::string("a"), std::string("a\n"), std::string("a\n\n"), std::string("\n\n\xE2\x80\x94 n AAAA\n"),
                                  std::string("a\n\nb\n"), std::string("a\n\n\xE2\x80\x94 n AAA=\n"), std::string("a\n\n\xE2\x80\x94 n AAAAAA\n"),
                                  std::string("a\r\n").append(kNote), std::string(kNote).append("x"), std::string(kNote.substr(0, kNote.size() - 1))})
    EXPECT_FALSE(parse_note(text).has_value()) << text;
  for (const char* key : {"", "a", "a+b", "a+00000000+AAAA", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                          "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"})
    EXPECT_FALSE(NoteKey::of_text(key).has_value()) << key;
}

TEST(Base64, OneSpellingForEachValue) {
  for (const std::string_view text : {"", "AA==", "AAA=", "AAAA", "/+8="}) {
    const auto bytes = from_base64(text);
    ASSERT_TRUE(bytes.has_value()) << text;
    EXPECT_EQ(to_base64(*bytes), text);
  }
  for (const std::string_view text : {"A", "AA", "AAA", "AB==", "AAB=", "AA==AAAA", " AAA", "AAA\n", "====", "A===", "AA=A", "-_8="})
    EXPECT_FALSE(from_base64(text).has_value()) << text;
}

TEST(Checkpoint, IsReadAsItIsWritten) {
  Checkpoint checkpoint{"pgward/main/0011223344556677", 42, leaf_hash("x"), 3, kNow, std::nullopt, std::nullopt};
  const std::string plain = text_of(checkpoint);
  EXPECT_TRUE(plain.starts_with("pgward/main/0011223344556677\n42\n")) << plain;
  EXPECT_TRUE(plain.ends_with("\nepoch 3\ntime 2025-11-22T04:45:00.123456Z\n")) << plain;
  checkpoint.key = NoteKey{"a", NoteKeyType::ed25519, {}};
  checkpoint.next_key = NoteKey{"b", NoteKeyType::ed25519, {1}};
  for (const std::string& text : {plain, text_of(checkpoint)}) {
    const auto again = parse_checkpoint(text);
    ASSERT_TRUE(again.has_value()) << text;
    EXPECT_EQ(text_of(*again), text);
    EXPECT_EQ(again->time_us, kNow);
    for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(text[n] == '\n' && n + 1 < plain.size() && parse_checkpoint(text.substr(0, n)));
    EXPECT_FALSE(parse_checkpoint(text + "x\n").has_value());
    EXPECT_FALSE(parse_checkpoint(text + "\n").has_value());
  }
}

}  // namespace
}  // namespace pgward::audit
