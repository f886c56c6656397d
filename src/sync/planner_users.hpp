// The planner's first pass: what the rows of a snapshot, the absence of others and the calendar
// make of the users themselves. Teams, managers and invitations follow from it in passes of their
// own (draft.hpp).
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "draft.hpp"
#include "identity.hpp"
#include "planner_departures.hpp"

namespace rollcall::sync {

// Whether the leaving date has ended on the tenant's calendar and is that of the present employment
// (LA-43, T-1).
[[nodiscard]] bool leaving_has_ended(const directory::user_brief& user, date today) noexcept;
// Whether the leaving date is the source's last word, on which time alone may act: it is ours, and
// the record that it stands in is the one that was applied last.
[[nodiscard]] bool acts_by_calendar(const directory::user_meta& user) noexcept;

class users_pass {
  public:
    explicit users_pass(draft& d) : draft_(d), departures_(d) {}

    // Who is who. Of the work that is not cut into slices this is the largest part.
    void begin();
    // About `people` people's worth of work; true once it is done.
    [[nodiscard]] bool advance(std::size_t people);

  private:
    void plan_row(std::uint32_t row);
    void plan_skipped(const changed_row& row);
    void plan_create(const changed_row& row, const identity& who);
    void plan_known(const changed_row& row, const identity& who);
    void set_fields(draft::person& who, const changed_row& row, bool keep_email, bool fresh);
    void set_manager_wish(draft::person& who, const changed_row& row, bool fresh);
    [[nodiscard]] bool set_state(draft::person& who, const changed_row& row);
    void give_up_id(directory::user_ref which, std::string_view rule);
    void unlink_left_behind();
    [[nodiscard]] bool worth_a_look(const directory::user_brief& user) const;
    void look_at(directory::user_ref which);
    void look_at_absence(directory::user_ref which);
    [[nodiscard]] bool learnamp() const noexcept {
        return draft_.settings.profile == profile::learnamp;
    }

    draft& draft_;
    departures departures_;
    std::vector<std::uint32_t> order_; // of the rows, by PeopleHR id
    std::vector<identity> identities_;
    std::size_t next_row_ = 0;
    bool rows_done_ = false;
    directory::user_ref walked_ = directory::user_ref::none;
    bool walk_done_ = false;
    std::vector<directory::user_ref> looked_for_; // of the walk, by PeopleHR id
    std::size_t next_look_ = 0;
};

} // namespace rollcall::sync
