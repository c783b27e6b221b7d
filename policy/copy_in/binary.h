// Rows of COPY data in binary format (manual, "COPY", "Binary Format"): signature, flags, extension; then
// a count of fields and each field with its length; -1 in place of the count ends the data.
#pragma once

#include "policy/copy_in/scan.h"
#include "policy/copy_in/tenant_fields.h"

namespace pgward::policy {

class CopyBinary {
 public:
  CopyBinary(const CopyIn& copy, const TenantValues& own) : fields_in_row_(copy.fields), fields_(copy, own) {}
  Scanned scan(protocol::ByteView piece);
  std::optional<CopyFault> finish();

 private:
  enum class Part { header, extension, count, length, data, ended };
  using Fault = std::optional<CopyFault>;

  Fault gathered();  // a number or the header is complete
  Fault header();
  Fault count();
  Fault length();
  Fault end_field(bool null);
  Fault skip(protocol::ByteView bytes);  // extension, data
  std::size_t wanted_bytes() const;

  std::size_t fields_in_row_;
  TenantFields fields_;
  Part part_ = Part::header;
  std::string gathered_;      // header, count, length: the bytes there are
  std::size_t left_ = 0;      // of the extension or of the field
  std::size_t field_ = 0;     // of the row
};

}  // namespace pgward::policy
