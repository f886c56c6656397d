#include "request.hpp"

#include <array>
#include <string>

namespace rollcall::peoplehr {
namespace {

void append_escaped(http::body_buffer& to, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    to.append("\"");
    for (const char& c : text) {
        if (c == '"' || c == '\\') {
            to.append("\\");
            to.append({&c, 1});
        } else if (static_cast<unsigned char>(c) < 0x20) {
            const auto code = static_cast<unsigned char>(c);
            const std::array<char, 6> escape{
                '\\', 'u', '0', '0', digits[code >> 4], digits[code & 15]};
            to.append({escape.data(), escape.size()});
        } else {
            to.append({&c, 1});
        }
    }
    to.append("\"");
}

} // namespace

http::body_buffer write_request(const sync::fetch_request& what) {
    http::body_buffer out;
    out.append(R"({"APIKey":)");
    append_escaped(out, what.key->reveal());
    if (what.page) {
        out.append(R"(,"Action":"GetAllEmployeeDetailPaginated","IncludeLeavers":"true","Limit":)");
        out.append(std::to_string(what.page->rows_max));
        out.append(R"(,"Offset":)");
        out.append(std::to_string(what.page->offset));
        out.append("}");
    } else if (what.employee_id.empty()) {
        // With leavers: only then does absence mean deletion, and status 3 tell who left (G-3).
        out.append(R"(,"Action":"GetAllEmployeeDetail","IncludeLeavers":"true"})");
    } else {
        out.append(R"(,"Action":"GetEmployeeDetailById","EmployeeId":)");
        append_escaped(out, what.employee_id);
        out.append("}");
    }
    return out;
}

} // namespace rollcall::peoplehr
