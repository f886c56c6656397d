#include "rollcall/directory/user.hpp"

namespace rollcall::directory {

std::string_view name_of(field which) noexcept {
    switch (which) {
        case field::external_id: return "external_id";
        case field::email: return "email";
        case field::first_name: return "first_name";
        case field::last_name: return "last_name";
        case field::job_title: return "job_title";
        case field::location: return "location";
        case field::department: return "department";
        case field::company: return "company";
        case field::manager_id: return "manager_id";
        case field::manager_name: return "manager_name";
        case field::avatar: return "avatar";
        case field::attributes: return "attributes";
        case field::start_date: return "start_date";
        case field::leaving_date: return "leaving_date";
    }
    return "unknown";
}

user_values user_data::values() const noexcept {
    user_values borrowed;
    for (std::size_t i = 0; i < text_field_count; ++i) borrowed.text[i] = text[i];
    borrowed.start_date = start_date;
    borrowed.leaving_date = leaving_date;
    return borrowed;
}

user_data own(const user_values& values, const user_meta& meta) {
    user_data owned;
    owned.meta = meta;
    for (std::size_t i = 0; i < text_field_count; ++i) owned.text[i] = values.text[i];
    owned.start_date = values.start_date;
    owned.leaving_date = values.leaving_date;
    return owned;
}

} // namespace rollcall::directory
