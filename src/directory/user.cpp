#include "rollcall/directory/user.hpp"

#include <utility>

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

namespace {

// Made in place: the texts of many users are copied one user at a time.
template <std::size_t... I>
std::array<std::string, text_field_count> own(
    const std::array<std::string_view, text_field_count>& text, std::index_sequence<I...>) {
    return {std::string(text[I])...};
}

} // namespace

user_data own(const user_values& values, const user_meta& meta) {
    return {.meta = meta,
            .text = own(values.text, std::make_index_sequence<text_field_count>()),
            .start_date = values.start_date,
            .leaving_date = values.leaving_date};
}

} // namespace rollcall::directory
