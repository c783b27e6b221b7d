// A revocation file, and the names of ephemeral credentials: both are written by others.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/ephemeral.h"
#include "auth/revocations.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pgward::auth;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto list = Revocations::parse(text, 1);
  if (list.complete() != (list.bad_line() == 0)) std::abort();
  Bearer bearer;
  bearer.credential_id = "j";
  (void)list.revoked(bearer, {{"clinic_id", "7"}});
  if (auto one = parse_revocation(text)) {  // what is written is read, and means the same
    std::string line = revocation_line(*one);
    line.pop_back();
    if (!parse_revocation(line)) std::abort();
  }
  static const EphemeralVerifier verifier =
      std::get<EphemeralVerifier>(EphemeralVerifier::create({{"k", Secret{std::string(32, 'k')}}}, 900, 30));
  const auto verified = verifier.verify(text, 1'800'000'000);
  if (const auto* identity = std::get_if<Identity>(&verified))
    if (identity->subject.empty() || identity->roles.size() != 1 || identity->expires_at <= 1'800'000'000) std::abort();
  return 0;
}
