// judge_setting(): an allow-list. A setting may be changed by a client when the worst it can do is to make
// the client's own session slower, faster, or its output look different.
//
// An empty value stands for DEFAULT or RESET: it goes back to what pgward gave at start-up.
#include <algorithm>
#include <array>

#include "policy/ascii.h"
#include "policy/plan.h"

namespace pgward::policy {
namespace {

constexpr std::array<std::string_view, 43> kAllowed{
    // what the session is called and how values are written
    "application_name", "datestyle", "intervalstyle", "timezone", "extra_float_digits", "bytea_output",
    "xmlbinary", "xmloption", "escape_string_warning", "array_nulls", "lc_monetary", "lc_numeric", "lc_time",
    "default_text_search_config",
    // limits on its own statements
    "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout",
    "transaction_timeout",
    // names: the path is read back from the server before a bare name is resolved along it
    "search_path",
    // transactions
    "default_transaction_isolation", "default_transaction_read_only", "default_transaction_deferrable",
    "transaction_isolation", "transaction_read_only", "transaction_deferrable", "synchronous_commit",
    // planner and its memory
    "work_mem", "hash_mem_multiplier", "temp_buffers", "seq_page_cost", "random_page_cost", "cpu_tuple_cost",
    "cpu_index_tuple_cost", "cpu_operator_cost", "effective_cache_size", "cursor_tuple_fraction",
    "constraint_exclusion", "from_collapse_limit", "join_collapse_limit", "plan_cache_mode",
    "max_parallel_workers_per_gather", "seed"};
constexpr std::array<std::string_view, 5> kAllowedPrefixes{"enable_", "geqo", "jit", "parallel_",
                                                           "min_parallel_"};
// Debug switches of the compiler for expressions; some write files on the server.
constexpr std::array<std::string_view, 4> kNotAllowedEither{"jit_provider", "jit_debugging_support",
                                                            "jit_dump_bitcode", "jit_profiling_support"};

// Those a client might believe it may change: they get the clearer answer. Some would move a wall of the
// isolation, some change how the server reads a text, some show stored values to other people.
constexpr std::array<std::string_view, 9> kLocked{"role",
                                                  "session_authorization",
                                                  "row_security",
                                                  "session_replication_role",
                                                  "is_superuser",
                                                  "lc_messages",
                                                  "backslash_quote",
                                                  "log_statement",
                                                  "log_parameter_max_length_on_error"};
constexpr std::array<std::string_view, 2> kLockedPrefixes{"log_", "debug_"};

// Classes of extensions whose settings run code, load it, or write statements and values elsewhere.
constexpr std::array<std::string_view, 8> kLockedClasses{"pgward", "auto_explain", "pgaudit", "plperl",   "plv8",
                                                         "pljava",       "pltcl",   "plpython3"};

template <std::size_t N>
bool listed(const std::array<std::string_view, N>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

template <std::size_t N>
bool starts_with_one_of(const std::array<std::string_view, N>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// As guc_name_compare() folds, and as the start-up option -c reads a dash.
std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == '-' ? '_' : lower(c);
  return out;
}

// As clean_encoding_name() of the server: "utf-8", "'UTF8'" and "Utf_8" are one and the same.
std::string letters_and_digits(std::string_view value) {
  std::string out;
  for (const char c : value)
    if ((c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z')) out += lower(c);
  return out;
}

bool is_utf8(std::string_view encoding) {
  const std::string name = letters_and_digits(encoding);
  return name == "utf8" || name == "unicode";
}

bool is_on(std::string_view value) {
  const std::string word = folded(value);
  return word == "on" || word == "true" || word == "yes" || word == "1" || word == "t" || word == "y";
}

// Messages of these levels tell of the server's inner life and are no business of a client.
bool is_debug_level(std::string_view value) {
  return folded(value).find("debug") != std::string::npos;
}

std::string_view class_of(std::string_view name) {
  return name.substr(0, name.find('.'));
}

std::optional<Refusal> judge_custom(const Policy& policy, const std::string& name) {
  const std::string_view its_class = class_of(name);
  for (const TenantAttribute& attribute : policy.tenant)
    if (its_class == class_of(folded(attribute.setting))) return Refusal::setting_not_allowed;
  if (listed(kLockedClasses, its_class)) return Refusal::setting_not_allowed;
  // Values of parameters in the DETAIL of errors, and so in the server's log.
  if (name == "plpgsql.print_strict_params") return Refusal::setting_not_allowed;
  return std::nullopt;
}

std::optional<Refusal> allow_if(bool allowed, Refusal otherwise) {
  return allowed ? std::nullopt : std::optional(otherwise);
}

}  // namespace

std::optional<Refusal> judge_setting(const Policy& policy, std::string_view name_as_written,
                                     std::string_view value) {
  if (policy.passes_everything()) return std::nullopt;
  const std::string name = folded(name_as_written);
  for (const TenantAttribute& attribute : policy.tenant)
    if (name == folded(attribute.setting)) return Refusal::setting_locked;
  // These two change where the server sees the end of a string constant; the parser knows one way only.
  if (class_of(name) == class_of(kRoleSetting)) return Refusal::setting_locked;
  if (name == "client_encoding") return allow_if(value.empty() || is_utf8(value), Refusal::setting_locked);
  if (name == "standard_conforming_strings")
    return allow_if(value.empty() || is_on(value), Refusal::setting_locked);
  if (name == "client_min_messages") return allow_if(!is_debug_level(value), Refusal::setting_not_allowed);
  // Back to whom pgward logged in as, which DISCARD ALL does too: pools send it between two users of a session.
  if (value.empty() && (name == "role" || name == "session_authorization")) return std::nullopt;
  if (listed(kLocked, name) || starts_with_one_of(kLockedPrefixes, name)) return Refusal::setting_locked;
  if (name.find('.') != name.npos) return judge_custom(policy, name);
  if (listed(kNotAllowedEither, name)) return Refusal::setting_not_allowed;
  return allow_if(listed(kAllowed, name) || starts_with_one_of(kAllowedPrefixes, name),
                  Refusal::setting_not_allowed);
}

}  // namespace pgward::policy
