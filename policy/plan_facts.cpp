#include "policy/plan.h"

namespace pgward::policy {
namespace {

std::size_t bytes_of(const RelationName& name) {
  return name.schema.size() + name.name.size();
}

std::size_t bytes_of(const std::vector<std::string>& list) {
  std::size_t sum = list.capacity() * sizeof(std::string);
  for (const std::string& item : list) sum += item.size();
  return sum;
}

std::size_t bytes_of(const std::vector<KeySource>& sources) {
  std::size_t sum = sources.capacity() * sizeof(KeySource);
  for (const KeySource& source : sources) sum += source.value.size();
  return sum;
}

std::size_t bytes_of(const TouchedKeys& keys) {
  std::size_t sum = sizeof(TouchedKeys) + bytes_of(keys.table) + bytes_of(keys.rule) + bytes_of(keys.record_named) + bytes_of(keys.subject_named);
  for (const auto* columns : {&keys.record, &keys.subject})
    for (const KeyColumn& column : *columns) sum += sizeof(KeyColumn) + column.name.size();
  for (const KeyReference& reference : keys.references)
    for (const auto* key : {&reference.record, &reference.subject})
      for (const KeyPlace& part : *key) sum += sizeof(KeyPlace) + part.outputs.capacity() * sizeof(KeyPlace::Output) + bytes_of(part.values);
  return sum;
}

std::size_t bytes_of(const StatementFacts& facts) {
  std::size_t sum = sizeof(StatementFacts) + facts.deallocates.size() + facts.savepoint.size() + facts.makes_temporary.size();
  for (const Touch& touch : facts.touches)
    sum += sizeof(Touch) + bytes_of(touch.relation) + bytes_of(touch.columns) + bytes_of(touch.phi_columns) +
           bytes_of(touch.phi_kinds);
  for (const NameUse& use : facts.names) {
    sum += sizeof(NameUse) + use.name.size() + use.parameter_types.capacity() * sizeof(std::uint32_t);
    if (use.meaning) sum += use.meaning->bytes();
    for (const Argument& argument : use.arguments) sum += sizeof(Argument) + argument.value.size();
  }
  for (const Enforcement& item : facts.enforcements)
    sum += sizeof(Enforcement) + bytes_of(item.relation) + item.reference.size() + item.column.size() +
           item.attribute.size() + item.place.file.size();
  for (const AddedKey& key : facts.added_keys) sum += sizeof(AddedKey) + bytes_of(key.relation) + key.column.size();
  if (facts.keys)
    for (const TouchedKeys& keys : *facts.keys) sum += bytes_of(keys);
  if (facts.copy_in) sum += sizeof(CopyIn) + facts.copy_in->tenant.capacity() * sizeof(CopyTenantField);
  return sum;
}

}  // namespace

bool Plan::uses_names() const {
  for (const StatementFacts& facts : statements)
    if (!facts.names.empty()) return true;
  return false;
}

std::size_t Plan::bytes() const {
  std::size_t sum = sizeof(Plan) + object.size() + place.file.size() + literals.capacity() * sizeof(Literal) + key_literals.capacity() * sizeof(KeyLiteral) +
                    key_parameters.capacity() * sizeof(std::uint32_t);
  for (const Edit& edit : edits) {
    sum += sizeof(Edit);
    for (const auto& piece : edit.inserted) {
      sum += sizeof(piece);
      if (const auto* text = std::get_if<std::string>(&piece)) sum += text->size();
    }
  }
  for (const StatementFacts& facts : statements) sum += bytes_of(facts);
  for (const BindCheck& check : bind_checks)
    sum += sizeof(check) + check.attribute.size() + bytes_of(check.relation);
  for (const LiteralCheck& check : literal_checks)
    sum += sizeof(check) + check.value.size() + check.attribute.size() + bytes_of(check.relation);
  return sum;
}

std::string_view name_of(StatementKind kind) {
  switch (kind) {
    case StatementKind::empty:
      return "";
    case StatementKind::select:
      return "SELECT";
    case StatementKind::insert:
      return "INSERT";
    case StatementKind::update:
      return "UPDATE";
    case StatementKind::delete_:
      return "DELETE";
    case StatementKind::merge:
      return "MERGE";
    case StatementKind::values:
      return "VALUES";
    case StatementKind::begin:
      return "BEGIN";
    case StatementKind::commit:
      return "COMMIT";
    case StatementKind::rollback:
      return "ROLLBACK";
    case StatementKind::savepoint:
      return "SAVEPOINT";
    case StatementKind::release:
      return "RELEASE";
    case StatementKind::rollback_to:
      return "ROLLBACK TO";
    case StatementKind::set:
      return "SET";
    case StatementKind::reset:
      return "RESET";
    case StatementKind::show:
      return "SHOW";
    case StatementKind::discard_all:
      return "DISCARD ALL";
    case StatementKind::deallocate:
      return "DEALLOCATE";
    case StatementKind::deallocate_all:
      return "DEALLOCATE ALL";
    case StatementKind::copy:
      return "COPY";
    case StatementKind::lock:
      return "LOCK";
    case StatementKind::declare:
      return "DECLARE CURSOR";
    case StatementKind::fetch:
      return "FETCH";
    case StatementKind::move:
      return "MOVE";
    case StatementKind::close:
      return "CLOSE";
    case StatementKind::prepare:
      return "PREPARE";
    case StatementKind::execute:
      return "EXECUTE";
    case StatementKind::explain:
      return "EXPLAIN";
    case StatementKind::call:
      return "CALL";
    case StatementKind::set_constraints:
      return "SET CONSTRAINTS";
    case StatementKind::create_table:
      return "CREATE TABLE";
    case StatementKind::create_table_as:
      return "CREATE TABLE AS";
    case StatementKind::drop_table:
      return "DROP TABLE";
    case StatementKind::truncate:
      return "TRUNCATE";
    case StatementKind::ddl:
      return "DDL";
    case StatementKind::listen:
      return "LISTEN";
    case StatementKind::unlisten:
      return "UNLISTEN";
    case StatementKind::notify:
      return "NOTIFY";
    case StatementKind::other:
      return "OTHER";
  }
  return "OTHER";
}

}  // namespace pgward::policy
