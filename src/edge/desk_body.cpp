#include "desk_body.hpp"

#include <absl/time/time.h>

namespace rollcall::edge {
namespace {

namespace json = boost::json;

void read_field(std::string_view name, const json::value& value, bool may_clear,
                std::vector<sync::edit>& into, faults& out) {
    auto path = "fields." + std::string(name);
    if (value.is_null() && may_clear) {
        into.emplace_back(name, std::string{});
    } else if (!value.is_string()) {
        out.push_back({std::move(path), may_clear ? "has to be a string, or null to clear it"
                                                  : "has to be a string"});
    } else if (value.get_string().size() > value_bytes_max) {
        out.push_back(
            {std::move(path), "is longer than " + std::to_string(value_bytes_max) + " bytes"});
    } else {
        into.emplace_back(name, std::string(value.get_string()));
    }
}

// The texts of a list, each not empty.
std::vector<std::string> read_texts(const json::array& list, std::string_view name, faults& out) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto* text = list[i].if_string();
        if (text == nullptr || text->empty() || text->size() > person_bytes_max) {
            out.push_back(
                {std::string(name) + "[" + std::to_string(i) + "]",
                 "has to be a string of 1 to " + std::to_string(person_bytes_max) + " bytes"});
        } else {
            texts.emplace_back(*text);
        }
    }
    return texts;
}

std::string guard_list() {
    std::string out;
    for (std::size_t i = 1; i < sync::guard_count; ++i) {
        if (i != 1) out += ", ";
        out += name_of(static_cast<sync::guard>(i));
    }
    return out;
}

} // namespace

std::vector<sync::edit> read_fields(member_reader& from, bool may_clear, faults& out) {
    std::vector<sync::edit> fields;
    const auto before = out.size();
    const auto* object = from.object("fields");
    if (object == nullptr) {
        if (out.size() == before) out.push_back({"fields", "is missing"});
        return fields;
    }
    if (object->empty()) out.push_back({"fields", "has to name at least one field"});
    for (const auto& [name, value] : *object) read_field(name, value, may_clear, fields, out);
    return fields;
}

std::vector<sync::guard> read_guards(member_reader& from, faults& out) {
    std::vector<sync::guard> guards;
    const auto* list = from.array("kinds", presence::optional);
    if (list == nullptr) return guards;
    if (list->empty()) out.push_back({"kinds", "has to name at least one; leave it out for all"});
    for (const auto& name : read_texts(*list, "kinds", out)) {
        const auto guard = sync::read_guard(name);
        if (guard && *guard != sync::guard::none) {
            guards.push_back(*guard);
        } else {
            out.push_back({"kinds", "\"" + name + "\" is not a kind; known are " + guard_list()});
        }
    }
    return guards;
}

std::vector<std::string> read_people(member_reader& from, faults& out) {
    const auto* list = from.array("people", presence::required);
    if (list == nullptr) return {};
    if (list->empty() || list->size() > people_max) {
        out.push_back({"people", "has to name 1 to " + std::to_string(people_max) + " people"});
        return {};
    }
    return read_texts(*list, "people", out);
}

std::string read_text(member_reader& from, std::string_view name, std::size_t bytes_max) {
    return std::string(from.text(name, presence::required, bytes_max).value_or(""));
}

std::optional<wall_time> read_time(std::string_view text, const std::string& time_zone) {
    const absl::string_view given(text.data(), text.size());
    absl::Time time;
    if (absl::ParseTime(absl::RFC3339_full, given, &time, nullptr)) return absl::ToChronoTime(time);
    absl::CivilDay day;
    absl::TimeZone zone;
    if (!absl::ParseCivilTime(given, &day) || !absl::LoadTimeZone(time_zone, &zone)) {
        return std::nullopt;
    }
    return absl::ToChronoTime(zone.At(day).trans);
}

std::optional<sync::issue_kind> read_issue_kind(std::string_view name) noexcept {
    for (std::size_t i = 0; i < sync::issue_kind_count; ++i) {
        const auto kind = static_cast<sync::issue_kind>(i);
        if (name_of(kind) == name) return kind;
    }
    return std::nullopt;
}

} // namespace rollcall::edge
