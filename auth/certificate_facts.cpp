// Out of OpenSSL's structures into plain data.
#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

#include "auth/certificate.h"
#include "auth/openssl_handles.h"

namespace pgward::auth {
namespace {

constexpr std::size_t kNameBytesMax = 2048;  // of a SPIFFE id (SPIFFE-ID, section 2.3); others are shorter
constexpr int kNamesMax = 64;

using Names = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;

std::string hex(const unsigned char* bytes, std::size_t count) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

// Printable ASCII only: what another reader would cut short or read otherwise is no name.
bool take_name(const ASN1_STRING* value, std::vector<std::string>& into) {
  const std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                         static_cast<std::size_t>(ASN1_STRING_length(value)));
  const bool clean = !text.empty() && text.size() <= kNameBytesMax &&
                     std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (clean) into.push_back(text);
  return clean;
}

bool take_alternative_names(const X509& certificate, CertificateFacts& facts) {
  int critical = 0;
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, &critical, nullptr)));
  if (!names) return critical == -1;  // none; otherwise it stands there twice, or cannot be read
  const int count = sk_GENERAL_NAME_num(names.get());
  if (count > kNamesMax) return false;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    bool taken = true;
    if (name->type == GEN_URI) taken = take_name(name->d.uniformResourceIdentifier, facts.uris);
    if (name->type == GEN_EMAIL) taken = take_name(name->d.rfc822Name, facts.emails);
    if (name->type == GEN_DNS) taken = take_name(name->d.dNSName, facts.dns_names);
    if (!taken) return false;
  }
  return true;
}

// A common name may hold blanks, and letters of any language; which of them a rule means is the rule's affair.
bool take_common_names(const X509& certificate, CertificateFacts& facts) {
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) return false;
    const std::string text(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    const bool clean = !text.empty() && text.size() <= kNameBytesMax &&
                       std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
    if (!clean || facts.common_names.size() >= kNamesMax) return false;
    facts.common_names.push_back(text);
  }
  return true;
}

std::optional<UnixTime> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return timegm(&parts);
}

}  // namespace

std::variant<CertificateFacts, CertificateError> certificate_facts(const X509& certificate) {
  const QuietErrors quiet;
  CertificateFacts facts;
  // It caches what it reads in the certificate, and so is not const.
  X509* cached = const_cast<X509*>(&certificate);
  if (!take_alternative_names(certificate, facts) || !take_common_names(certificate, facts)) return CertificateError::bad_name;
  const auto from = time_of(X509_get0_notBefore(&certificate)), to = time_of(X509_get0_notAfter(&certificate));
  if (!from || !to) return CertificateError::expired;
  facts.not_before = *from;
  facts.not_after = *to;
  const std::uint32_t usage = X509_get_extended_key_usage(cached);  // all bits set: it says nothing
  facts.for_clients = usage != UINT32_MAX && (usage & XKU_SSL_CLIENT) != 0;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest, &size) != 1) return CertificateError::chain;
  facts.fingerprint = hex(digest, size);
  if (const ASN1_OCTET_STRING* authority = X509_get0_authority_key_id(cached))
    facts.authority = hex(ASN1_STRING_get0_data(authority), static_cast<std::size_t>(ASN1_STRING_length(authority)));
  return facts;
}

}  // namespace pgward::auth
