#include "company.hpp"

#include <fmt/format.h>

#include <cstring>

#include "rollcall/core/check.hpp"
#include "rollcall/core/date.hpp"
#include "rollcall/core/random.hpp"
#include "rollcall/sync/snapshot_gate.hpp"

namespace rollcall::measure {
namespace {

constexpr std::size_t history_most = 4;
constexpr std::size_t rows_per_slice = 256;
constexpr std::size_t text_bytes_max = 4096;
constexpr std::size_t padding = 64;

const date today = *date_from_civil(2026, 6, 15);
const wall_time now{std::chrono::seconds{std::int64_t{today.days} * 86'400 + 43'200}};

constexpr std::array<std::string_view, 16> first_names{
    "Ada",  "Noah", "Zoë",   "Mohammed", "Siobhán", "Grace", "Jürgen", "Priya",
    "Emma", "Wei",  "Aoife", "Thomas",   "Olivia",  "Chloé", "Jack",   "Aleksandra"};
constexpr std::array<std::string_view, 16> last_names{
    "Smith",  "O'Neill", "Müller", "Patel", "Kowalczyk", "Nguyen", "García",       "Johnson",
    "Wright", "Hughes",  "Singh",  "Green", "Okonkwo",   "Lee",    "Featherstone", "Macdonald"};

// The wrappers of a value: with a list of former ones, or bare.
class writer {
  public:
    writer(std::size_t history, std::uint64_t seed) : history_(history), random_(seed) {}

    // What differs from person to person, and so does not compress.
    [[nodiscard]] std::string digits(std::size_t count) {
        std::string out;
        for (std::size_t i = 0; i < count; ++i) out += static_cast<char>('0' + random_.below(10));
        return out;
    }
    [[nodiscard]] std::string day() {
        return fmt::format("20{:02}-{:02}-{:02}", 10 + random_.below(15), 1 + random_.below(12),
                           1 + random_.below(28));
    }

    void wrapped(std::string_view key, std::string_view value,
                 std::string_view list = "FieldHistory", std::string_view what = "NewValue") {
        separate();
        out_ += fmt::format(R"("{}":{{"DisplayValue":"{}","{}":[)", key, value, list);
        for (std::size_t i = 0; i < history_ && !value.empty(); ++i) {
            const auto since = day();
            out_ += fmt::format(
                R"({}{{"{}":"earlier value","EffectiveDate":"{}","ChangedOn":"{}","ReasonForChange":"New Starter"}})",
                i == 0 ? "" : ",", what, since, since);
        }
        out_ += "]}";
    }
    void dated(std::string_view key, std::string_view value) {
        wrapped(key, value, "FieldHistoryForEffectiveDate", "FieldData");
        bare(fmt::format("{}EffectiveDate", key), day());
    }
    void bare(std::string_view key, std::string_view value) {
        raw(key, fmt::format(R"({{"DisplayValue":"{}"}})", value));
    }
    void raw(std::string_view key, std::string_view json) {
        separate();
        out_ += fmt::format(R"("{}":{})", key, json);
    }
    void open(std::string_view key) {
        separate();
        out_ += fmt::format(R"("{}":{{)", key);
    }
    void close() { out_ += '}'; }
    [[nodiscard]] std::string take() && { return std::move(out_) + '}'; }

  private:
    void separate() {
        if (out_.back() != '{') out_ += ',';
    }

    std::size_t history_;
    random_source random_;
    std::string out_ = "{";
};

void add_private(writer& out) {
    out.open("ContactDetail");
    out.wrapped("Address",
                fmt::format("{} High Street<br /><br />Leeds<br /><br />UK<br />LS{} 1AA",
                            out.digits(3), out.digits(2)));
    for (const auto* key : {"WorkPhoneNumber", "PersonalPhoneNumber"}) out.wrapped(key, "");
    out.wrapped("PersonalEmail", fmt::format("me{}@example.org", out.digits(5)));
    out.wrapped("Mobile", "07700 " + out.digits(6));
    out.close();
    for (const auto* key : {"OtherContact", "RightToWork", "BackgroundDetail"}) out.raw(key, "[]");
    out.open("BankDetail");
    for (const auto* key :
         {"BankName", "BankAddress", "BankCode", "AccountNumber", "AccountName"}) {
        out.wrapped(key, "");
    }
    out.close();
    out.open("EmploymentDetail");
    for (const auto* key : {"PayrollCompany", "PayrollID", "TimeAndAttendanceID", "RotaID", "CRMID",
                            "ATSID", "PerformanceID", "BenefitsID", "System1ID", "System2ID",
                            "System3ID", "MethodOfRecruitment"}) {
        out.wrapped(key, "");
    }
    out.close();
}

} // namespace

std::string employee_json(std::size_t company, std::size_t person, std::string_view job,
                          std::size_t history) {
    writer out(history, company * 1'000'003 + person);
    const auto first = first_names[person % first_names.size()];
    const auto last = last_names[person / first_names.size() % last_names.size()];
    const bool left = person % 5 == 4;
    out.wrapped("EmployeeId", fmt::format("PW{}", 1'000 + person));
    out.wrapped("Title", "Ms");
    out.wrapped("FirstName", first);
    out.wrapped("LastName", fmt::format("{}-{}", last, person));
    for (const auto* key : {"OtherName", "KnownAs"}) out.wrapped(key, "");
    out.wrapped("EmailId", fmt::format("person.{}@company{}.example", person, company));
    out.wrapped("StartDate", out.day());
    out.wrapped("DateOfBirth", out.day());
    out.wrapped("JobRole", fmt::format("{} {}", job, person % 40), "FieldHistoryForJobRole",
                "JobRole");
    out.dated("Company", fmt::format("Company {} Ltd", company));
    out.dated("Location", person % 2 == 0 ? "Leeds City Office" : "Edinburgh Park");
    out.dated("Department", fmt::format("Department {}", person % 20));
    out.bare("JobRoleChangeDate", out.day());
    out.dated("ReportsTo", person == 0 ? "" : "Ada Smith-0");
    out.bare("ReportsToEmployeeId", person == 0 ? "" : fmt::format("PW{}", 1'000 + person / 8));
    out.bare("ReportsToEmailAddress", "boss@example.com");
    out.wrapped("NISNumber", fmt::format("QQ{}C", out.digits(6)));
    out.wrapped("Nationality", "British");
    out.dated("EmploymentType", "Full Time");
    out.bare("EmployeeStatus", left ? "3" : "1");
    out.bare("HolidayAllowanceDays", "30.00");
    out.bare("HolidayAllowanceMins", "13500");
    for (const auto* key : {"NoticePeriod", "ProbationEndDate", "Gender", "AnalysisCode1LabelText",
                            "AnalysisCode2LabelText"}) {
        out.wrapped(key, "");
    }
    add_private(out);
    out.raw("LeavingDate", left ? R"("2024-01-31")" : R"("")");
    for (const auto* key : {"ReasonForLeaving", "EmployeeImage", "APIColumn1", "APIColumn2",
                            "APIColumn3", "APIColumn4", "APIColumn5"}) {
        out.raw(key, R"("")");
    }
    out.raw("AdditionalreportsTo", "[]");
    out.raw("UniqueKey",
            fmt::format(R"("{}-{}-4000-8000-{}")", out.digits(8), out.digits(4), out.digits(12)));
    out.raw("lstFieldHistoryJobrole", "null");
    return std::move(out).take();
}

std::string answer_json(std::size_t company, std::size_t people, std::string_view job) {
    std::string out =
        R"({"isError":false,"Status":0,"Message":"The request processed successfully.","Result":[)";
    for (std::size_t i = 0; i < people; ++i) {
        if (i != 0) out += ',';
        out += employee_json(company, i, job, i % (history_most + 1));
    }
    return out + "]}";
}

body::body(const std::string& text) : bytes_(text.size() + padding), size_(text.size()) {
    std::memcpy(bytes_.data(), text.data(), size_);
}

std::unique_ptr<sync::snapshot> tenant::read(body& answer) {
    sync::snapshot_builder builder(books_.users, settings_, today, ++epoch_, true, text_bytes_max);
    peoplehr::decoder reader;
    reader.begin(answer.text(), peoplehr::question::everybody);
    while (reader.advance(rows_per_slice, builder)) {
    }
    ROLLCALL_CHECK(reader.outcome().complete);
    return builder.finish();
}

sync::plan tenant::plan_of(const sync::snapshot& from) {
    const auto verdict = sync::judge(books_.gate, from.stats, settings_);
    books_.gate = verdict.memory;
    sync::planner planning(books_, &from, settings_, now);
    while (!planning.advance(rows_per_slice)) {
    }
    return planning.take();
}

sync::outcome_of_steps tenant::carry_out(const sync::plan& made) const {
    return sync::carry_out(books_, made.steps, made.seen);
}

void tenant::install(const sync::plan& made, const sync::outcome_of_steps& what) {
    sync::install(books_, what);
    books_.next_uid = made.next_uid;
    books_.next_team = made.next_team;
    books_.imported = true;
    books_.users.compact_if_worthwhile();
}

} // namespace rollcall::measure
