#include "proxy/evidence/folder.h"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "audit/base64.h"
#include "audit/private_file.h"
#include "audit/sha256.h"
#include "proxy/config/config.h"

namespace pgward::proxy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "manifest.note", kTitle = "pgward evidence 1", kKeyTitle = "pgward evidence key";
constexpr std::uintmax_t kFileBytesMax = std::uintmax_t{1} << 30;
constexpr std::size_t kHashChars = 64;

std::string at(const fs::path& file, std::string_view why) {
  std::string text = file.string();
  return text.append(": ").append(why);
}

// What a line of a text begins with; takes the line away.
std::optional<std::string_view> line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view found = text.substr(0, end);
  text.remove_prefix(end + 1);
  return found;
}

// A name of a file in the folder itself, nowhere else.
bool is_plain(std::string_view name) {
  return !name.empty() && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; });
}

}  // namespace

std::string make_evidence_key(const fs::path& file, const std::string& name, std::string& verifier_key) {
  if (!audit::is_key_name(name)) return "the name of a key is printable ASCII without blanks and '+'";
  std::error_code error;
  if (fs::exists(fs::symlink_status(file, error))) return at(file, "is there already");
  const auto key = audit::SigningKey::fresh();
  std::string seed = audit::to_base64(key.seed()), text;
  text.reserve(512);  // no copy is left behind by growing
  text.append(kKeyTitle).append("\nname ").append(name).append("\nseed ").append(seed).append("\n");
  const std::string wrong = audit::write_private_file(file, text);
  audit::wipe_text(seed);
  audit::wipe_text(text);
  verifier_key = audit::NoteKey{name, audit::NoteKeyType::ed25519, key.public_key()}.text();
  return wrong;
}

std::variant<EvidenceKey, std::string> read_evidence_key(const fs::path& file) {
  auto found = audit::read_private_file(file);
  if (auto* wrong = std::get_if<std::string>(&found)) return std::move(*wrong);
  auto& text = std::get<std::optional<std::string>>(found);
  if (!text) return at(file, "is not there; pgward evidence keygen makes one");
  std::string_view rest = *text;
  const auto title = line(rest), name = line(rest), seed = line(rest);
  std::optional<std::string> bytes;
  if (title == kKeyTitle && name && name->starts_with("name ") && seed && seed->starts_with("seed ") && rest.empty()) bytes = audit::from_base64(seed->substr(5));
  auto key = bytes ? audit::SigningKey::of_seed(*bytes) : std::nullopt;
  const std::string known(name ? name->substr(std::min<std::size_t>(5, name->size())) : "");
  if (bytes) audit::wipe_text(*bytes);
  audit::wipe_text(*text);
  if (!key || !audit::is_key_name(known)) return at(file, "is no key of pgward evidence");
  audit::NoteKey shown{known, audit::NoteKeyType::ed25519, key->public_key()};
  return EvidenceKey{std::move(shown), std::move(*key)};
}

Written write_folder(const fs::path& directory, const EvidenceFiles& files, const std::vector<std::string>& about, const EvidenceKey& key) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return {{}, at(directory, error.message())};
  if (!fs::is_empty(directory, error) || error) return {{}, at(directory, error ? error.message() : "is not empty")};
  // It names people: not for everybody.
  if (::chmod(directory.c_str(), 0700) != 0) return {{}, at(directory, std::strerror(errno))};
  std::string text(kTitle);
  text += '\n';
  for (const std::string& one : about) text.append(one).append("\n");
  for (const auto& [name, content] : files) {
    if (!is_plain(name)) return {{}, at(directory / name, "is no name of a file here")};
    if (auto wrong = audit::write_private_file(directory / name, content); !wrong.empty()) return {{}, std::move(wrong)};
    text.append(audit::sha256_hex(content)).append("  ").append(name).append("\n");
  }
  const std::string note = audit::sign_note(text, key.known, key.signer);
  return {audit::sha256_hex(note), audit::write_private_file(directory / kManifest, note)};
}

FolderCheck check_folder(const fs::path& directory, const audit::NoteKey& key) {
  FolderCheck check;
  const auto manifest = read_file(directory / kManifest, kFileBytesMax);
  const auto note = manifest ? audit::parse_note(*manifest) : std::nullopt;
  if (!note) {
    check.error = at(directory / kManifest, manifest ? "is no signed note" : "cannot be read");
    return check;
  }
  if (!audit::is_signed_by(*note, key)) {
    check.error = at(directory / kManifest, "is not signed by this key: nothing in the folder can be relied upon");
    return check;
  }
  check.signed_by = key.name;
  std::string_view rest = note->text;
  if (line(rest) != kTitle) {
    check.error = at(directory / kManifest, "is signed, but not a manifest of evidence");
    return check;
  }
  std::set<std::string, std::less<>> known{std::string(kManifest)};
  while (const auto one = line(rest)) {
    if (one->size() <= kHashChars + 2 || one->substr(kHashChars, 2) != "  ") {
      check.about.emplace_back(*one);
      continue;
    }
    const std::string name(one->substr(kHashChars + 2));
    known.insert(name);
    const auto content = is_plain(name) ? read_file(directory / name, kFileBytesMax) : std::nullopt;
    if (!content) check.wrong.push_back(name + ": is missing");
    else if (audit::sha256_hex(*content) != one->substr(0, kHashChars)) check.wrong.push_back(name + ": was changed");
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (const std::string name = entry.path().filename().string(); !known.contains(name)) check.wrong.push_back(name + ": was put in");
  if (error) check.wrong.push_back(error.message());
  return check;
}

}  // namespace pgward::proxy
