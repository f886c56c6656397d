#include "settings_values.hpp"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "rollcall/core/text.hpp"

namespace rollcall::sync {
namespace {

constexpr std::size_t people_max = 100;
constexpr std::size_t person_bytes_max = 254; // of an e-mail (RFC 5321, 4.5.3.1)

// The part of `rest` before the next separator; `rest` becomes what is behind it.
std::string_view next_part(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const auto part = trim(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return part;
}

// ---- limits -------------------------------------------------------------------------------------

struct limit_part {
    std::string_view name;
    std::uint32_t guard_limit::* member;
    std::uint32_t largest;
};
constexpr limit_part limit_parts[] = {
    {"people", &guard_limit::people, 1'000'000},
    {"percent", &guard_limit::percent, 100},
    {"max", &guard_limit::max, 1'000'000},
    {"week_percent", &guard_limit::week_percent, 100},
};

std::string read_limit_part(std::string_view text, guard_limit& into, unsigned& given) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    unsigned bit = 1;
    for (const auto& part : limit_parts) {
        if (part.name == name && equals != std::string_view::npos) {
            const auto digits = text.substr(equals + 1);
            std::uint32_t value = 0;
            const auto [end, error] =
                std::from_chars(digits.data(), digits.data() + digits.size(), value);
            if (error != std::errc{} || end != digits.data() + digits.size() ||
                value > part.largest) {
                return fmt::format("{} takes a whole number from 0 to {}", name, part.largest);
            }
            if ((given & bit) != 0) return fmt::format("{} stands there twice", name);
            given |= bit;
            into.*part.member = value;
            return {};
        }
        bit <<= 1;
    }
    return fmt::format("'{}' is none of its parts", text);
}

// ---- extra fields -------------------------------------------------------------------------------

// The documented keys of an employee that may become an attribute: plain texts that are neither
// mapped to a field of their own nor private. Also under the name that an administrator knows.
struct source_key {
    std::string_view known_as;
    std::string_view key;
};
constexpr source_key open_keys[] = {
    {"APIColumn1", "APIColumn1"},
    {"APIColumn2", "APIColumn2"},
    {"APIColumn3", "APIColumn3"},
    {"APIColumn4", "APIColumn4"},
    {"APIColumn5", "APIColumn5"},
    {"AnalysisCode1", "AnalysisCode1LabelText"},
    {"AnalysisCode2", "AnalysisCode2LabelText"},
    {"AnalysisCode1LabelText", "AnalysisCode1LabelText"},
    {"AnalysisCode2LabelText", "AnalysisCode2LabelText"},
    {"CompanyEffectiveDate", "CompanyEffectiveDate"},
    {"DepartmentEffectiveDate", "DepartmentEffectiveDate"},
    {"EmploymentType", "EmploymentType"},
    {"EmploymentTypeEffectiveDate", "EmploymentTypeEffectiveDate"},
    {"HolidayAllowanceDays", "HolidayAllowanceDays"},
    {"HolidayAllowanceMins", "HolidayAllowanceMins"},
    {"JobRoleChangeDate", "JobRoleChangeDate"},
    {"LocationEffectiveDate", "LocationEffectiveDate"},
    {"NoticePeriod", "NoticePeriod"},
    {"OtherName", "OtherName"},
    {"ProbationEndDate", "ProbationEndDate"},
    {"ReportsToEffectiveDate", "ReportsToEffectiveDate"},
    {"ReportsToEmailAddress", "ReportsToEmailAddress"},
    {"Title", "Title"},
    {"UniqueKey", "UniqueKey"},
};

struct closed_key {
    std::string_view key;
    std::string_view why;
};
constexpr std::string_view is_mapped = "is synced to a field of its own already";
constexpr std::string_view is_no_text = "is a list, not a text";
constexpr closed_key closed_keys[] = {
    {"EmployeeId", is_mapped},
    {"EmailId", is_mapped},
    {"FirstName", is_mapped},
    {"LastName", is_mapped},
    {"KnownAs", "is the first name where the setting known_as is true"},
    {"JobRole", is_mapped},
    {"Location", is_mapped},
    {"Department", is_mapped},
    {"Company", is_mapped},
    {"ReportsTo", is_mapped},
    {"ReportsToEmployeeId", is_mapped},
    {"StartDate", is_mapped},
    {"LeavingDate", is_mapped},
    {"EmployeeImage", is_mapped},
    {"EmployeeStatus", is_mapped},
    {"AdditionalreportsTo", is_no_text},
    {"lstFieldHistoryJobrole", is_no_text},
    {"BankDetail", "holds bank details, which are never kept (G-12)"},
    {"DateOfBirth", "is a birth date, which is never kept (G-12)"},
    {"NISNumber", "is a national insurance number, which is never kept (G-12)"},
    {"OtherContact", "holds emergency contacts, which are never kept (G-12)"},
    {"RightToWork", "holds right-to-work papers, which are never kept (G-12)"},
    {"BackgroundDetail", "holds background checks, which are never kept (G-12)"},
    {"ContactDetail", "holds home addresses and private numbers, which are never kept (G-12)"},
    {"EmploymentDetail", "holds payroll numbers, which are never kept (G-12)"},
    {"Gender", "is a protected characteristic, which is never kept (G-12)"},
    {"Nationality", "is a protected characteristic, which is never kept (G-12)"},
    {"ReasonForLeaving", "tells why somebody left, which is never kept (G-12)"},
};

bool is_attribute_name(std::string_view name) {
    return !name.empty() && name.size() <= extra_attribute_bytes_max && name.front() >= 'a' &&
           name.front() <= 'z' &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
               std::string_view::npos;
}

// PeopleHR's spelling of the key; otherwise empty, and `why` says why not.
std::string_view find_key(std::string_view name, std::string& why) {
    std::string scratch, other;
    const auto folded = fold(name, scratch);
    for (const auto& each : open_keys) {
        if (fold(each.known_as, other) == folded) return each.key;
    }
    for (const auto& each : closed_keys) {
        if (fold(each.key, other) == folded) {
            why = fmt::format("{} {}", each.key, each.why);
            return {};
        }
    }
    why = fmt::format("PeopleHR has no field '{}' that can be mapped", name);
    return {};
}

std::string read_extra_field(std::string_view text, extra_field& into) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) {
        return fmt::format("'{}' is not of the form attribute=Source", text);
    }
    const auto attribute = trim(text.substr(0, equals));
    if (!is_attribute_name(attribute)) {
        return fmt::format(
            "the attribute '{}' has to begin with a-z and to consist of at most {} "
            "of a-z, 0-9 and _",
            attribute, extra_attribute_bytes_max);
    }
    std::string why;
    const auto key = find_key(trim(text.substr(equals + 1)), why);
    if (key.empty()) return why;
    into = {std::string(attribute), std::string(key)};
    return {};
}

} // namespace

std::string check_url(std::string_view url) {
    if (url.starts_with("https://") && url.size() > 8) return {};
    // Plain HTTP would send the key in clear: only to this machine, for tests and the simulator.
    // The host is looked at whole: "localhost.example.com" is not this machine.
    if (url.starts_with("http://")) {
        url.remove_prefix(7);
        const auto host =
            url.substr(0, url.find_first_of(":/?#", url.starts_with("[::1]") ? 5 : 0));
        const bool ipv4 = host.starts_with("127.") &&
                          host.find_first_not_of("0123456789.") == std::string_view::npos;
        // "127.0.0.1:x@example.com" is example.com.
        const bool user = url.substr(0, url.find('/')).find('@') != std::string_view::npos;
        if (!user && (ipv4 || host == "localhost" || host == "[::1]")) return {};
    }
    return "it must begin with https:// (http:// is accepted for a loopback address only)";
}

std::string check_zone(std::string_view zone) {
    absl::TimeZone parsed;
    if (absl::LoadTimeZone({zone.data(), zone.size()}, &parsed)) return {};
    return "it is not a zone of the tz database (examples: Europe/London, Australia/Melbourne)";
}

std::string read_limit(std::string_view text, guard_limit& into) {
    guard_limit read;
    unsigned given = 0;
    auto rest = trim(text);
    if (rest.empty()) return "it is empty";
    if (rest == "off") {
        read.on = false;
        into = read;
        return {};
    }
    while (!rest.empty()) {
        const auto part = next_part(rest, ' ');
        if (part.empty()) continue;
        if (auto wrong = read_limit_part(part, read, given); !wrong.empty()) return wrong;
    }
    if ((given & 1) != 0 && (given & 2) == 0) {
        return "people alone holds nothing back: the limit is the greater of people and percent, "
               "and percent is 100 where it is left out";
    }
    into = read;
    return {};
}

std::string limit_text(const guard_limit& limit) {
    if (!limit.on) return "off";
    std::string out;
    for (const auto& part : limit_parts) {
        const auto value = limit.*part.member;
        if (part.member != &guard_limit::percent && value == guard_limit{}.*part.member) continue;
        out += fmt::format("{}{}={}", out.empty() ? "" : " ", part.name, value);
    }
    return out;
}

std::string read_people(std::string_view text, std::vector<std::string>& into) {
    std::vector<std::string> read;
    std::string scratch, folded;
    while (!text.empty()) {
        const auto person = normalise(next_part(text, ','), scratch);
        if (person.empty()) continue;
        if (person.size() > person_bytes_max) {
            return fmt::format("one is longer than {} bytes", person_bytes_max);
        }
        read.emplace_back(person);
    }
    if (read.size() > people_max) {
        return fmt::format("it has {} people; {} at most", read.size(), people_max);
    }
    std::sort(read.begin(), read.end());
    // E-mails compare folded (G-13); ids are opaque, and "pw1" is not "PW1".
    std::vector<std::string> seen;
    std::erase_if(read, [&](const std::string& person) {
        const bool email = person.find('@') != std::string::npos;
        std::string key(email ? fold(person, folded) : std::string_view(person));
        if (std::find(seen.begin(), seen.end(), key) != seen.end()) return true;
        seen.push_back(std::move(key));
        return false;
    });
    into = std::move(read);
    return {};
}

std::string people_text(const std::vector<std::string>& people) {
    return fmt::format("{}", fmt::join(people, ", "));
}

std::string read_extra_fields(std::string_view text, std::vector<extra_field>& into) {
    std::vector<extra_field> read;
    while (!text.empty()) {
        const auto part = next_part(text, ',');
        if (part.empty()) continue;
        extra_field field;
        if (auto wrong = read_extra_field(part, field); !wrong.empty()) return wrong;
        const bool twice = std::any_of(read.begin(), read.end(), [&](const extra_field& other) {
            return other.attribute == field.attribute;
        });
        if (twice) return fmt::format("the attribute '{}' stands there twice", field.attribute);
        read.push_back(std::move(field));
    }
    if (read.size() > extra_fields_max) {
        return fmt::format("it has {} fields; {} at most", read.size(), extra_fields_max);
    }
    std::sort(read.begin(), read.end(),
              [](const extra_field& a, const extra_field& b) { return a.attribute < b.attribute; });
    into = std::move(read);
    return {};
}

std::string extra_fields_text(const std::vector<extra_field>& fields) {
    std::string out;
    for (const auto& field : fields) {
        out += fmt::format("{}{}={}", out.empty() ? "" : ", ", field.attribute, field.source);
    }
    return out;
}

} // namespace rollcall::sync
