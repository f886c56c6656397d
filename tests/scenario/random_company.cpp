#include "random_company.hpp"

#include <utility>

namespace rollcall::test {

using sync::source_field;

namespace {

std::string text_of(date d, std::int32_t days_later) {
    return to_string(date{d.days + days_later});
}

} // namespace

date day_of(const employee& row, source_field which) {
    const auto read = parse_date(row.get(which));
    return read ? *read : date{};
}

bool says_left(const employee& row, date today) {
    const auto& status = row.get(source_field::status);
    if (status == "3" || status == "4") return true;
    const auto leaving = day_of(row, source_field::leaving_date);
    if (!leaving.is_set() || leaving >= today) return false;
    const auto start = day_of(row, source_field::start_date);
    return !(start.is_set() && start > leaving);
}

random_company::random_company(std::uint64_t seed, std::size_t people, date today) : random_(seed) {
    for (std::size_t i = 0; i < people; ++i) hire({today.days - 400});
}

std::string random_company::fresh_email() {
    return "p" + std::to_string(next_name_++) + "@example.com";
}

std::string random_company::department() {
    return departments_[random_.below(departments_.size())];
}

void random_company::hire(date today) {
    employee who;
    const auto number = std::to_string(next_id_++);
    who.set(source_field::employee_id, "E" + number)
        .set(source_field::first_name, "First" + number)
        .set(source_field::last_name, "Last" + std::to_string(random_.below(20)))
        .set(source_field::email, fresh_email())
        .set(source_field::department, department())
        .set(source_field::status, "1")
        .set(source_field::company, random_.chance(0.9) ? "Acme" : "Other");
    if (random_.chance(0.9)) {
        who.set(source_field::start_date,
                text_of(today, static_cast<std::int32_t>(random_.between(-20, 20))));
    }
    if (random_.chance(0.7))
        who.set(source_field::job_role, "Job" + std::to_string(random_.below(5)));
    if (!listed_.empty() && random_.chance(0.7)) {
        who.set(source_field::reports_to_id, anybody().get(source_field::employee_id));
    }
    listed_.push_back(std::move(who));
}

void random_company::leave(employee& who, date today) {
    const auto days = static_cast<std::int32_t>(random_.between(-3, 10));
    if (random_.chance(0.8)) who.set(source_field::leaving_date, text_of(today, days));
    if (days < 0 || random_.chance(0.2)) who.set(source_field::status, "3");
    if (random_.chance(0.3)) who.set(source_field::email, "");
}

void random_company::come_back(employee& who, date today) {
    who.set(source_field::status, "1")
        .set(source_field::leaving_date, "")
        .set(source_field::start_date, text_of(today, static_cast<std::int32_t>(random_.below(5))));
    if (who.get(source_field::email).empty()) who.set(source_field::email, fresh_email());
}

void random_company::come_back_as_new(const employee& who, date today) {
    auto again = who;
    come_back(again, today);
    again.set(source_field::employee_id, "E" + std::to_string(next_id_++));
    listed_.push_back(std::move(again));
}

void random_company::exchange_emails() {
    auto& a = anybody();
    auto& b = anybody();
    std::swap(a.fields[static_cast<std::size_t>(source_field::email)],
              b.fields[static_cast<std::size_t>(source_field::email)]);
}

void random_company::rename_department() {
    auto& name = departments_[random_.below(departments_.size())];
    const auto old = std::exchange(name, "Dept" + std::to_string(random_.below(30)));
    for (auto& each : listed_) {
        if (each.get(source_field::department) == old) each.set(source_field::department, name);
    }
}

void random_company::vanish() {
    if (listed_.size() < 3) return;
    const auto at = any();
    vanished_.push_back(std::move(listed_[at]));
    listed_.erase(listed_.begin() + static_cast<std::ptrdiff_t>(at));
}

void random_company::reappear() {
    if (vanished_.empty()) return;
    listed_.push_back(std::move(vanished_.back()));
    vanished_.pop_back();
}

void random_company::some_value_changes() {
    auto& who = anybody();
    switch (random_.below(6)) {
        case 0: who.set(source_field::job_role, "Job" + std::to_string(random_.below(5))); break;
        case 1: who.set(source_field::location, random_.chance(0.3) ? "" : "Leeds"); break;
        case 2: who.set(source_field::last_name, "Last" + std::to_string(random_.below(20))); break;
        case 3: who.set(source_field::department, department()); break;
        case 4: who.set(source_field::email, fresh_email()); break;
        default: who.set(source_field::known_as, "Known" + std::to_string(random_.below(4)));
    }
}

void random_company::something_happens(date today) {
    auto& who = anybody();
    const bool gone = says_left(who, today);
    switch (random_.below(18)) {
        case 0:
        case 1: return hire(today);
        case 2: return gone ? come_back(who, today) : leave(who, today);
        case 3:
            if (gone) come_back_as_new(who, today);
            return;
        case 4: { // somebody whose date was wrong
            if (!day_of(who, source_field::leaving_date).is_set()) return;
            who.set(source_field::leaving_date, random_.chance(0.5) ? "" : text_of(today, 9));
            if (random_.chance(0.8)) who.set(source_field::status, "1");
            return;
        }
        case 5: return exchange_emails();
        case 6:
            if (random_.chance(0.1)) rename_department();
            return;
        case 7:
            if (random_.chance(0.3)) vanish();
            return;
        case 8: return reappear();
        case 9: // PeopleHR numbers somebody anew
            if (random_.chance(0.3)) {
                who.set(source_field::employee_id, "E" + std::to_string(next_id_++));
            }
            return;
        case 10: { // a manager, perhaps oneself, a circle, or nobody
            auto boss = anybody().get(source_field::employee_id);
            who.set(source_field::reports_to_id, random_.chance(0.1) ? "E999999" : std::move(boss));
            return;
        }
        case 11: who.set(source_field::reports_to_id, ""); return;
        case 12: // a slip of HR
            who.set(random_.chance(0.5) ? source_field::email : source_field::last_name,
                    random_.chance(0.3)   ? ""
                    : random_.chance(0.5) ? fresh_email()
                                          : "Slip");
            return;
        case 13: who.set(source_field::email, anybody().get(source_field::email)); return;
        case 14:
            who.set(source_field::start_date,
                    text_of(today, static_cast<std::int32_t>(random_.between(-3, 10))));
            return;
        case 15:
            if (random_.chance(0.2)) who.set(source_field::company, "Other");
            return;
        default: return some_value_changes();
    }
}

} // namespace rollcall::test
