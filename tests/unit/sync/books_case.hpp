// Books of a tenant for the tests, and steps as a planner would write them.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/hold.hpp"
#include "unit/directory/sample.hpp"

namespace rollcall::sync {

using directory::field;
using directory::owner;
using directory::user_data;
using directory::user_state;

inline const wall_time noon = from_unix_ms(1'750'000'000'000);

inline change made(attribute what, std::string_view from, std::string_view to,
                   std::string_view rule = "LA-9", owner whose = owner::ours,
                   owner before = owner::ours) {
    return {what, before, whose, std::string(from), std::string(to), std::string(rule)};
}

inline step of(step_kind kind, std::uint32_t subject, std::initializer_list<change> changes) {
    return {kind, subject, "PW" + std::to_string(subject), changes};
}

// Somebody of whom nothing is special: uid N, id PWN, pN@example.com, of department "Sales".
inline user_data person(std::uint32_t uid) {
    user_data user;
    user.meta.uid = uid;
    user.meta.fingerprint = 1000 + uid;
    user.meta.created_by_us = true;
    const std::string n = std::to_string(uid);
    directory::at(user, field::external_id) = "PW" + n;
    directory::at(user, field::email) = "p" + n + "@example.com";
    directory::at(user, field::first_name) = "First" + n;
    directory::at(user, field::last_name) = "Last" + n;
    directory::at(user, field::job_title) = "Clerk";
    directory::at(user, field::department) = "Sales";
    for (std::size_t i = 0; i < directory::text_field_count; ++i) {
        if (!user.text[i].empty()) user.meta.ownership[i] = owner::ours;
    }
    return user;
}

inline void put(books& into, user_data user) {
    into.next_uid = std::max(into.next_uid, user.meta.uid + 1);
    into.users.put(user);
}

// `people` of them, after the first import.
inline books company(std::uint32_t people) {
    books out;
    for (std::uint32_t uid = 1; uid <= people; ++uid) put(out, person(uid));
    out.imported = out.live = true;
    return out;
}

inline user_data user_of(const books& from, std::uint32_t uid) {
    const auto which = from.users.find_by_uid(uid);
    if (which == directory::user_ref::none) return {};
    return directory::own(from.users.values(which), from.users.meta(which));
}

inline std::vector<user_data> all_users(const books& from) {
    std::vector<user_data> out;
    from.users.for_each([&](directory::user_ref each) {
        out.push_back(directory::own(from.users.values(each), from.users.meta(each)));
    });
    std::ranges::sort(out, {}, [](const user_data& u) { return u.meta.uid; });
    return out;
}

inline step deactivation(std::uint32_t uid) {
    return of(step_kind::deactivate, uid, {made(attribute::state, "active", "inactive", "LA-43")});
}
inline step new_title(std::uint32_t uid) {
    return of(step_kind::update, uid, {made(attribute::job_title, "Clerk", "Lead", "LA-3")});
}
inline step new_email(std::uint32_t uid, std::string_view from, std::string_view to) {
    return of(step_kind::change_email, uid, {made(attribute::email, from, to, "LA-13")});
}
inline step creation(std::uint32_t uid, std::string_view email = {}) {
    const std::string n = std::to_string(uid);
    const auto address = email.empty() ? "p" + n + "@example.com" : std::string(email);
    const auto blank = owner::never_set;
    return of(step_kind::create, uid,
              {made(attribute::external_id, "", "PW" + n, "LA-9", owner::ours, blank),
               made(attribute::email, "", address, "LA-9", owner::ours, blank),
               made(attribute::first_name, "", "First" + n, "LA-9", owner::ours, blank),
               made(attribute::state, "", "active", "LA-9", owner::ours, blank)});
}
inline step new_manager(std::uint32_t uid, std::string_view from, std::string_view to) {
    return of(to.empty() ? step_kind::clear_manager : step_kind::set_manager, uid,
              {made(attribute::manager, from, to, "LA-36")});
}
inline step sending(std::uint32_t uid, std::string_view at = "1750000000000") {
    return of(step_kind::send_invitation, uid,
              {made(attribute::invitation, "scheduled", "sent", "LA-23"),
               made(attribute::invitation_sent, "", at, "LA-23")});
}
inline invitation scheduled(std::uint32_t uid, wall_time due, bool first_load = false) {
    return {.uid = uid,
            .state = invitation_state::scheduled,
            .automatic = true,
            .first_load = first_load,
            .due = due};
}

// Carries them out and installs what comes of it, which must be consistent.
inline outcome_of_steps enact(books& to, std::span<const step> steps,
                              std::span<const seen_mark> seen = {}) {
    auto what = carry_out(to, steps, seen);
    EXPECT_EQ(inconsistency(to, what), "");
    install(to, what);
    EXPECT_EQ(to.users.verify().value_or(""), "");
    return what;
}

} // namespace rollcall::sync
