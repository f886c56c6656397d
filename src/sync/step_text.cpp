#include "step_text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "rollcall/core/check.hpp"
#include "rollcall/core/text.hpp"
#include "rollcall/sync/books.hpp"

namespace rollcall::sync {

using directory::owner;
using directory::user_data;
using directory::user_role;
using directory::user_state;

namespace {

std::string_view yes_no(bool v) noexcept {
    return v ? "yes" : "no";
}

std::string_view state_text(user_state v) noexcept {
    return v == user_state::active ? "active" : "inactive";
}

std::string_view role_text(user_role v) noexcept {
    return v == user_role::owner ? "owner" : "member";
}

std::string number_or_blank(std::uint32_t v) {
    return v == 0 ? std::string() : std::to_string(v);
}

bool is_text_field(attribute what) noexcept {
    return static_cast<std::size_t>(what) < directory::text_field_count;
}

std::optional<std::int64_t> read_instant(std::string_view text) noexcept {
    std::int64_t v = 0;
    if (text.empty()) return v;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
    // Beyond these a wall_time would overflow.
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 1'000'000;
    if (error != std::errc{} || end != text.data() + text.size() || v < 0 || v > most) return {};
    return v;
}

bool is_count(std::string_view text) noexcept {
    const auto v = read_number(text);
    return v && *v <= std::numeric_limits<std::uint8_t>::max();
}

std::uint8_t count_in(std::string_view text) noexcept {
    return static_cast<std::uint8_t>(read_number(text).value_or(0));
}

wall_time instant_in(std::string_view text) noexcept {
    return from_unix_ms(read_instant(text).value_or(0));
}

} // namespace

std::string instant_text(wall_time t) {
    return t == wall_time{} ? std::string() : std::to_string(to_unix_ms(t));
}

std::optional<std::uint32_t> read_number(std::string_view text) noexcept {
    std::uint32_t v = 0;
    if (text.empty()) return v;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return v;
}

bool is_by_hand(const step& what) noexcept {
    return std::ranges::any_of(
        what.changes, [](const change& c) { return c.rule == "manual" || c.rule == "undo"; });
}

holder holder_of(attribute what) noexcept {
    if (what < attribute::team_name) return holder::user;
    if (what < attribute::member) return holder::team;
    return what == attribute::member ? holder::membership : holder::invitation;
}

bool is_of_an_invitation(step_kind kind) noexcept {
    return kind == step_kind::schedule_invitation || kind == step_kind::cancel_invitation ||
           kind == step_kind::send_invitation || kind == step_kind::confirm_invitation;
}

bool is_value(attribute what, std::string_view text) noexcept {
    if (is_text_field(what)) return true;
    switch (what) {
        case attribute::start_date:
        case attribute::leaving_date: return parse_date(text).has_value();
        case attribute::state: return text == "active" || text == "inactive" || text.empty();
        case attribute::role: return text == "member" || text == "owner" || text.empty();
        case attribute::missing:
        case attribute::team_absent: return is_count(text);
        case attribute::manager:
        case attribute::team_parent:
        case attribute::team_manager:
        case attribute::member: return read_number(text).has_value();
        case attribute::managed:
        case attribute::team_owned:
        case attribute::invitation_automatic:
        case attribute::invitation_first_load: return text == "yes" || text == "no" || text.empty();
        case attribute::invitation_due:
        case attribute::invitation_sent: return read_instant(text).has_value();
        case attribute::invitation: {
            const auto state = read_invitation_state(text);
            return text.empty() || (state && *state != invitation_state::due);
        }
        default: return true; // the names and keys of teams
    }
}

bool same_value(attribute what, std::string_view a, std::string_view b) noexcept {
    if (a == b) return true;
    const auto plain = [what](std::string_view text) -> std::string_view {
        switch (what) {
            case attribute::team_owned:
            case attribute::invitation_automatic:
            case attribute::invitation_first_load: return text == "no" ? "" : text;
            case attribute::missing:
            case attribute::team_absent: return text == "0" ? "" : text;
            case attribute::invitation: return text == "not_invited" ? "" : text;
            default: return text;
        }
    };
    return plain(a) == plain(b);
}

std::string text_of(const user_data& user, attribute what) {
    if (is_text_field(what)) return user.text[static_cast<std::size_t>(what)];
    switch (what) {
        case attribute::start_date: return to_string(user.start_date);
        case attribute::leaving_date: return to_string(user.leaving_date);
        case attribute::state: return std::string(state_text(user.meta.state));
        case attribute::managed: return std::string(yes_no(user.meta.managed));
        case attribute::missing: return std::to_string(user.meta.missing);
        case attribute::role: return std::string(role_text(user.meta.role));
        case attribute::manager: return number_or_blank(user.meta.manager);
        default: return {};
    }
}

std::string text_of(const directory::team& team, attribute what) {
    switch (what) {
        case attribute::team_name: return team.name;
        case attribute::team_key: return team.key;
        case attribute::team_owned: return std::string(yes_no(team.owned));
        case attribute::team_parent: return number_or_blank(team.parent);
        case attribute::team_manager: return number_or_blank(team.manager);
        case attribute::team_absent: return std::to_string(team.absent);
        default: return {};
    }
}

std::string text_of(const invitation& of, attribute what) {
    switch (what) {
        case attribute::invitation:
            return of.uid == 0 ? std::string() : std::string(name_of(of.state));
        case attribute::invitation_due: return instant_text(of.due);
        case attribute::invitation_sent: return instant_text(of.sent);
        case attribute::invitation_automatic: return std::string(yes_no(of.automatic));
        case attribute::invitation_first_load: return std::string(yes_no(of.first_load));
        default: return {};
    }
}

bool has_value(const user_data& user, attribute what, std::string_view text) {
    if (is_text_field(what)) return user.text[static_cast<std::size_t>(what)] == text;
    return same_value(what, text_of(user, what), text);
}

owner owner_of(const user_data& user, attribute what) noexcept {
    if (what == attribute::state) {
        if (user.meta.state == user_state::active) return owner::never_set;
        return user.meta.deactivated_by_us ? owner::ours : owner::manual;
    }
    if (what == attribute::manager) what = attribute::manager_id;
    const auto i = static_cast<std::size_t>(what);
    return i < directory::field_count ? user.meta.ownership[i] : owner::never_set;
}

void write(user_data& into, attribute what, std::string_view text, owner whose) {
    auto& meta = into.meta;
    switch (what) {
        case attribute::start_date: into.start_date = *parse_date(text); break;
        case attribute::leaving_date: into.leaving_date = *parse_date(text); break;
        case attribute::state:
            meta.state = text == "inactive" ? user_state::inactive : user_state::active;
            meta.deactivated_by_us = meta.state == user_state::inactive && whose == owner::ours;
            return;
        case attribute::managed: meta.managed = text != "no"; return;
        case attribute::missing: meta.missing = count_in(text); return;
        case attribute::role:
            meta.role = text == "owner" ? user_role::owner : user_role::member;
            return;
        case attribute::manager:
            meta.manager = *read_number(text);
            what = attribute::manager_id; // whose the manager is, is kept there
            break;
        default:
            ROLLCALL_CHECK(is_text_field(what));
            into.text[static_cast<std::size_t>(what)] = text;
    }
    meta.ownership[static_cast<std::size_t>(what)] = whose;
}

void write(directory::team& into, attribute what, std::string_view text) {
    switch (what) {
        case attribute::team_name: into.name = text; return;
        case attribute::team_key: into.key = text; return;
        case attribute::team_owned: into.owned = text == "yes"; return;
        case attribute::team_parent: into.parent = *read_number(text); return;
        case attribute::team_manager: into.manager = *read_number(text); return;
        case attribute::team_absent: into.absent = count_in(text); return;
        default: ROLLCALL_CHECK(holder_of(what) == holder::team);
    }
}

void write(invitation& into, attribute what, std::string_view text) {
    switch (what) {
        case attribute::invitation:
            into.state = read_invitation_state(text).value_or(invitation_state::not_invited);
            return;
        case attribute::invitation_due: into.due = instant_in(text); return;
        case attribute::invitation_sent: into.sent = instant_in(text); return;
        case attribute::invitation_automatic: into.automatic = text == "yes"; return;
        case attribute::invitation_first_load: into.first_load = text == "yes"; return;
        default: ROLLCALL_CHECK(holder_of(what) == holder::invitation);
    }
}

std::string folded(std::string_view text) {
    std::string scratch;
    return std::string(fold(text, scratch));
}

const std::string& label_of(const user_data& user) noexcept {
    const auto& id = user.get(directory::field::external_id);
    return id.empty() ? user.get(directory::field::email) : id;
}

std::string full_name_of(const user_data& user) {
    return user.get(directory::field::first_name) + " " + user.get(directory::field::last_name);
}

} // namespace rollcall::sync
