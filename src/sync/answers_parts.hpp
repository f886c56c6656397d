// What the parts of an explanation share: the person in question, looked up once.
#pragma once
#include <absl/time/time.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/answers.hpp"
#include "rollcall/sync/mapping.hpp"

namespace rollcall::sync {

// One field as the two sides call it, and the rules that say where its value comes from.
struct field_words {
    directory::field field;
    source_field source;
    std::string_view label; // PeopleHR's
    std::string_view learnamp_rule;
    std::string_view wethrive_rule; // empty: that product has no such field
};
[[nodiscard]] std::span<const field_words> field_table() noexcept;
[[nodiscard]] const field_words& words_of(directory::field which) noexcept;
// "Job Role" of "job_title"; the name itself where PeopleHR has no word for it.
[[nodiscard]] std::string_view label_of(std::string_view field_name) noexcept;

// A recorded change with the entry that it is part of.
struct recorded_change {
    const audit_entry* entry = nullptr;
    const change* what = nullptr;
};
struct held_change {
    const held_section* section = nullptr;
    const step* in = nullptr;
    const change* what = nullptr; // null where the whole step was asked for
};

// What a sync would do for the person now, and whether somebody rejected just that.
struct planned_step {
    step what;
    bool rejected = false;
};

class inquiry {
  public:
    explicit inquiry(const explain_input& about);

    const explain_input& in;
    const books& of;
    const tenant_settings& settings;
    const absl::TimeZone zone;
    const date today;
    const bool past;                       // the question is about another time than now
    bool known = false;                    // there is such a user, at the asked time
    directory::user_data user;             // then; blank where not known
    std::span<const audit_entry> history;  // up to the asked time
    const mapped_person* source = nullptr; // the row as the settings map it; null in the past
    std::string id;                        // PeopleHR id; empty: there is none
    std::string person;                    // what a verb of the command line may call them

    // By the planner itself, from the person's row and the books as they are; empty without a row.
    std::vector<planned_step> planned;

    [[nodiscard]] bool learnamp() const noexcept { return settings.profile == profile::learnamp; }
    // The source's own text of a field, trimmed; empty without a row.
    [[nodiscard]] std::string raw(source_field which) const;
    [[nodiscard]] recorded_change last_change(attribute what) const noexcept;
    [[nodiscard]] held_change held(attribute what) const noexcept;
    [[nodiscard]] bool is_held(step_kind kind) const noexcept;
    struct planned_change {
        const change* what = nullptr;
        bool rejected = false;
    };
    [[nodiscard]] planned_change planned_for(attribute what) const noexcept;
    [[nodiscard]] bool concerns(const step& which) const noexcept;
    // The first issue of this person about the field, or one that keeps back the whole record; or
    // null.
    [[nodiscard]] const issue* issue_about(std::string_view field_name) const noexcept;
    [[nodiscard]] const directory::team* primary_team() const;

    [[nodiscard]] std::string day_text(date day) const; // "2026-11-21", "no date"
    [[nodiscard]] std::string instant_text(wall_time t) const;
    [[nodiscard]] std::string user_words(std::uint32_t uid) const;          // "PW7 (Ada King)"
    [[nodiscard]] std::string id_words(std::string_view external_id) const; // likewise

  private:
    void look_back();
    void plan_ahead();

    mapper mapper_;
};

[[nodiscard]] std::string quoted(std::string_view text);
[[nodiscard]] std::string full_name(const directory::user_values& of);
// The rule in words; "by hand" and "by an undo" for what no rule decided.
[[nodiscard]] std::string rule_words(std::string_view rule);
// "3 of 5", of the licences.
[[nodiscard]] std::string seats_words(const inquiry& q);

// Not a user, and a person who was erased by request.
[[nodiscard]] bool was_erased(const inquiry& q);

// An issue as a sentence with the values that were looked at, and what a person can do.
[[nodiscard]] not_done explain_issue(const inquiry& q, const issue& what);

[[nodiscard]] std::vector<explained_value> explain_values(const inquiry& q);
[[nodiscard]] std::vector<not_done> explain_stopped(const inquiry& q);

} // namespace rollcall::sync
