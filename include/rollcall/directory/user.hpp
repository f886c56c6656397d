// A user of the directory as values, apart from how the directory stores it.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "rollcall/core/date.hpp"

namespace rollcall::directory {

// The synced fields of both profiles. The order is the order of storage; add at the end only.
enum class field : std::uint8_t {
    external_id, // the PeopleHR id that links the user (LA-9)
    email,       // as the source writes it; compared folded (G-13)
    first_name,  // after the known-as rule
    last_name,
    job_title, // Job Role; WeThrive calls it team
    location,
    department,   // Learn Amp's primary team, WeThrive's attribute
    company,      // scope only: which legal entity the person belongs to
    manager_id,   // PeopleHR id of Reports To: who is wanted as manager; user_meta has who is
    manager_name, // Reports To as a name, only where it has no id (LA-39)
    avatar,       // content hash of Employee Image
    attributes,   // extra fields (G-14): a JSON object of texts with sorted names; blank: none
    start_date,   // hire_date
    leaving_date, // leave_date
};
inline constexpr std::size_t text_field_count = 12;
inline constexpr std::size_t field_count = 14;

[[nodiscard]] std::string_view name_of(field which) noexcept; // "job_title"

// Who set a field last (LA-19): what HR blanks is cleared only where it is ours.
enum class owner : std::uint8_t { never_set = 0, ours = 1, manual = 2 };

enum class user_state : std::uint8_t { active = 0, inactive = 1 };

// The product's role as far as the rules need it: an Owner is never deactivated as the last one
// (LA-45), and is made manager of new teams (LA-32). Set by hand only.
enum class user_role : std::uint8_t { member = 0, owner = 1 };

// The values of a user, borrowed: the views live as long as what they point into.
struct user_values {
    std::array<std::string_view, text_field_count> text{};
    date start_date{};
    date leaving_date{};

    [[nodiscard]] std::string_view get(field which) const noexcept {
        return text[static_cast<std::size_t>(which)];
    }
    void set(field which, std::string_view value) noexcept {
        text[static_cast<std::size_t>(which)] = value;
    }
};

// What we know of a user besides its values.
struct user_meta {
    std::uint32_t uid = 0;         // ours, per tenant, from 1, never used again
    std::uint64_t fingerprint = 0; // of the source record last applied; 0: plan it anew
    user_state state = user_state::active;
    bool created_by_us = false;     // false: an existing user that was matched (LA-25)
    bool deactivated_by_us = false; // LA-16: only then may the sync reactivate
    bool managed = true;            // false: out of the company scope (LA-7)
    std::uint8_t missing = 0; // complete snapshots without this person, up to the setting (G-3)
    user_role role = user_role::member;
    // The override manager (LA-36): uid of a user of this tenant, 0 for none. Whose it is says the
    // ownership of manager_id.
    std::uint32_t manager = 0;
    std::array<owner, field_count> ownership{};

    friend bool operator==(const user_meta&, const user_meta&) = default;
};

// The same with texts of its own, for what crosses a suspension or a thread.
struct user_data {
    user_meta meta;
    std::array<std::string, text_field_count> text{};
    date start_date{};
    date leaving_date{};

    [[nodiscard]] user_values values() const noexcept;
    [[nodiscard]] const std::string& get(field which) const noexcept {
        return text[static_cast<std::size_t>(which)];
    }
    friend bool operator==(const user_data&, const user_data&) = default;
};

[[nodiscard]] user_data own(const user_values& values, const user_meta& meta);

} // namespace rollcall::directory
