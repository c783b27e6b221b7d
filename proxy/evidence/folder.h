// An evidence folder on disk: its files, and a manifest that is signed.
//
//   write_folder(directory, files, about, key)   a directory that was not there, or is empty; durable on return
//   check_folder(directory, key)                 what does not fit any more; empty: all of it is as it was signed
//
// manifest.note is a signed note (C2SP signed-note): a title, lines about what it is, a line "SHA256  NAME" for each file.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "audit/signed_note.h"

namespace pgward::proxy {

// Who signs: a key of the officer's, not of the log. Mode 0600.
struct EvidenceKey {
  audit::NoteKey known;
  audit::SigningKey signer;
};
std::string make_evidence_key(const std::filesystem::path& file, const std::string& name, std::string& verifier_key);  // why not, or empty
std::variant<EvidenceKey, std::string> read_evidence_key(const std::filesystem::path& file);

using EvidenceFiles = std::map<std::string, std::string>;  // name -> content

struct Written {
  std::string manifest_sha256;  // hex
  std::string error;            // why not; empty: it is there
};
Written write_folder(const std::filesystem::path& directory, const EvidenceFiles& files, const std::vector<std::string>& about, const EvidenceKey& key);

struct FolderCheck {
  std::string signed_by;             // name of the key whose signature is good; empty: none is
  std::vector<std::string> about;
  std::vector<std::string> wrong;
  std::string error;                 // nothing could be checked
};
// Without a key the manifest's signature cannot be checked, which is wrong then.
FolderCheck check_folder(const std::filesystem::path& directory, const audit::NoteKey& key);

}  // namespace pgward::proxy
