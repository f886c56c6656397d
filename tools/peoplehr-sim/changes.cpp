// What may happen to the people of a company while the world goes on.
#include <algorithm>

#include "company.hpp"
#include "texts.hpp"

namespace rollcall::sim {
namespace {

constexpr std::size_t employee_id_bytes_max = 15;

struct typed_field {
    std::string_view name;
    std::optional<std::string> own_texts::* text;
};
constexpr std::array<typed_field, 6> typed_fields{{
    {"first_name", &own_texts::first_name},
    {"last_name", &own_texts::last_name},
    {"known_as", &own_texts::known_as},
    {"other_name", &own_texts::other_name},
    {"image", &own_texts::image},
    {"unique_key", &own_texts::unique_key},
}};

result<day_number> parse_day(std::string_view text) {
    if (text.empty()) return no_day;
    const auto day = parse_date(text);
    if (!day) return errc::invalid_argument;
    return number_of(*day);
}

result<employment> parse_status(std::string_view text) {
    if (text.empty() || text == "1") return employment::employed;
    if (text == "2") return employment::leaving;
    if (text == "3") return employment::left;
    return errc::invalid_argument;
}

bool is_extra(std::string_view field) {
    return std::ranges::find(extra_members(), field, &employee_member::name) !=
           extra_members().end();
}

} // namespace

own_texts& company::texts_of(slot who) {
    person& someone = people[who];
    if (someone.own == 0) {
        own.emplace_back();
        someone.own = static_cast<std::uint32_t>(own.size());
    }
    return own[someone.own - 1];
}

result<void> company::set(slot who, std::string_view field, std::string_view value) {
    person& someone = people[who];
    for (const typed_field& typed : typed_fields) {
        if (typed.name != field) continue;
        texts_of(who).*typed.text = std::string{value};
        return {};
    }
    if (is_extra(field)) {
        const auto found = std::ranges::find(extra_members(), field, &employee_member::name);
        const auto place = static_cast<std::size_t>(found - extra_members().begin());
        texts_of(who).extra[place] = std::string{value};
    } else if (field == "email") {
        someone.email = value.empty() ? email_kind::blank : email_kind::generated;
        texts_of(who).email = std::string{value};
    } else if (field == "job_role") {
        someone.job_role = job_roles.ensure(value);
    } else if (field == "company") {
        someone.legal_entity = legal_entities.ensure(value);
    } else if (field == "location") {
        someone.location = locations.ensure(value);
    } else if (field == "department") {
        someone.department = departments.ensure(value);
    } else if (field == "start_date" || field == "leaving_date") {
        const auto day = parse_day(value);
        if (!day) return day.error();
        (field == "start_date" ? someone.start_day : someone.leaving_day) = *day;
    } else if (field == "status") {
        const auto status = parse_status(value);
        if (!status) return status.error();
        someone.status = *status;
    } else if (field == "reports_to_id") {
        const auto manager = value.empty() ? std::optional{nobody} : find(value);
        if (!manager) return errc::not_found;
        someone.manager = *manager;
    } else if (field == "employee_id") {
        return change_id(who, value);
    } else {
        return errc::invalid_argument;
    }
    return {};
}

result<void> company::change(slot who, std::span<const field_change> changes) {
    // All or nothing: the record is put back when a later field is refused.
    const person before = people[who];
    const own_texts texts_before = before.own == 0 ? own_texts{} : own[before.own - 1];
    for (const auto& [field, value] : changes) {
        const auto done = set(who, field, value);
        if (done) continue;
        const std::uint32_t own_index = people[who].own;
        people[who] = before;
        people[who].own = own_index;
        if (own_index != 0) own[own_index - 1] = texts_before;
        return done.error();
    }
    return {};
}

result<slot> company::admit(const employee& starter, std::chrono::sys_days today) {
    const auto who = static_cast<slot>(people.size());
    people.emplace_back();
    people[who].start_day = number_of(today);
    people[who].email = email_kind::blank;
    const auto fill = [&]() -> result<void> {
        for (const auto& [name, text] : employee_members()) {
            // The manager's other texts follow from the manager; the id is never blank.
            if (name == "reports_to" || name == "reports_to_email") continue;
            const std::string& value = starter.*text;
            const bool computed = name == "employee_id" || name == "unique_key" ||
                                  name == "start_date" || name == "status" || name == "image" ||
                                  is_extra(name);
            if (computed && value.empty()) continue;
            if (const auto done = set(who, name, value); !done) return done.error();
        }
        return {};
    };
    if (const auto done = fill(); !done) {
        if (people[who].own != 0) own.pop_back();
        people.pop_back();
        return done.error();
    }
    return who;
}

result<slot> company::hire(const employee& starter, std::chrono::sys_days today) {
    const auto who = admit(starter, today);
    if (who) ensure_own_id(*who);
    return who;
}

void company::ensure_own_id(slot who) {
    std::string id;
    std::string other_id;
    append_id(id, who);
    const auto taken = [&] {
        for (slot other = 0; other < people.size(); ++other) {
            // Computed ids differ by their slots; only a typed-in one can be in the way.
            if (other == who || people[other].own == 0) continue;
            if (people[other].status == employment::deleted) continue;
            other_id.clear();
            append_id(other_id, other);
            if (other_id == id) return true;
        }
        return false;
    };
    for (std::uint64_t number = people.size() + 1; taken(); ++number) {
        id = "PW";
        append_number(id, number);
        texts_of(who).employee_id = id;
    }
}

result<void> company::change_id(slot who, std::string_view new_id) {
    if (new_id.empty() || new_id.size() > employee_id_bytes_max) return errc::invalid_argument;
    const auto holder = find(new_id);
    if (holder && *holder != who) return errc::already_exists;
    texts_of(who).employee_id = std::string{new_id};
    return {};
}

void company::swap_emails(slot a, slot b) {
    std::string email_a;
    std::string email_b;
    append_email(email_a, a);
    append_email(email_b, b);
    (void)set(a, "email", email_b);
    (void)set(b, "email", email_a);
}

void company::leave(slot who, std::chrono::sys_days last_day, std::chrono::sys_days today,
                    bool immediately, bool clear_email) {
    person& someone = people[who];
    someone.leaving_day = number_of(last_day);
    someone.status = employment::leaving;
    someone.clear_email_on_leaving = clear_email;
    if (!immediately && last_day >= today) return;
    someone.status = employment::left;
    if (clear_email) someone.email = email_kind::blank;
}

void company::rehire(slot who, std::chrono::sys_days start) {
    person& someone = people[who];
    someone.status = employment::employed;
    someone.start_day = number_of(start);
    someone.leaving_day = no_day;
    someone.clear_email_on_leaving = false;
    if (someone.email != email_kind::blank) return;
    someone.email = email_kind::generated;
    const own_texts* texts = texts_if_any(someone);
    if (texts != nullptr && texts->email && texts->email->empty()) texts_of(who).email.reset();
}

void company::remove(slot who) {
    people[who].status = employment::deleted;
    if (people[who].own != 0) own[people[who].own - 1] = {};
}

void company::settle(std::chrono::sys_days today) {
    for (person& someone : people) {
        if (someone.status != employment::leaving || someone.leaving_day == no_day) continue;
        if (someone.leaving_day >= number_of(today)) continue;
        someone.status = employment::left;
        if (someone.clear_email_on_leaving) someone.email = email_kind::blank;
    }
}

} // namespace rollcall::sim
