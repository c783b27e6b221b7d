// The tenants' keys for pseudonyms (pseudonym.h), a file each in a directory of their own (mode 0700, files 0600).
//
//   SubjectKeys keys(directory);
//   keys.of(tenant)                   at log-in: reads it, or makes it, durable on return: waits for the disk, and up to a second for
//                                     another process. Thread-safe, also between processes
//   read_subject_key(directory, ..)   for those who only look
//
// A file is one line of JSON: {"v":1,"tenant":{"clinic_id":".."} or "none","kid":"..","key":"BASE64"}; its name is made from
// the tenant, so that one that is gone is not mistaken for another. Erasing a tenant: remove its file, and the pseudonyms
// of that tenant mean nothing to anybody. It is read at each log-in, never kept: who logs in afterwards gets a new key.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "audit/pseudonym.h"

namespace pgward::audit {

// Attributes and values as in a record's "tenant"; empty: of roles without one.
using TenantNames = std::vector<std::pair<std::string, std::string>>;

// The text says why there is none; it holds no key. A null pointer: nobody of that tenant has logged in yet.
using SubjectKeyFound = std::variant<std::shared_ptr<const SubjectKey>, std::string>;

std::filesystem::path subject_key_file(const std::filesystem::path& directory, const TenantNames& tenant);
SubjectKeyFound read_subject_key(const std::filesystem::path& directory, const TenantNames& tenant);

class SubjectKeys {
 public:
  explicit SubjectKeys(std::filesystem::path directory) : directory_(std::move(directory)) {}
  SubjectKeyFound of(const TenantNames& tenant);

 private:
  SubjectKeyFound made(const TenantNames& tenant);
  std::filesystem::path directory_;
  std::mutex mutex_;
};

}  // namespace pgward::audit
