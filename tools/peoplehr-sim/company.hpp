// The people of one simulated company. A person is a record of 40 bytes: what the seed decides is
// computed when a row is written, and only what was typed in (by an operator or a file) is stored
// as text. Thousands of companies fit in a few hundred megabytes that way.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/error.hpp"

namespace rollcall::sim {

// The directory part of one employee, each value exactly as the wire carries it; unset is "".
struct employee {
    std::string employee_id{};
    std::string first_name{};
    std::string last_name{};
    std::string known_as{};
    std::string other_name{};
    std::string email{};
    std::string job_role{};
    std::string company{};
    std::string location{};
    std::string department{};
    std::string reports_to_id{};
    std::string reports_to{};
    std::string reports_to_email{};
    std::string status{};       // "1" employed, "2" leaves later, "3" has left
    std::string start_date{};   // yyyy-MM-dd
    std::string leaving_date{}; // yyyy-MM-dd
    std::string image{};
    std::string unique_key{};
    // Free slots that a tenant may map onto attributes (G-14). Where analysis_code_1 and
    // api_column_1 are unset, the wire carries a canary in their place, which is nobody's value.
    std::string analysis_code_1{};
    std::string analysis_code_2{};
    std::string api_column_1{};
    std::string api_column_2{};
    std::string api_column_3{};
    std::string api_column_4{};
    std::string api_column_5{};

    friend bool operator==(const employee&, const employee&) = default;
};

struct employee_member {
    std::string_view name; // as in truth, in files and in the admin verbs
    std::string employee::* text;
};
[[nodiscard]] std::span<const employee_member> employee_members() noexcept;
// The free slots among them.
[[nodiscard]] std::span<const employee_member> extra_members() noexcept;

// The values of a dropdown: free text, made on first use. Index 0 is the unset value.
class managed_list {
  public:
    [[nodiscard]] std::uint32_t ensure(std::string_view value);
    [[nodiscard]] const std::string& at(std::uint32_t index) const { return values_[index]; }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(values_.size()); }
    // Replaces a value for everybody at once, as renaming a dropdown entry does.
    [[nodiscard]] bool rename(std::string_view from, std::string_view to);

  private:
    std::vector<std::string> values_{""};
};

using slot = std::uint32_t; // a person's place in the company; never reused
inline constexpr slot nobody = ~slot{0};

using day_number = std::int32_t; // days since 1970-01-01
inline constexpr day_number no_day = INT32_MIN;
[[nodiscard]] inline day_number number_of(std::chrono::sys_days day) noexcept {
    return static_cast<day_number>(day.time_since_epoch().count());
}
[[nodiscard]] inline std::chrono::sys_days day_of(day_number number) noexcept {
    return std::chrono::sys_days{std::chrono::days{number}};
}

enum class email_kind : std::uint8_t { generated, blank, shared };
enum class employment : std::uint8_t { employed = 1, leaving = 2, left = 3, deleted = 4 };

struct person {
    slot manager = nobody;
    std::uint32_t own = 0; // 1-based index of typed-in texts, 0 for none
    day_number start_day = no_day;
    day_number leaving_day = no_day;
    std::uint32_t department = 0;
    std::uint32_t location = 0;
    std::uint32_t job_role = 0;
    std::uint32_t legal_entity = 0;
    std::uint8_t script = 0;
    std::uint8_t first = 0;
    std::uint8_t last = 0;
    std::uint8_t known_as = 0; // 1-based index into the script's first names, 0 for none
    std::uint8_t other = 0;    // the same
    email_kind email = email_kind::generated;
    employment status = employment::employed;
    bool clear_email_on_leaving = false;
};

// Texts that were typed in and so cannot be computed.
struct own_texts {
    std::optional<std::string> employee_id, first_name, last_name, known_as, other_name, email,
        image, unique_key;
    std::map<std::size_t, std::string> extra; // by number among extra_members()
};

enum class id_style : std::uint8_t { auto_number, padded, plain, letters };

// What people of a company are asked to be or become: (member name, value).
struct field_change {
    std::string field;
    std::string value;
};

struct company {
    std::string tenant; // "t00001"
    std::string title;  // the customer's name
    std::uint64_t seed = 0;
    std::uint32_t company_id = 0;
    id_style ids = id_style::auto_number;
    bool uses_extra = false; // fills more of the free slots than APIColumn2
    managed_list departments, locations, job_roles, legal_entities;
    std::vector<person> people;
    std::vector<own_texts> own;

    // Writes the person's texts over those of out, whose capacity is reused.
    void describe(slot who, employee& out) const;
    // True if the bulk read lists this person.
    [[nodiscard]] bool listed(slot who, bool with_leavers) const;
    [[nodiscard]] std::optional<slot> find(std::string_view employee_id) const;
    // The seed of everything of this person that is not stored.
    [[nodiscard]] std::uint64_t salt(slot who) const noexcept;

    void append_id(std::string& out, slot who) const;
    void append_display_name(std::string& out, slot who) const;
    void append_email(std::string& out, slot who) const;
    void describe_extra(slot who, employee& out) const;

    // Changes. Each either happens or reports not_found, invalid_argument or already_exists.
    result<slot> hire(const employee& starter, std::chrono::sys_days today);
    // The same for a caller who sees to it that no id occurs twice.
    result<slot> admit(const employee& starter, std::chrono::sys_days today);
    result<void> change(slot who, std::span<const field_change> changes);
    result<void> set(slot who, std::string_view field, std::string_view value);
    result<void> change_id(slot who, std::string_view new_id);
    void swap_emails(slot a, slot b);
    // Marks as leaver with this last day; immediately does not wait for the day to end.
    void leave(slot who, std::chrono::sys_days last_day, std::chrono::sys_days today,
               bool immediately, bool clear_email);
    void rehire(slot who, std::chrono::sys_days start);
    void remove(slot who);
    // Numbers on when somebody else was given the id that the numbering has for this person.
    void ensure_own_id(slot who);
    // Turns those whose last day has ended into people who have left.
    void settle(std::chrono::sys_days today);

    // The typed-in texts of a person, made when missing.
    own_texts& texts_of(slot who);

  private:
    [[nodiscard]] const own_texts* texts_if_any(const person& someone) const {
        return someone.own == 0 ? nullptr : &own[someone.own - 1];
    }
};

} // namespace rollcall::sim
