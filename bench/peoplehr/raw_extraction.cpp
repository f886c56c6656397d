#include "raw_extraction.hpp"

#include <simdjson.h>

#include <string_view>

namespace rollcall::bench {
namespace {

namespace ondemand = simdjson::ondemand;

bool wrapped(ondemand::object& row, std::string_view key, std::string_view& out) {
    return row.find_field(key).find_field("DisplayValue").get_string().get(out) ==
           simdjson::SUCCESS;
}

bool bare(ondemand::object& row, std::string_view key, std::string_view& out) {
    return row.find_field(key).get_string().get(out) == simdjson::SUCCESS;
}

bool extract(ondemand::object& row, sync::source_row& out) {
    using enum sync::source_field;
    const auto at = [&out](sync::source_field f) -> std::string_view& {
        return out.fields[static_cast<std::size_t>(f)];
    };
    return wrapped(row, "EmployeeId", at(employee_id)) &&
           wrapped(row, "FirstName", at(first_name)) && wrapped(row, "LastName", at(last_name)) &&
           wrapped(row, "KnownAs", at(known_as)) && wrapped(row, "EmailId", at(email)) &&
           wrapped(row, "StartDate", at(start_date)) && wrapped(row, "JobRole", at(job_role)) &&
           wrapped(row, "Company", at(company)) && wrapped(row, "Location", at(location)) &&
           wrapped(row, "Department", at(department)) &&
           wrapped(row, "ReportsTo", at(reports_to)) &&
           wrapped(row, "ReportsToEmployeeId", at(reports_to_id)) &&
           wrapped(row, "EmployeeStatus", at(status)) &&
           bare(row, "LeavingDate", at(leaving_date)) && bare(row, "EmployeeImage", at(image));
}

} // namespace

struct raw_extraction::impl {
    ondemand::parser parser;
};

raw_extraction::raw_extraction() : impl_(std::make_unique<impl>()) {}
raw_extraction::~raw_extraction() = default;

bool raw_extraction::run(std::span<const char> padded, std::size_t size, sync::row_sink& sink) {
    ondemand::document document;
    ondemand::array rows;
    const simdjson::padded_string_view body{padded.data(), size, padded.size()};
    if (impl_->parser.iterate(body).get(document) ||
        document.find_field("Result").get_array().get(rows)) {
        return false;
    }
    sync::source_row out;
    for (auto element : rows) {
        ondemand::object row;
        if (element.get_object().get(row) || !extract(row, out)) return false;
        sink.on_row(out);
    }
    return true;
}

} // namespace rollcall::bench
