#include "render.hpp"

#include <array>
#include <string_view>

#include "texts.hpp"

namespace rollcall::sim {
namespace {

using std::string_view;

// What closes a wrapper after its DisplayValue.
constexpr string_view w1 = R"(,"FieldHistory":[]},)";
constexpr string_view w2 = R"(,"FieldHistoryForJobRole":[]},)";
constexpr string_view w3 = R"(,"FieldHistoryForEffectiveDate":[]},)";
constexpr string_view w4 = "},";
constexpr string_view bare = ",";

// Birth dates lie in 1931-1949, where no other date of the simulator lies: a date cannot carry
// text, so its year is the canary.
constexpr std::int32_t birth_day_first = -14'245; // 1931-01-01
constexpr std::uint32_t birth_days = 6'900;

class row_writer {
  public:
    row_writer(std::string& out, std::uint64_t salt, blank_style blanks)
        : out_(out), salt_(salt), blanks_(blanks) {}

    void raw(string_view text) { out_ += text; }

    // Opens with the key and, for W1-W4, the wrapper; closes it after the value.
    void field(string_view open, string_view value, string_view close) {
        out_ += open;
        if (!value.empty()) {
            append_json(out_, value);
        } else {
            out_ += blanks_ == blank_style::null ? "null" : R"("")";
        }
        out_ += close;
    }

    // A value that a directory has no business with: canary text between before and after.
    void canary(string_view open, string_view before, string_view after, string_view close) {
        out_ += open;
        out_ += '"';
        out_ += before;
        append_canary(out_, salt_, ++purpose_);
        out_ += after;
        out_ += '"';
        out_ += close;
    }

    // A free slot: what somebody typed in, else a canary.
    void field_or_canary(string_view open, string_view value, string_view close) {
        if (!value.empty()) return field(open, value, close);
        canary(open, "", "", close);
    }

    void date(string_view open, std::chrono::sys_days day, string_view close) {
        out_ += open;
        out_ += '"';
        append_date(out_, day);
        out_ += '"';
        out_ += close;
    }

    // Every member ends with a comma; closing takes the last one away.
    void close_object() {
        out_.back() = '}';
        out_ += ',';
    }
    void close_array(bool filled) {
        if (filled) out_.pop_back();
        out_ += "],";
    }

  private:
    std::string& out_;
    std::uint64_t salt_;
    blank_style blanks_;
    std::uint32_t purpose_ = 0;
};

constexpr std::array<string_view, 4> titles{"Mr", "Ms", "Mr.", "Dr"};
constexpr std::array<string_view, 4> genders{"Male", "Female", "Not Specified", ""};

void write_identity(row_writer& row, const employee& someone, std::uint64_t salt) {
    row.field(R"({"EmployeeId":{"DisplayValue":)", someone.employee_id, w1);
    row.field(R"("Title":{"DisplayValue":)", titles[salt % 4], w1);
    row.field(R"("FirstName":{"DisplayValue":)", someone.first_name, w1);
    row.field(R"("LastName":{"DisplayValue":)", someone.last_name, w1);
    row.field(R"("OtherName":{"DisplayValue":)", someone.other_name, w1);
    row.field(R"("KnownAs":{"DisplayValue":)", someone.known_as, w1);
    row.field(R"("EmailId":{"DisplayValue":)", someone.email, w1);
    row.field(R"("StartDate":{"DisplayValue":)", someone.start_date, w1);
    const auto birth = birth_day_first + static_cast<std::int32_t>((salt >> 8) % birth_days);
    row.date(R"("DateOfBirth":{"DisplayValue":)", day_of(birth), w1);
}

void write_job(row_writer& row, const employee& someone) {
    // The satellites that carry a date carry the start date: nothing changed since.
    const string_view since = someone.start_date;
    row.field(R"("JobRole":{"DisplayValue":)", someone.job_role, w2);
    row.field(R"("Company":{"DisplayValue":)", someone.company, w3);
    row.field(R"("CompanyEffectiveDate":{"DisplayValue":)", since, w4);
    row.field(R"("Location":{"DisplayValue":)", someone.location, w3);
    row.field(R"("LocationEffectiveDate":{"DisplayValue":)", since, w4);
    row.field(R"("Department":{"DisplayValue":)", someone.department, w3);
    row.field(R"("DepartmentEffectiveDate":{"DisplayValue":)", since, w4);
    row.field(R"("JobRoleChangeDate":{"DisplayValue":)", since, w4);
    row.field(R"("ReportsTo":{"DisplayValue":)", someone.reports_to, w3);
    row.field(R"("ReportsToEffectiveDate":{"DisplayValue":)", "", w4);
    row.field(R"("ReportsToEmployeeId":{"DisplayValue":)", someone.reports_to_id, w4);
    row.field(R"("ReportsToEmailAddress":{"DisplayValue":)", someone.reports_to_email, w4);
}

void write_terms(row_writer& row, const employee& someone, std::uint64_t salt) {
    row.canary(R"("NISNumber":{"DisplayValue":)", "", "", w1);
    row.canary(R"("Nationality":{"DisplayValue":)", "British ", "", w1);
    row.field(R"("EmploymentType":{"DisplayValue":)", salt % 5 == 0 ? "Part Time" : "Full Time",
              w3);
    row.field(R"("EmploymentTypeEffectiveDate":{"DisplayValue":)", "", w4);
    row.field(R"("EmployeeStatus":{"DisplayValue":)", someone.status, w4);
    row.field(R"("HolidayAllowanceDays":{"DisplayValue":)", "30.00", w4);
    row.field(R"("HolidayAllowanceMins":{"DisplayValue":)", "13500", w4);
    row.canary(R"("NoticePeriod":{"DisplayValue":)", "4 weeks ", "", w1);
    row.field(R"("ProbationEndDate":{"DisplayValue":)", "", w1);
    row.field(R"("Gender":{"DisplayValue":)", genders[(salt >> 3) % 4], w1);
    row.field_or_canary(R"("AnalysisCode1LabelText":{"DisplayValue":)", someone.analysis_code_1,
                        w1);
    row.field(R"("AnalysisCode2LabelText":{"DisplayValue":)", someone.analysis_code_2, w1);
}

void write_contacts(row_writer& row) {
    row.raw(R"("ContactDetail":{)");
    row.canary(R"("Address":{"DisplayValue":)", "",
               " Road<br /><br />Leeds<br /><br />UK<br />LS1 1AA", w1);
    row.canary(R"("WorkPhoneNumber":{"DisplayValue":)", "+44 ", "", w1);
    row.canary(R"("PersonalPhoneNumber":{"DisplayValue":)", "+44 ", "", w1);
    row.canary(R"("PersonalEmail":{"DisplayValue":)", "", "@personal.example", w1);
    row.canary(R"("Mobile":{"DisplayValue":)", "07 ", "", w1);
    row.close_object();
}

void write_next_of_kin(row_writer& row, std::uint64_t count) {
    row.raw(R"("OtherContact":[)");
    for (std::uint64_t i = 0; i < count; ++i) {
        row.raw("{");
        row.canary(R"("OtherContactName":{"DisplayValue":)", "Kin ", "", w4);
        row.field(R"("Relationship":{"DisplayValue":)", i == 0 ? "Spouse" : "Parent", w4);
        row.canary(R"("OtheContactAddress":{"DisplayValue":)", "", "<br />York", w4);
        row.canary(R"("Telephone":{"DisplayValue":)", "", "", w4);
        row.canary(R"("Mobile":{"DisplayValue":)", "", "", w4);
        row.canary(R"("Comments":{"DisplayValue":)", "Call first. ", "", w4);
        row.close_object();
    }
    row.close_array(count != 0);
}

void write_checks(row_writer& row, bool checked, bool vetted) {
    row.raw(R"("RightToWork":[)");
    if (checked) {
        row.raw("{");
        row.field(R"("DocumentType":{"DisplayValue":)", "Passport", w4);
        row.canary(R"("DocumentId":{"DisplayValue":)", "", "", w4);
        row.field(R"("ValidFrom":{"DisplayValue":)", "1931-02-01", w4);
        row.field(R"("ValidTo":{"DisplayValue":)", "1941-02-01", w4);
        row.field(R"("Duration":{"DisplayValue":)", "10 years", w4);
        row.canary(R"("RightToWorkComments":{"DisplayValue":)", "Seen by ", "", w4);
        row.close_object();
    }
    row.close_array(checked);
    row.raw(R"("BackgroundDetail":[)");
    if (vetted) {
        row.raw("{");
        row.canary(R"("CheckType":{"DisplayValue":)", "DBS ", "", w4);
        row.field(R"("CompletionDate":{"DisplayValue":)", "1932-03-04", w4);
        row.field(R"("ExpiryDate":{"DisplayValue":)", "1942-03-04", w4);
        row.canary(R"("BackgroundDetailComments":{"DisplayValue":)", "", "", w4);
        row.close_object();
    }
    row.close_array(vetted);
}

void write_money(row_writer& row) {
    row.raw(R"("BankDetail":{)");
    row.canary(R"("BankName":{"DisplayValue":)", "Bank ", "", w1);
    row.canary(R"("BankAddress":{"DisplayValue":)", "", "<br />London", w1);
    row.canary(R"("BankCode":{"DisplayValue":)", "", "", w1);
    row.canary(R"("AccountNumber":{"DisplayValue":)", "", "", w1);
    row.canary(R"("AccountName":{"DisplayValue":)", "", "", w1);
    row.close_object();
    row.raw(R"("EmploymentDetail":{)");
    row.canary(R"("PayrollCompany":{"DisplayValue":)", "", "", w1);
    row.canary(R"("PayrollID":{"DisplayValue":)", "", "", w1);
    row.canary(R"("TimeAndAttendanceID":{"DisplayValue":)", "", "", w1);
    row.field(R"("RotaID":{"DisplayValue":)", "", w1);
    row.field(R"("CRMID":{"DisplayValue":)", "", w1);
    row.field(R"("ATSID":{"DisplayValue":)", "", w1);
    row.field(R"("PerformanceID":{"DisplayValue":)", "", w1);
    row.field(R"("BenefitsID":{"DisplayValue":)", "", w1);
    row.field(R"("System1ID":{"DisplayValue":)", "", w1);
    row.field(R"("System2ID":{"DisplayValue":)", "", w1);
    row.field(R"("System3ID":{"DisplayValue":)", "", w1);
    row.canary(R"("MethodOfRecruitment":{"DisplayValue":)", "", "", w1);
    row.close_object();
}

void write_tail(row_writer& row, const employee& someone) {
    row.field(R"("LeavingDate":)", someone.leaving_date, bare);
    if (someone.leaving_date.empty()) {
        row.field(R"("ReasonForLeaving":)", "", bare);
    } else {
        row.canary(R"("ReasonForLeaving":)", "Resigned ", "", bare);
    }
    row.field(R"("EmployeeImage":)", someone.image, bare);
    row.field_or_canary(R"("APIColumn1":)", someone.api_column_1, bare);
    row.field(R"("APIColumn2":)", someone.api_column_2, bare);
    row.field(R"("APIColumn3":)", someone.api_column_3, bare);
    row.field(R"("APIColumn4":)", someone.api_column_4, bare);
    row.field(R"("APIColumn5":)", someone.api_column_5, bare);
    row.raw(R"("AdditionalreportsTo":[],)");
    row.field(R"("UniqueKey":)", someone.unique_key, bare);
    row.raw(R"("lstFieldHistoryJobrole":null})");
}

} // namespace

void append_canary(std::string& out, std::uint64_t salt, std::uint32_t purpose) {
    out += "CANARY-";
    append_hex8(out, static_cast<std::uint32_t>(mix(salt, 0xca0000u + purpose)));
}

void append_row(std::string& out, const employee& someone, std::uint64_t salt, blank_style blanks) {
    row_writer row{out, salt, blanks};
    write_identity(row, someone, salt);
    write_job(row, someone);
    write_terms(row, someone, salt);
    write_contacts(row);
    write_next_of_kin(row, (salt >> 5) % 3);
    write_checks(row, (salt >> 16) % 3 == 0, (salt >> 24) % 4 == 0);
    write_money(row);
    write_tail(row, someone);
}

} // namespace rollcall::sim
