// The user as it was: what the audit recorded, taken back change by change.
#include <charconv>

#include "rollcall/sync/answers.hpp"

namespace rollcall::sync {

using directory::owner;
using directory::user_data;
using directory::user_state;

namespace {

// The texts come from a database. One that is no number leaves the value as it is.
template <class Int>
void read_number(std::string_view text, Int& into) {
    if (text.empty()) {
        into = 0;
        return;
    }
    Int value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) into = value;
}

void read_date(std::string_view text, date& into) {
    if (const auto day = parse_date(text); day) into = *day;
}

void put_back(user_data& user, const change& made) {
    auto& meta = user.meta;
    const std::string_view value = made.old_value;
    const auto own_field = [&](attribute field) {
        meta.ownership[static_cast<std::size_t>(field)] = made.old_owner;
    };
    switch (made.what) {
        case attribute::start_date: read_date(value, user.start_date); return own_field(made.what);
        case attribute::leaving_date:
            read_date(value, user.leaving_date);
            return own_field(made.what);
        case attribute::manager:
            read_number(value, meta.manager);
            return own_field(attribute::manager_id);
        case attribute::state:
            meta.state = value == "inactive" ? user_state::inactive : user_state::active;
            meta.deactivated_by_us =
                meta.state == user_state::inactive && made.old_owner == owner::ours;
            return;
        case attribute::managed: meta.managed = value != "no"; return;
        case attribute::missing: return read_number(value, meta.missing);
        case attribute::role:
            meta.role =
                value == "owner" ? directory::user_role::owner : directory::user_role::member;
            return;
        default: break;
    }
    const auto i = static_cast<std::size_t>(made.what);
    if (i >= directory::text_field_count) return; // of a team or an invitation
    user.text[i] = value;
    own_field(made.what);
}

} // namespace

user_data before_changes(user_data now, std::span<const audit_entry> later) {
    for (const auto& entry : later) {
        if (!entry.readable || subject_of(entry.step.kind) != subject_kind::user ||
            entry.step.subject != now.meta.uid) {
            continue;
        }
        const auto& changes = entry.step.changes;
        for (auto each = changes.rbegin(); each != changes.rend(); ++each) put_back(now, *each);
        if (entry.step.kind == step_kind::create) now.meta.created_by_us = false;
    }
    // A fingerprint is of what was last applied, which this is not.
    now.meta.fingerprint = 0;
    return now;
}

} // namespace rollcall::sync
