#include "audit/signed_note.h"

#include <algorithm>

#include "audit/base64.h"
#include "audit/sha256.h"

namespace pgward::audit {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash, space
constexpr std::size_t kNoteBytesMax = 64u << 10, kSignaturesMax = 100, kIdBytes = 4, kTimeBytes = 8;

std::optional<Signature> signature_of(std::string_view bytes) {
  Signature signature{};
  if (bytes.size() != signature.size()) return std::nullopt;
  bytes.copy(reinterpret_cast<char*>(signature.data()), signature.size());
  return signature;
}

std::string cosigned_text(std::string_view text, std::uint64_t unix_s) {
  return "cosignature/v1\ntime " + std::to_string(unix_s) + "\n" + std::string(text);
}

std::string typed(const NoteKey& key) {
  std::string bytes(1, static_cast<char>(key.type));
  return bytes.append(bytes_of(key.public_key));
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes)
    for (const int shift : {4, 0}) out += "0123456789abcdef"[static_cast<unsigned char>(byte) >> shift & 15];
  return out;
}

std::optional<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return std::nullopt;
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == line.npos || !is_key_name(line.substr(0, space))) return std::nullopt;
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kIdBytes) return std::nullopt;
  return NoteSignature{std::string(line.substr(0, space)), bytes->substr(0, kIdBytes), bytes->substr(kIdBytes)};
}

}  // namespace

bool is_key_name(std::string_view name) {
  return !name.empty() && name.size() <= 256 &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '+'; });
}

std::string NoteKey::id() const {
  return std::string(bytes_of(sha256(name + "\n" + typed(*this))).substr(0, kIdBytes));
}

std::string NoteKey::text() const { return name + "+" + hex(id()) + "+" + to_base64(typed(*this)); }

std::optional<NoteKey> NoteKey::of_text(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == text.npos ? first : text.find('+', first + 1);
  if (second == text.npos || !is_key_name(text.substr(0, first))) return std::nullopt;
  const auto bytes = from_base64(text.substr(second + 1));
  NoteKey key{std::string(text.substr(0, first)), NoteKeyType::ed25519, {}};
  if (!bytes || bytes->size() != 1 + key.public_key.size()) return std::nullopt;
  if ((*bytes)[0] == static_cast<char>(NoteKeyType::cosignature)) key.type = NoteKeyType::cosignature;
  bytes->copy(reinterpret_cast<char*>(key.public_key.data()), key.public_key.size(), 1);
  return key.text() == text ? std::optional(std::move(key)) : std::nullopt;
}

std::optional<Note> parse_note(std::string_view text) {
  // The last empty line parts text and signatures: a text may hold empty lines too.
  const std::size_t gap = text.size() > kNoteBytesMax ? text.npos : text.rfind("\n\n");
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\n'; });
  if (gap == text.npos || gap == 0 || !text.ends_with('\n') || !clean) return std::nullopt;
  Note note;
  note.text = text.substr(0, gap + 1);
  for (std::string_view rest = text.substr(gap + 2); !rest.empty();) {
    const std::size_t end = rest.find('\n');
    auto signature = parse_signature(rest.substr(0, end));
    if (!signature || note.signatures.size() == kSignaturesMax) return std::nullopt;
    note.signatures.push_back(std::move(*signature));
    rest.remove_prefix(end + 1);
  }
  return note.signatures.empty() ? std::nullopt : std::optional(std::move(note));
}

std::string signature_line(const NoteKey& key, std::string_view signature) {
  return std::string(kDash) + key.name + " " + to_base64(key.id().append(signature)) + "\n";
}

std::string sign_note(std::string text, const NoteKey& key, const SigningKey& signer) {
  const Signature signature = signer.sign(text);
  return std::move(text) + "\n" + signature_line(key, bytes_of(signature));
}

bool is_signed_by(const Note& note, const NoteKey& key) {
  const std::string id = key.id();
  return key.type == NoteKeyType::ed25519 && std::any_of(note.signatures.begin(), note.signatures.end(), [&](const NoteSignature& one) {
           const auto signature = signature_of(one.bytes);
           return one.name == key.name && one.id == id && signature && is_signature(key.public_key, note.text, *signature);
         });
}

std::string cosign_note(std::string_view text, const NoteKey& key, const SigningKey& signer, std::uint64_t unix_s) {
  std::string bytes(kTimeBytes, '\0');  // big-endian
  for (std::size_t n = 0; n < kTimeBytes; ++n) bytes[n] = static_cast<char>(unix_s >> (8 * (kTimeBytes - 1 - n)) & 0xff);
  return signature_line(key, bytes.append(bytes_of(signer.sign(cosigned_text(text, unix_s)))));
}

std::optional<std::uint64_t> cosigned_at(const Note& note, const NoteKey& key) {
  const std::string id = key.id();
  for (const NoteSignature& one : note.signatures) {
    if (key.type != NoteKeyType::cosignature || one.name != key.name || one.id != id || one.bytes.size() <= kTimeBytes) continue;
    std::uint64_t unix_s = 0;
    for (std::size_t n = 0; n < kTimeBytes; ++n) unix_s = unix_s << 8 | static_cast<unsigned char>(one.bytes[n]);
    const auto signature = signature_of(std::string_view(one.bytes).substr(kTimeBytes));
    if (signature && is_signature(key.public_key, cosigned_text(note.text, unix_s), *signature)) return unix_s;
  }
  return std::nullopt;
}

}  // namespace pgward::audit
