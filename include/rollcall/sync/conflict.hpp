// What only a person can decide (LA-10, LA-12, LA-16, S9 of the identity rules), and what was
// decided. A conflict is an issue of a kind that has decisions; it is named by its kind and the
// PeopleHR id of its record.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/time.hpp"
#include "rollcall/sync/run.hpp"

namespace rollcall::sync {

enum class ruling_of_conflict : std::uint8_t {
    link,       // the record is the user who has its e-mail: that user gets the new id (LA-11)
    new_person, // the id was given to somebody else: the old user keeps its history without it
    same,       // it is the same person after all: apply the record
    reactivate, // HR wins for this person (LA-16)
    ignore,     // leave the record out and do not report it
};
[[nodiscard]] std::string_view name_of(ruling_of_conflict v) noexcept;
[[nodiscard]] std::optional<ruling_of_conflict> read_ruling(std::string_view name) noexcept;

// The decisions that a kind of issue can be resolved by; empty: it is no conflict, and only the
// source can mend it.
[[nodiscard]] std::span<const ruling_of_conflict> rulings_for(issue_kind kind) noexcept;

// Holds until the record or its user no longer is what was decided about: the user who had the
// e-mail then, by uid, for `link`, `same`, `new_person` and `reactivate`.
struct decision {
    issue_kind kind = issue_kind::email_taken;
    std::string external_id;
    ruling_of_conflict what = ruling_of_conflict::ignore;
    std::uint32_t uid = 0; // 0: of no user
    wall_time at{};

    friend bool operator==(const decision&, const decision&) = default;
};

class decisions {
  public:
    [[nodiscard]] const decision* find(issue_kind kind,
                                       std::string_view external_id) const noexcept;
    void put(decision value);
    bool erase(issue_kind kind, std::string_view external_id);
    [[nodiscard]] const std::vector<decision>& all() const noexcept { return all_; } // by id
    void set(std::vector<decision> all);

  private:
    std::vector<decision> all_;
};

} // namespace rollcall::sync
