// SHA-256 of what comes in pieces.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace pgward::audit {

class Sha256Stream {
 public:
  Sha256Stream();
  void take(std::string_view piece);
  std::string hex();  // once; nothing may be taken after it

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace pgward::audit
