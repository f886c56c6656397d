// The tables of a tenant's books beside its users: teams, invitations, hold, decisions.
#include <algorithm>

#include "step_pack.hpp"
#include "tables.hpp"
#include "vocabulary.hpp"

namespace rollcall::storage {
namespace {

template <class... Numbers>
void run_with(statement& what, Numbers... numbers) {
    int parameter = 0;
    (what.bind(++parameter, static_cast<std::int64_t>(numbers)), ...);
    what.run();
}

void read_key(row_reader& row, row_key key) {
    for (auto& part : key) part = row.integer();
}

template <std::size_t Size>
bool read_bytes(std::string_view blob, std::array<unsigned char, Size>& into) {
    if (blob.size() != Size) return false;
    std::ranges::copy(blob, into.begin());
    return true;
}

} // namespace

book_writers::book_writers(connection& on)
    : teams_(on, "teams", insert_into("INSERT OR REPLACE", "teams", 9)),
      members_(on, "team_members", insert_into("INSERT OR REPLACE", "team_members", 4)),
      invitations_(on, "invitations", insert_into("INSERT OR REPLACE", "invitations", 8)),
      holds_(on, "holds", insert_into("INSERT", "holds", 5)),
      sections_(on, "hold_sections", insert_into("INSERT", "hold_sections", 6)),
      rejected_(on, "rejected_steps", insert_into("INSERT", "rejected_steps", 4)),
      decisions_(on, "decisions", insert_into("INSERT", "decisions", 8)),
      erased_(on, "erased_marks", insert_into("INSERT OR REPLACE", "erased_marks", 3)),
      invited_(on, "invited_marks", insert_into("INSERT OR REPLACE", "invited_marks", 3)),
      erase_team_(on, "DELETE FROM teams WHERE tenant = ? AND team = ?"),
      erase_members_(on, "DELETE FROM team_members WHERE tenant = ? AND team = ?"),
      erase_member_(on, "DELETE FROM team_members WHERE tenant = ? AND team = ? AND uid = ?"),
      clear_hold_(on, "DELETE FROM holds WHERE tenant = ?"),
      clear_rejected_(on, "DELETE FROM rejected_steps WHERE tenant = ?"),
      clear_decisions_(on, "DELETE FROM decisions WHERE tenant = ?") {}

void book_writers::put(sync::tenant_key tenant, const directory::team& team) {
    teams_.begin().integer(tenant).integer(team.id).text(team.name).text(team.key);
    teams_.integer(team.owned).integer(team.parent).integer(team.manager).integer(team.absent);
    teams_.finish();
}

void book_writers::erase_team(sync::tenant_key tenant, std::uint32_t team) {
    run_with(erase_team_, tenant, team);
    run_with(erase_members_, tenant, team);
}

void book_writers::add(sync::tenant_key tenant, directory::team_member member) {
    members_.begin().integer(tenant).integer(member.team).integer(member.uid).finish();
}

void book_writers::remove(sync::tenant_key tenant, directory::team_member member) {
    run_with(erase_member_, tenant, member.team, member.uid);
}

void book_writers::put(sync::tenant_key tenant, const sync::invitation& invitation) {
    invitations_.begin().integer(tenant).integer(invitation.uid).text(word_of(invitation.state));
    invitations_.integer(invitation.automatic).integer(invitation.first_load);
    invitations_.integer(to_unix_ms(invitation.due)).integer(to_unix_ms(invitation.sent)).finish();
}

void book_writers::replace(sync::tenant_key tenant, const sync::hold& held) {
    run_with(clear_hold_, tenant);
    if (held.empty()) return;
    holds_.begin().integer(tenant).text(held.digest);
    holds_.integer(static_cast<std::int64_t>(held.run)).integer(to_unix_ms(held.since)).finish();
    std::int64_t position = 0;
    for (const auto& section : held.sections) {
        const auto steps = pack_steps(section.steps);
        sections_.begin().integer(tenant).integer(position++).text(word_of(section.what));
        sections_.text(section.reason).blob(steps).finish();
    }
}

void book_writers::replace(sync::tenant_key tenant, std::span<const sync::step_digest> rejected) {
    run_with(clear_rejected_, tenant);
    std::int64_t position = 0;
    for (const auto& digest : rejected) {
        rejected_.begin().integer(tenant).integer(position++).blob(digest).finish();
    }
}

void book_writers::replace(sync::tenant_key tenant, std::span<const sync::decision> decisions) {
    run_with(clear_decisions_, tenant);
    std::int64_t position = 0;
    for (const auto& one : decisions) {
        decisions_.begin().integer(tenant).integer(position++).text(word_of(one.kind));
        decisions_.text(one.external_id).text(word_of(one.what)).integer(one.uid);
        decisions_.integer(to_unix_ms(one.at)).finish();
    }
}

void book_writers::add_erased(sync::tenant_key tenant, const sync::person_mark& mark) {
    erased_.begin().integer(tenant).blob(mark).finish();
}

void book_writers::add_invited(sync::tenant_key tenant, const sync::person_mark& mark) {
    invited_.begin().integer(tenant).blob(mark).finish();
}

// As in table_readers.cpp, all columns are read even after one was found wrong.

bool read_team(row_reader& row, row_key key, directory::team& into) {
    read_key(row, key);
    into.id = static_cast<std::uint32_t>(key[1]);
    into.name = row.text();
    into.key = row.text();
    into.owned = row.integer() != 0;
    into.parent = row.integer_as<std::uint32_t>();
    into.manager = row.integer_as<std::uint32_t>();
    into.absent = row.integer_as<std::uint8_t>();
    return row.finish();
}

bool read_member(row_reader& row, row_key key, directory::team_member& into) {
    read_key(row, key);
    into.team = static_cast<std::uint32_t>(key[1]);
    into.uid = row.integer_as<std::uint32_t>();
    return row.finish();
}

bool read_invitation(row_reader& row, std::int64_t& tenant, std::int64_t& uid,
                     sync::invitation& into) {
    tenant = row.integer();
    uid = row.integer();
    into.uid = static_cast<std::uint32_t>(uid);
    const bool known = read_word(row.text(), into.state);
    into.automatic = row.integer() != 0;
    into.first_load = row.integer() != 0;
    into.due = from_unix_ms(row.integer());
    into.sent = from_unix_ms(row.integer());
    return row.finish() && known;
}

bool read_hold(row_reader& row, row_key key, sync::hold& into) {
    key[0] = row.integer();
    into.digest = row.text();
    into.run = row.integer_as<std::uint64_t>();
    into.since = from_unix_ms(row.integer());
    return row.finish();
}

bool read_section(row_reader& row, row_key key, sync::held_section& into) {
    read_key(row, key);
    bool known = read_word(row.text(), into.what);
    into.reason = row.text();
    known &= unpack_steps(row.blob(), into.steps);
    return row.finish() && known;
}

bool read_rejected(row_reader& row, row_key key, sync::step_digest& into) {
    read_key(row, key);
    const bool whole = read_bytes(row.blob(), into);
    return row.finish() && whole;
}

bool read_decision(row_reader& row, row_key key, sync::decision& into) {
    read_key(row, key);
    bool known = read_word(row.text(), into.kind);
    into.external_id = row.text();
    known &= read_word(row.text(), into.what);
    into.uid = row.integer_as<std::uint32_t>();
    into.at = from_unix_ms(row.integer());
    return row.finish() && known;
}

bool read_mark(row_reader& row, row_key key, sync::person_mark& into) {
    key[0] = row.integer();
    const bool whole = read_bytes(row.blob(), into);
    return row.finish() && whole;
}

} // namespace rollcall::storage
