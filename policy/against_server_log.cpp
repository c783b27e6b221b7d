// What the server writes into its own log: texts of statements with their literals, values of parameters, and
// the DETAIL of errors, which shows stored values. pgward scrubs what goes to clients, not that file. And the language of
// messages: in any but English, fewer of their words can be told from values.
#include <cstdlib>

#include "policy/against_parts.h"

namespace pgward::policy {
namespace {

class LogCheck {
 public:
  LogCheck(const Survey& survey, Findings& findings) : survey_(survey), findings_(findings) {}

  bool is(std::string_view setting, std::string_view value) const {
    const std::string* now = survey_.setting(setting);
    return now != nullptr && *now == value;
  }
  // A setting that is not there does nothing; `harmless` is its value that does nothing either.
  bool other_than(std::string_view setting, std::string_view harmless) const {
    const std::string* now = survey_.setting(setting);
    return now != nullptr && *now != harmless;
  }
  bool there(std::string_view setting) const { return survey_.setting(setting) != nullptr; }
  bool starts(std::string_view setting, std::string_view with) const {
    const std::string* now = survey_.setting(setting);
    return now != nullptr && now->starts_with(with);
  }
  void function(const RelationName& name, const std::string& setting) {
    const std::string key = setting.substr(0, setting.find('='));
    findings_.warning({"database " + survey_.database, 0, 0},
                      {.code = "server-log-function",
                       .object = name.text(),
                       .text = "function " + name.text() + " sets " + key +
                               " while it runs: what is logged and shown then is not what the session's settings say",
                       .advice = "ALTER FUNCTION .. RESET " + key});
  }
  // For this user only: the rest of the cluster keeps its log.
  void wants(std::string_view setting, std::string_view value, std::string_view why) {
    findings_.warning(
        {"database " + survey_.database, 0, 0},
        {.code = "server-log",
         .object = std::string(setting),
         .text = std::string(setting) + " = " + *survey_.setting(setting) + ": " + std::string(why),
         .sql = "ALTER ROLE " + quote_identifier(survey_.user) + " SET " + std::string(setting) + " = " +
                quote_literal(value)});
  }

 private:
  const Survey& survey_;
  Findings& findings_;
};

// Templates are looked up in all of PostgreSQL's languages, but only those of English were all reviewed.
void check_language(LogCheck& log) {
  if (log.is("lc_messages", "") || log.is("lc_messages", "C") || log.is("lc_messages", "POSIX") || log.starts("lc_messages", "C.") ||
      log.starts("lc_messages", "en"))
    return;
  if (log.there("lc_messages"))
    log.wants("lc_messages", "C", "in translated errors more words are taken for values, and clients get the SQLSTATE's standard text more often");
}

}  // namespace

void check_server_log(const Survey& survey, bool tells_changes, Findings& findings) {
  LogCheck log(survey, findings);
  if (log.other_than("log_statement", "none"))
    log.wants("log_statement", "none", "the server logs statements with the values in them");
  for (const char* setting : {"log_min_duration_statement", "log_min_duration_sample"})
    if (log.other_than(setting, "-1"))
      log.wants(setting, "-1", "the server logs slow statements with the values in them");
  if (log.other_than("log_transaction_sample_rate", "0"))
    log.wants("log_transaction_sample_rate", "0", "the server logs statements of some transactions");
  // Without a statement being logged, parameters are not.
  if (log.other_than("log_parameter_max_length_on_error", "0"))
    log.wants("log_parameter_max_length_on_error", "0", "the server logs parameters of statements that fail");
  if (log.other_than("log_min_error_statement", "panic") &&
      log.other_than("log_min_error_statement", "fatal"))
    log.wants("log_min_error_statement", "panic",
              "the server logs statements that fail, with the values in them");
  if (log.other_than("log_error_verbosity", "terse"))
    log.wants("log_error_verbosity", "terse", "the DETAIL of errors in the server's log shows stored values");
  for (const char* setting : {"debug_print_parse", "debug_print_rewritten", "debug_print_plan"})
    if (log.is(setting, "on")) log.wants(setting, "off", "the server logs trees with the values in them");
  if (log.starts("log_min_messages", "debug")) log.wants("log_min_messages", "warning", "the server logs its inner life, with values in it");
  if (tells_changes && log.is("log_min_messages", "info"))
    log.wants("log_min_messages", "warning", "the server logs what triggers tell pgward of changes: previous and new values");
  if (log.other_than("backtrace_functions", "")) log.wants("backtrace_functions", "", "the server logs backtraces of errors");
  if (log.starts("client_min_messages", "debug"))
    log.wants("client_min_messages", "notice", "the server sends its inner life to every client");
  if (log.is("plpgsql.print_strict_params", "on"))
    log.wants("plpgsql.print_strict_params", "off", "errors of STRICT queries show the values of parameters");
  check_language(log);
  for (const auto& [function, setting] : survey.function_settings) log.function(function, setting);
  if (log.other_than("auto_explain.log_min_duration", "-1"))
    log.wants("auto_explain.log_min_duration", "-1",
              "auto_explain logs plans and statements with the values in them");
  if (log.other_than("pgaudit.log", "none") && log.is("pgaudit.log_parameter", "on"))
    log.wants("pgaudit.log_parameter", "off", "pgaudit logs the values of parameters");
  if (log.is("lo_compat_privileges", "on"))
    log.wants("lo_compat_privileges", "off", "anybody may read any large object");
}

}  // namespace pgward::policy
