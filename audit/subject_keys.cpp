#include "audit/subject_keys.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "audit/base64.h"
#include "audit/io.h"
#include "audit/json_text.h"
#include "audit/private_file.h"
#include "audit/sha256.h"

namespace pgward::audit {
namespace {

// As it stands in the file: the bytes that are compared.
std::string tenant_text(const TenantNames& tenant) {
  if (tenant.empty()) return "\"none\"";
  std::string out = "{";
  {
    JsonMembers members{out};
    for (const auto& [name, value] : tenant) members.text(name, value);
  }
  return out + '}';
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string io_text(const std::filesystem::path& path, std::string_view step) {
  std::string text = path.string();
  text += ": ";
  text += IoError{step, errno}.text();
  return text;
}

// JSON that may hold a key. (What the parser itself has put aside of it is the parser's.)
struct Wiped {
  nlohmann::ordered_json json;
  ~Wiped() {
    if (!json.is_object()) return;
    for (auto& [name, value] : json.items())
      if (value.is_string()) wipe_text(value.template get_ref<std::string&>());
  }
};

SubjectKeyFound key_of(const std::filesystem::path& file, std::string& text, const TenantNames& tenant) {
  const auto wrong = [&](std::string_view why) {
    std::string out = file.string();
    out += ": ";
    out += why;
    return SubjectKeyFound(std::move(out));
  };
  const Wiped wiped{nlohmann::ordered_json::parse(text, nullptr, false)};
  wipe_text(text);
  const auto& json = wiped.json;
  if (!json.is_object()) return wrong("is not a tenant's key");
  const auto version = json.find("v"), kid = json.find("kid"), key = json.find("key"), whose = json.find("tenant");
  if (version == json.end() || *version != 1 || kid == json.end() || !kid->is_string() || key == json.end() || !key->is_string() || whose == json.end())
    return wrong("is not a tenant's key");
  if (whose->dump() != nlohmann::ordered_json::parse(tenant_text(tenant)).dump()) return wrong("is the key of another tenant");
  auto bytes = from_base64(key->get_ref<const std::string&>());
  if (!bytes || bytes->size() != SubjectKey::kBytes) return wrong("holds no key of 32 bytes");
  auto made = std::make_shared<const SubjectKey>(kid->get<std::string>(), *bytes);
  wipe_text(*bytes);
  return made;
}

// Another process makes one within milliseconds. One that keeps the lock must not keep everybody who logs in.
bool locked(int fd) {
  constexpr int kTries = 50;
  constexpr std::chrono::milliseconds kPause{20};
  for (int left = kTries; ::flock(fd, LOCK_EX | LOCK_NB) != 0; --left) {
    if (left == 0 || (errno != EWOULDBLOCK && errno != EINTR)) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace

std::filesystem::path subject_key_file(const std::filesystem::path& directory, const TenantNames& tenant) {
  std::string name = sha256_hex(tenant_text(tenant)).substr(0, 32);
  name += ".key";
  return directory / name;
}

SubjectKeyFound read_subject_key(const std::filesystem::path& directory, const TenantNames& tenant) {
  const auto file = subject_key_file(directory, tenant);
  auto text = read_private_file(file);
  if (auto* fault = std::get_if<std::string>(&text)) return std::move(*fault);
  auto& bytes = std::get<std::optional<std::string>>(text);
  if (!bytes) return std::shared_ptr<const SubjectKey>();
  return key_of(file, *bytes, tenant);
}

SubjectKeyFound SubjectKeys::of(const TenantNames& tenant) {
  auto found = read_subject_key(directory_, tenant);
  const auto* key = std::get_if<std::shared_ptr<const SubjectKey>>(&found);
  if (key == nullptr || *key != nullptr) return found;
  return made(tenant);
}

// One at a time, of all threads and of all processes that share the directory: two keys of one tenant would be two persons
// for each of its patients.
SubjectKeyFound SubjectKeys::made(const TenantNames& tenant) {
  const std::lock_guard guard(mutex_);
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error) return directory_.string() + ": cannot be made: " + error.message();
  std::filesystem::permissions(directory_, std::filesystem::perms::owner_all, error);
  if (error) return directory_.string() + ": must be a directory of pgward's own: " + error.message();
  const auto lock_file = directory_ / "lock";
  const Fd lock(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock || !locked(lock.get())) return io_text(lock_file, "lock");
  auto found = read_subject_key(directory_, tenant);
  const auto* there = std::get_if<std::shared_ptr<const SubjectKey>>(&found);
  if (there == nullptr || *there != nullptr) return found;

  std::array<unsigned char, SubjectKey::kBytes + 8> random;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return std::string("no random bytes for a tenant's key");
  const std::string_view all = bytes_of(random);
  const std::string kid = hex(all.substr(SubjectKey::kBytes));
  std::string key = to_base64(all.substr(0, SubjectKey::kBytes));
  std::string line = "{\"v\":1,\"tenant\":";
  line += tenant_text(tenant);
  line += ",\"kid\":\"";
  line += kid;
  line += "\",\"key\":\"";
  line += key;
  line += "\"}\n";
  const std::string fault = write_private_file(subject_key_file(directory_, tenant), line);
  SubjectKeyFound result = std::make_shared<const SubjectKey>(kid, all.substr(0, SubjectKey::kBytes));
  wipe_text(key);
  wipe_text(line);
  OPENSSL_cleanse(random.data(), random.size());
  if (!fault.empty()) return fault;
  // The directory itself may be new: its entry has to last, too.
  const Fd parent(::open(directory_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent || ::fsync(parent.get()) != 0) return io_text(directory_, "sync parent");
  return result;
}

}  // namespace pgward::audit
