#include "rollcall/core/date.hpp"

#include <absl/time/civil_time.h>
#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "rollcall/core/text.hpp"

namespace rollcall {
namespace {

// The digits of `text` as a number; nothing unless all are digits.
std::optional<unsigned> number(std::string_view text) noexcept {
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

bool is_time_of_day(std::string_view text) noexcept {
    if (text.empty()) return true;
    if (text.size() < 2 || (text[0] != 'T' && text[0] != ' ')) return false;
    return text.find_first_not_of("0123456789:.,+-ZAPM ", 1) == std::string_view::npos;
}

constexpr std::int32_t days_of(int year, unsigned month, unsigned day) noexcept {
    using namespace std::chrono;
    const year_month_day civil{std::chrono::year{year}, std::chrono::month{month},
                               std::chrono::day{day}};
    return static_cast<std::int32_t>(sys_days{civil}.time_since_epoch().count());
}

} // namespace

result<date> date_from_civil(int year, unsigned month, unsigned day) noexcept {
    const std::chrono::year_month_day civil{std::chrono::year{year}, std::chrono::month{month},
                                            std::chrono::day{day}};
    if (year < 1 || year > 9999 || !civil.ok()) return errc::invalid_argument;
    return date{days_of(year, month, day)};
}

result<date> parse_date(std::string_view text) noexcept {
    text = trim(text);
    if (text.empty()) return date{};
    if (text.size() < 10) return errc::invalid_argument;
    const char separator = text[4];
    if ((separator != '-' && separator != '/') || text[7] != separator) {
        return errc::invalid_argument;
    }
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(5, 2));
    const auto day = number(text.substr(8, 2));
    if (!year || !month || !day || !is_time_of_day(text.substr(10))) return errc::invalid_argument;
    const auto parsed = date_from_civil(static_cast<int>(*year), *month, *day);
    if (!parsed) return parsed;
    const bool stands_for_none =
        *parsed == date{days_of(1, 1, 1)} || *parsed == date{days_of(1900, 1, 1)};
    return stands_for_none ? date{} : *parsed;
}

std::string to_string(date d) {
    if (!d.is_set()) return {};
    const std::chrono::year_month_day civil{std::chrono::sys_days{std::chrono::days{d.days}}};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(civil.year()),
                       static_cast<unsigned>(civil.month()), static_cast<unsigned>(civil.day()));
}

date local_date(wall_time t, const absl::TimeZone& zone) {
    const absl::CivilDay day = absl::ToCivilDay(absl::FromChrono(t), zone);
    return date{static_cast<std::int32_t>(day - absl::CivilDay{1970, 1, 1})};
}

} // namespace rollcall
