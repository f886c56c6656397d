#include "rollcall/core/error.hpp"

#include <array>
#include <boost/system/system_error.hpp>
#include <cstddef>

#include "rollcall/core/check.hpp"

namespace rollcall {
namespace {

struct row {
    errc code;
    const char* name;
    const char* text;
    disposition what_next;
};

constexpr std::array table{
    row{errc::ok, "ok", "no error", disposition::none},
    row{errc::deadline_exceeded, "deadline_exceeded", "the peer did not answer in time",
        disposition::retry_soon},
    row{errc::connection_failed, "connection_failed",
        "the connection could not be made or was lost", disposition::retry_soon},
    row{errc::tls_failed, "tls_failed", "the TLS connection was refused by one side",
        disposition::retry_soon},
    row{errc::bad_response, "bad_response", "the answer is not what the API answers",
        disposition::retry_soon},
    row{errc::response_too_large, "response_too_large", "the answer is longer than the limit",
        disposition::give_up},
    row{errc::throttled, "throttled", "the API's call limit was reached",
        disposition::wait_for_budget},
    row{errc::key_refused, "key_refused", "the API key was refused", disposition::give_up},
    row{errc::permission_missing, "permission_missing",
        "the API key lacks the permission for this action", disposition::give_up},
    row{errc::account_closed, "account_closed", "the PeopleHR account is suspended or expired",
        disposition::give_up},
    row{errc::request_rejected, "request_rejected", "PeopleHR rejected our request as wrong",
        disposition::bug},
    row{errc::upstream_failed, "upstream_failed", "PeopleHR failed on its side",
        disposition::retry_soon},
    row{errc::not_found, "not_found", "there is nothing of that name", disposition::give_up},
    row{errc::wrong_address, "wrong_address", "the address does not lead to the PeopleHR API",
        disposition::retry_soon},
    row{errc::storage_failed, "storage_failed", "the database reported an I/O error",
        disposition::give_up},
    row{errc::storage_full, "storage_full", "the disk is full", disposition::retry_soon},
    row{errc::newer_schema, "newer_schema", "the database was written by a newer version",
        disposition::give_up},
    row{errc::corrupt, "corrupt", "a stored row does not match its checksum", disposition::give_up},
    row{errc::locked, "locked", "another daemon uses the data directory", disposition::give_up},
    row{errc::invalid_argument, "invalid_argument", "the value is not valid", disposition::give_up},
    row{errc::already_exists, "already_exists", "it exists already", disposition::give_up},
    row{errc::busy, "busy", "a limit of work in progress is reached", disposition::retry_soon},
    row{errc::held, "held", "the change is held", disposition::hold},
    row{errc::shutting_down, "shutting_down", "the daemon is shutting down",
        disposition::retry_soon},
    row{errc::bug, "bug", "a state that must not happen", disposition::bug},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].code) != i) return false;
    }
    return true;
}
static_assert(in_order(), "the table is indexed by the value of the errc");

const row& row_of(errc code) noexcept {
    const auto index = static_cast<std::size_t>(code);
    return index < table.size() ? table[index] : table.back();
}

class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "rollcall"; }
    std::string message(int value) const override { return row_of(static_cast<errc>(value)).text; }
};

} // namespace

disposition disposition_of(errc code) noexcept {
    return row_of(code).what_next;
}
const char* name_of(errc code) noexcept {
    return row_of(code).name;
}

const boost::system::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

void throw_exception_from_error(const failure& what, const boost::source_location&) {
    throw boost::system::system_error(make_error_code(what.code), what.detail);
}

errc errc_of(const boost::system::error_code& code) noexcept {
    if (!code.failed()) return errc::ok;
    return code.category() == error_category() ? static_cast<errc>(code.value()) : errc::bug;
}

} // namespace rollcall
