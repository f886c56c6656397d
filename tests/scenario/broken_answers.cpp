#include "broken_answers.hpp"

#include <array>
#include <stdexcept>

#include "../unit/peoplehr/reading.hpp"

namespace rollcall::test {
namespace {

using testing::employee_writer;

std::string rows_of(const std::vector<employee>& people, bool first_without_id) {
    std::string rows = "[";
    for (std::size_t i = 0; i < people.size(); ++i) {
        if (i != 0) rows += ',';
        testing::person who{people[i].fields};
        if (i == 0 && first_without_id) who.fields[0].clear();
        rows += employee_writer().object(employee_writer().members(who));
    }
    return rows + "]";
}

std::string broken(const std::vector<employee>& people, std::string_view how) {
    const auto whole = testing::envelope(rows_of(people, how == "no id"));
    if (how == "nothing" || how == "no id") return whole;
    if (how == "cut") return whole.substr(0, whole.size() * 3 / 5);
    if (how == "throttled") {
        return testing::envelope("null", 0, "API calls will be limited to a 30 per minute.");
    }
    if (how == "key refused") return testing::envelope("\"\"", 2, "Invalid API Key.", true);
    if (how == "permission missing") return testing::envelope("\"\"", 5, "Access Denied.", true);
    if (how == "account closed") {
        return testing::envelope("\"\"", 5, "This company has been suspended.", true);
    }
    if (how == "our bug") return testing::envelope("\"\"", 4, "Action cannot be empty.", true);
    if (how == "server failure") {
        return testing::envelope("\"\"", 6, "Oops! Something went wrong.", true);
    }
    if (how == "query running") {
        return testing::envelope(
            "[{\"Message\":\"A query execution is already in progress. Please try later.\"}]");
    }
    if (how == "an error in success") return testing::envelope(rows_of(people, false), 0, "", true);
    if (how == "doubled key") return "{\"Status\":6," + whole.substr(1);
    if (how == "no result") return testing::envelope("null");
    if (how == "not json") return "<html>Service unavailable</html>";
    throw std::runtime_error("'" + std::string(how) + "' is no way in which an answer is broken");
}

} // namespace

read_answer answer_of(const std::vector<employee>& people, std::string_view how) {
    const auto read = testing::read(broken(people, how));
    read_answer out;
    out.code = read.verdict.code;
    out.detail = read.verdict.detail;
    for (const auto& row : read.rows) out.people.push_back({row.fields, row.wrong_type, {}});
    return out;
}

} // namespace rollcall::test
