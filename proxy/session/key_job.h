// The key of a tenant's pseudonyms, found or made on another thread: its file is read at each log-in, and the first log-in of
// a tenant waits for a lock and for the disk.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "audit/subject_keys.h"
#include "proxy/session/job.h"

namespace pgward::proxy {

// Null: there is none to be had. Thread-safe.
using KeySource = std::function<std::shared_ptr<const audit::SubjectKey>(const audit::TenantNames&)>;

class KeyJob final : public Job {
 public:
  KeyJob(KeySource source, audit::TenantNames tenant) : source_(std::move(source)), tenant_(std::move(tenant)) {}
  std::size_t bytes() const override { return sizeof(KeyJob); }
  bool waits_for_disk() const override { return true; }
  // When done(), once.
  std::shared_ptr<const audit::SubjectKey> take() { return std::move(key_); }

 private:
  void work() override { key_ = source_ ? source_(tenant_) : nullptr; }
  const KeySource source_;
  const audit::TenantNames tenant_;
  std::shared_ptr<const audit::SubjectKey> key_;
};

}  // namespace pgward::proxy
