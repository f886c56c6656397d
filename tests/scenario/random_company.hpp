// A small company in PeopleHR to which things happen, drawn from one seed: hires, leavers, returns,
// new ids, exchanged e-mails, renamed departments, people who vanish, values that go blank.
#pragma once
#include <string>
#include <vector>

#include "employee.hpp"
#include "rollcall/core/date.hpp"
#include "rollcall/core/random.hpp"

namespace rollcall::test {

class random_company {
  public:
    random_company(std::uint64_t seed, std::size_t people, date today);

    // What PeopleHR lists, leavers included.
    [[nodiscard]] const std::vector<employee>& listed() const noexcept { return listed_; }

    // One or a few of all the things that can happen, as of this day.
    void something_happens(date today);
    // Of these only what concerns values: no comings and goings, no new ids or addresses.
    void some_value_changes();

    [[nodiscard]] random_source& random() noexcept { return random_; }

  private:
    [[nodiscard]] std::size_t any() { return random_.below(listed_.size()); }
    [[nodiscard]] employee& anybody() { return listed_[any()]; }
    [[nodiscard]] std::string fresh_email();
    [[nodiscard]] std::string department();
    void hire(date today);
    void leave(employee& who, date today);
    void come_back(employee& who, date today);
    void come_back_as_new(const employee& who, date today);
    void exchange_emails();
    void rename_department();
    void vanish();
    void reappear();

    random_source random_;
    std::vector<employee> listed_;
    std::vector<employee> vanished_;
    std::vector<std::string> departments_{"Sales", "Works", "Stores", "Office"};
    std::size_t next_id_ = 1;
    std::size_t next_name_ = 1;
};

// Independent of the program: whether the row says that its person has left by that day.
[[nodiscard]] bool says_left(const employee& row, date today);

[[nodiscard]] date day_of(const employee& row, sync::source_field which);

} // namespace rollcall::test
