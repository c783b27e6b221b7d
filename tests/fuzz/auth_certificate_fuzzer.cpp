// A certificate as it comes in, and whom it stands for. OpenSSL would have verified its chain before; a good authority may
// still have signed anything.
#include <cstdint>
#include <cstdlib>

#include "auth/certificate.h"
#include "auth/text_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pgward::auth;
  static const CertificateMap map = std::get<CertificateMap>(CertificateMap::create(
      {{NameKind::uri, "spiffe://clinic.test/{clinic_id}/{app}", {"{app}"}, {}}, {NameKind::dns, "{app}.clinic.test", {"r"}, {}},
       {NameKind::email, "{who}@clinic.test", {"r"}, {}}, {NameKind::common_name, "batch {clinic_id}", {"r"}, {}}}, 86400));
  CertificateFacts facts;
  const unsigned char* at = data;
  if (X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(size))) {
    auto read = certificate_facts(*certificate);
    X509_free(certificate);
    if (!std::holds_alternative<CertificateFacts>(read)) return 0;
    facts = std::get<CertificateFacts>(std::move(read));
  } else {  // no certificate: then names as they stand
    facts.uris = {std::string(reinterpret_cast<const char*>(data), size)};
    facts.not_after = 100;
    facts.for_clients = true;
  }
  const auto verified = map.verify(facts, facts.not_before);
  if (const auto* identity = std::get_if<Identity>(&verified)) {
    if (identity->roles.empty() || identity->expires_at <= facts.not_before) std::abort();
    for (const auto& [name, value] : identity->claims)
      if (value.empty() || has_control_character(value)) std::abort();
  }
  return 0;
}
