#include "auth/access_rule.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "auth/openssl_handles.h"

namespace pgward::auth {
namespace {

constexpr std::string_view kMappedPrefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);  // ::ffff:0:0/96, RFC 4291, 2.5.5.2

struct OctetsDeleter {
  void operator()(ASN1_OCTET_STRING* octets) const { ASN1_OCTET_STRING_free(octets); }
};

bool same_bits(std::string_view a, std::string_view b, std::size_t bits) {
  const std::size_t whole = bits / 8;
  if (a.substr(0, whole) != b.substr(0, whole)) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<unsigned>(0xff00u >> (bits % 8)) & 0xffu;
  return ((static_cast<unsigned>(static_cast<unsigned char>(a[whole])) ^ static_cast<unsigned char>(b[whole])) & mask) == 0;
}

bool named(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::any_of(names.begin(), names.end(), [&](std::string_view one) {
           if (one.ends_with('*')) return name.starts_with(one.substr(0, one.size() - 1));
           return one == name;
         });
}

bool on_channel(Channel channel, const Connection& connection) {
  switch (channel) {
    case Channel::any: return true;
    case Channel::tls: return connection.encrypted;
    case Channel::plaintext: return !connection.encrypted;
    case Channel::unix_socket: return connection.address == "unix";
  }
  return false;
}

}  // namespace

std::string_view name_of(Method method) {
  static constexpr std::array<std::string_view, 6> kNames{"jwt", "scram-sha-256", "scram-sha-256-plus", "certificate", "oauth", "reject"};
  return kNames.at(static_cast<std::size_t>(method));
}

std::string address_bytes(std::string_view text) {
  const QuietErrors quiet;
  if (text.find('\0') != std::string_view::npos) return {};
  const std::unique_ptr<ASN1_OCTET_STRING, OctetsDeleter> octets(a2i_IPADDRESS(std::string(text).c_str()));
  if (!octets) return {};
  std::string bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(octets.get())),
                    static_cast<std::size_t>(ASN1_STRING_length(octets.get())));
  if (bytes.starts_with(kMappedPrefix)) bytes.erase(0, kMappedPrefix.size());
  return bytes;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  AddressRange range;
  const auto slash = text.find('/');
  range.bytes_ = address_bytes(text.substr(0, slash));
  if (range.bytes_.empty()) return std::nullopt;
  range.bits_ = range.bytes_.size() * 8;
  if (slash == std::string_view::npos) return range;
  const std::string_view digits = text.substr(slash + 1);
  std::size_t bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits > range.bits_) return std::nullopt;
  for (std::size_t bit = bits; bit < range.bits_; ++bit)
    if (static_cast<unsigned char>(range.bytes_[bit / 8]) & (0x80u >> (bit % 8))) return std::nullopt;
  range.bits_ = bits;
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  return address.size() == bytes_.size() && same_bits(address, bytes_, bits_);
}

const AccessRule* first_match(std::span<const AccessRule> rules, const Connection& connection) {
  const std::string address = address_bytes(connection.address);
  for (const AccessRule& rule : rules) {
    if (!on_channel(rule.channel, connection)) continue;
    if (rule.certificate && !connection.certificate) continue;
    if (!rule.addresses.empty() && std::none_of(rule.addresses.begin(), rule.addresses.end(),
                                                [&](const AddressRange& range) { return range.contains(address); }))
      continue;
    if (named(rule.databases, connection.database) && named(rule.users, connection.user)) return &rule;
  }
  return nullptr;
}

}  // namespace pgward::auth
