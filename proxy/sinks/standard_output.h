// Lines on standard output, for containers whose runtime collects them. Written is all that can be known: what reads the
// pipe may lose what it has not read yet.
#pragma once

#include "audit/format/format.h"
#include "proxy/sinks/sink.h"

namespace pgward::proxy {

class StandardOutput final : public Sink {
 public:
  StandardOutput(audit::Format format, const Stop& stop, int fd = 1) : format_(format), stop_(stop), fd_(fd) {}
  std::optional<std::string> deliver(std::span<const Parcel> parcels) override;

 private:
  bool write(std::string_view bytes);

  const audit::Format format_;
  const Stop& stop_;
  const int fd_;
  bool begun_ = false;
  bool torn_ = false;  // a line was written in part: it is ended before anything else is said
};

}  // namespace pgward::proxy
