#include "load.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "texts.hpp"

namespace rollcall::sim {
namespace {

using std::string_view;
namespace json = boost::json;

// The API's keys for the members of truth.
struct wire_key {
    string_view key;
    std::string employee::* text;
};
constexpr std::array<wire_key, 23> wire_keys{{
    {"EmployeeId", &employee::employee_id},
    {"FirstName", &employee::first_name},
    {"LastName", &employee::last_name},
    {"KnownAs", &employee::known_as},
    {"OtherName", &employee::other_name},
    {"EmailId", &employee::email},
    {"JobRole", &employee::job_role},
    {"Company", &employee::company},
    {"Location", &employee::location},
    {"Department", &employee::department},
    {"ReportsToEmployeeId", &employee::reports_to_id},
    {"EmployeeStatus", &employee::status},
    {"StartDate", &employee::start_date},
    {"LeavingDate", &employee::leaving_date},
    {"EmployeeImage", &employee::image},
    {"UniqueKey", &employee::unique_key},
    {"AnalysisCode1LabelText", &employee::analysis_code_1},
    {"AnalysisCode2LabelText", &employee::analysis_code_2},
    {"APIColumn1", &employee::api_column_1},
    {"APIColumn2", &employee::api_column_2},
    {"APIColumn3", &employee::api_column_3},
    {"APIColumn4", &employee::api_column_4},
    {"APIColumn5", &employee::api_column_5},
}};

string_view view_of(const json::string& text) {
    return {text.data(), text.size()};
}

// The text of a field in any of its shapes; "" for everything that is not text.
std::string text_of(const json::value& field) {
    if (field.is_string()) return std::string{view_of(field.get_string())};
    if (field.is_object()) {
        const auto* inner = field.get_object().if_contains("DisplayValue");
        if (inner != nullptr && inner->is_string()) {
            return std::string{view_of(inner->get_string())};
        }
    }
    return {};
}

// The array of people in any of the documents, or null.
const json::array* people_of(const json::value& document) {
    if (document.is_array()) return &document.get_array();
    if (!document.is_object()) return nullptr;
    for (const string_view name : {"people", "Result"}) {
        const auto* inner = document.get_object().if_contains(name);
        if (inner != nullptr) return people_of(*inner);
    }
    return nullptr;
}

std::string at_row(std::size_t number, string_view what) {
    return "row " + std::to_string(number) + ": " + std::string{what};
}

std::string read_json(string_view text, std::vector<employee>& people) {
    boost::system::error_code error;
    const json::value document = json::parse(text, error);
    if (error) return "not valid JSON: " + error.message();
    const json::array* rows = people_of(document);
    if (rows == nullptr) return "no array of people, neither bare nor as \"people\" or \"Result\"";
    for (const json::value& row : *rows) {
        if (!row.is_object()) return at_row(people.size() + 1, "not an object");
        const json::object& object = row.get_object();
        employee& someone = people.emplace_back();
        for (const auto& [name, member] : employee_members()) {
            if (const auto* field = object.if_contains(name)) someone.*member = text_of(*field);
        }
        for (const auto& [name, member] : wire_keys) {
            if (const auto* field = object.if_contains(name)) someone.*member = text_of(*field);
        }
        // A free slot in which the simulator itself had put a canary is unset.
        for (const auto& [name, member] : extra_members()) {
            if ((someone.*member).starts_with("CANARY-")) (someone.*member).clear();
        }
    }
    return {};
}

// Takes one record of RFC 4180 off the text; nothing when a quote is never closed.
std::optional<std::vector<std::string>> take_record(string_view& text) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c != '"') {
                cells.back() += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                cells.back() += '"';
                ++i;
            } else {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            cells.emplace_back();
        } else if (c == '\n') {
            break;
        } else if (c != '\r') {
            cells.back() += c;
        }
    }
    if (quoted) return std::nullopt;
    text.remove_prefix(std::min(i + 1, text.size()));
    return cells;
}

std::string read_csv(string_view text, std::vector<employee>& people) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto header = take_record(text);
    if (!header) return "the header row has an open quote";
    std::vector<std::string employee::*> columns;
    for (const std::string& name : *header) {
        const auto known = std::ranges::find(employee_members(), name, &employee_member::name);
        if (known == employee_members().end()) return "unknown column \"" + name + "\"";
        columns.push_back(known->text);
    }
    while (!text.empty()) {
        const auto cells = take_record(text);
        if (!cells) return at_row(people.size() + 1, "a quote is never closed");
        if (cells->size() == 1 && cells->front().empty()) continue;
        if (cells->size() != columns.size()) {
            return at_row(people.size() + 1, "not as many cells as the header");
        }
        employee& someone = people.emplace_back();
        for (std::size_t i = 0; i < columns.size(); ++i) someone.*columns[i] = (*cells)[i];
    }
    return {};
}

// Hires everybody, then sets the managers, whom the file may name before their own row.
std::string populate(company& firm, std::vector<employee>& people) {
    std::map<std::string, slot, std::less<>> by_id;
    std::vector<std::string> managers;
    for (employee& someone : people) {
        managers.push_back(std::exchange(someone.reports_to_id, {}));
        const auto number = firm.people.size() + 1;
        std::string id = std::exchange(someone.employee_id, {});
        if (id.size() > 15) return at_row(number, "the id has more than 15 characters");
        const auto who = firm.admit(someone, {});
        if (!who) return at_row(number, "a date is not yyyy-MM-dd or the status is not 1, 2 or 3");
        if (someone.start_date.empty()) firm.people[*who].start_day = no_day;
        if (id.empty()) firm.append_id(id, *who);
        firm.texts_of(*who).employee_id = id;
        if (!by_id.emplace(id, *who).second) return at_row(number, "the id occurs twice");
    }
    for (slot who = 0; who < managers.size(); ++who) {
        // A manager whom the file lacks stays unset: there is nobody to point to.
        const auto found = by_id.find(managers[who]);
        if (found != by_id.end()) firm.people[who].manager = found->second;
    }
    return {};
}

} // namespace

loaded_company load_company(string_view tenant, string_view text) {
    loaded_company loaded;
    loaded.firm.tenant = tenant;
    loaded.firm.title = tenant;
    loaded.firm.seed = mix(0x6c6f6164, 1);
    for (const char c : tenant) {
        loaded.firm.seed = mix(loaded.firm.seed, static_cast<unsigned char>(c));
    }
    loaded.firm.company_id = 10'000 + static_cast<std::uint32_t>(loaded.firm.seed % 10'000);
    const auto first = text.find_first_not_of(" \t\r\n");
    std::vector<employee> people;
    const bool is_json = first != string_view::npos && (text[first] == '{' || text[first] == '[');
    loaded.problem = is_json ? read_json(text, people) : read_csv(text, people);
    if (loaded.problem.empty()) loaded.problem = populate(loaded.firm, people);
    return loaded;
}

} // namespace rollcall::sim
