// Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature:
//
//   text of one or more lines
//
//   — NAME BASE64(4 bytes of key id, signature)
//
// A verifier key ("vkey") is written NAME+HEX(key id)+BASE64(type, 32 bytes of public key).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/ed25519.h"

namespace pgward::audit {

// Type 1: plain Ed25519, for checkpoints of a log. Type 4: a witness's cosignature (C2SP tlog-cosignature).
enum class NoteKeyType : unsigned char { ed25519 = 1, cosignature = 4 };

struct NoteKey {
  std::string name;
  NoteKeyType type = NoteKeyType::ed25519;
  PublicKey public_key{};

  std::string id() const;  // 4 bytes
  std::string text() const;
  static std::optional<NoteKey> of_text(std::string_view text);
  bool operator==(const NoteKey&) const = default;
};
bool is_key_name(std::string_view name);  // not empty, printable ASCII without space and '+'

struct NoteSignature {
  std::string name, id, bytes;
};
struct Note {
  std::string text;  // ends with a newline
  std::vector<NoteSignature> signatures;
};

std::optional<Note> parse_note(std::string_view text);  // 64 KiB and 100 signatures at most
std::string signature_line(const NoteKey& key, std::string_view signature);
// `text` ends with a newline; gives the whole note.
std::string sign_note(std::string text, const NoteKey& key, const SigningKey& signer);
bool is_signed_by(const Note& note, const NoteKey& key);  // type 1

// A cosignature speaks for a time as well. Its line, or the time of a good one by this key of type 4.
std::string cosign_note(std::string_view text, const NoteKey& key, const SigningKey& signer, std::uint64_t unix_s);
std::optional<std::uint64_t> cosigned_at(const Note& note, const NoteKey& key);

}  // namespace pgward::audit
