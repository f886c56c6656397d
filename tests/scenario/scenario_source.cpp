#include "scenario_source.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace rollcall::test {
namespace {

using sync::source_field;

struct column {
    const char* key;
    source_field field;
};
constexpr std::array columns{
    column{"id", source_field::employee_id},
    column{"first", source_field::first_name},
    column{"last", source_field::last_name},
    column{"known_as", source_field::known_as},
    column{"email", source_field::email},
    column{"start", source_field::start_date},
    column{"job", source_field::job_role},
    column{"company", source_field::company},
    column{"location", source_field::location},
    column{"dept", source_field::department},
    column{"manager_name", source_field::reports_to},
    column{"manager", source_field::reports_to_id},
    column{"status", source_field::status},
    column{"leaving", source_field::leaving_date},
    column{"image", source_field::image},
};

employee ordinary(const std::string& id) {
    employee made;
    made.set(source_field::employee_id, id);
    made.set(source_field::first_name, "Ann");
    made.set(source_field::last_name, "Ash");
    made.set(source_field::email, id + "@example.com");
    made.set(source_field::department, "Works");
    made.set(source_field::status, "1");
    return made;
}

std::string with_number(std::string text, const std::string& number) {
    for (auto at = text.find('%'); at != std::string::npos; at = text.find('%', at)) {
        text.replace(at, 1, number);
    }
    return text;
}

source_field column_named(const toml::node& at, std::string_view name) {
    for (const auto& each : columns) {
        if (each.key == name) return each.field;
    }
    fail_at(at, "'" + std::string(name) + "' is no column of an employee");
}

// `number` stands for % in all texts.
void fill(employee& who, table_reader& from, const std::string& number) {
    for (const auto& each : columns) {
        if (const auto* value = from.find(each.key)) {
            who.set(each.field, with_number(text_at(*value), number));
        }
    }
    if (const auto* wrong = from.find("wrong_type")) {
        who.wrong_type = 0;
        for (const auto& each : texts_at(*wrong)) {
            who.wrong_type |= 1u << static_cast<unsigned>(column_named(*wrong, each));
        }
    }
    if (const auto* extra = from.find("extra")) {
        for (const auto& [key, value] : table_at(*extra)) {
            who.extra[std::string(key.str())] = with_number(text_at(value), number);
        }
    }
}

std::pair<int, int> range_at(const toml::node& node) {
    const auto* list = node.as_array();
    if (list == nullptr || list->size() != 2) fail_at(node, "crowd takes [first, last]");
    const auto first = list->get(0)->value<int>();
    const auto last = list->get(1)->value<int>();
    if (!first || !last || *first > *last) fail_at(node, "crowd takes [first, last]");
    return {*first, *last};
}

// "c1..c20" as the ids c1 to c20; any other text as itself.
std::vector<std::string> ids_in(const toml::node& at, const std::string& key) {
    const auto dots = key.find("..");
    if (dots == std::string::npos) return {key};
    const auto from = key.substr(0, dots);
    const auto to = key.substr(dots + 2);
    const auto digits = from.find_first_of("0123456789");
    const auto number = [&](const std::string& text) -> int {
        int value = 0;
        const auto* end = text.data() + text.size();
        if (digits >= text.size() || std::from_chars(text.data() + digits, end, value).ptr != end) {
            fail_at(at, "'" + key + "' is no range of ids such as c1..c20");
        }
        return value;
    };
    std::vector<std::string> out;
    for (int i = number(from); i <= number(to); ++i) {
        out.push_back(from.substr(0, digits) + std::to_string(i));
    }
    return out;
}

} // namespace

std::vector<employee> employees_at(const toml::node& list) {
    if (list.as_array() == nullptr) fail_at(list, "a list of employees is expected here");
    std::vector<employee> out;
    for (const auto& each : *list.as_array()) {
        table_reader from(table_at(each));
        if (const auto* crowd = from.find("crowd")) {
            const auto [first, last] = range_at(*crowd);
            for (int i = first; i <= last; ++i) {
                const auto number = std::to_string(i);
                out.push_back(ordinary(with_number(from.text("id", "c%"), number)));
                fill(out.back(), from, number);
            }
        } else {
            out.push_back(ordinary(text_at(from.need("id"))));
            fill(out.back(), from, "%");
        }
        from.finish();
    }
    return out;
}

void change_employees(std::vector<employee>& people, const toml::node& changes) {
    for (const auto& [key, value] : table_at(changes)) {
        for (const auto& id : ids_in(value, std::string(key.str()))) {
            const auto found = std::ranges::find_if(people, [&](const employee& each) {
                return each.get(source_field::employee_id) == id;
            });
            if (value.is_string()) {
                if (text_at(value) != "gone") fail_at(value, "a table or \"gone\" is expected");
                if (found == people.end()) fail_at(value, "'" + id + "' is not in PeopleHR");
                people.erase(found);
                continue;
            }
            table_reader from(table_at(value));
            auto& who = found == people.end() ? people.emplace_back(ordinary(id)) : *found;
            fill(who, from, id.substr(std::min(id.size(), id.find_first_of("0123456789"))));
            from.finish();
        }
    }
}

} // namespace rollcall::test
