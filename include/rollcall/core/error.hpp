// The errors of the program: one enum, and for each value what a caller should do about it.
// Expected failures are values (result<T>); exceptions are for start-up configuration, cancellation
// and bugs. Adapters map foreign error codes to errc at their boundary.
#pragma once
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <type_traits>

namespace rollcall {

enum class errc {
    ok = 0,

    // The way to PeopleHR (rules G-1, B-2, B-6).
    deadline_exceeded,  // the peer did not answer in time
    connection_failed,  // refused, reset, unreachable, or the name does not resolve
    tls_failed,         // handshake failed, or the certificate is not for this host
    bad_response,       // not what the API answers: HTML, cut JSON, wrong types, an empty body
    response_too_large, // longer than the configured body limit
    throttled,          // the API's call limit, in any of its renderings
    key_refused,        // the API key is unknown, malformed or deleted
    permission_missing, // the key lacks the grant for this action
    account_closed,     // the customer's PeopleHR account is suspended or expired
    request_rejected,   // PeopleHR says our request is wrong: our bug
    upstream_failed,    // a failure on PeopleHR's side that may pass
    not_found,          // nothing of that name or id
    wrong_address,      // HTTP 404 or a refusal by a web firewall: the base URL is wrong

    // Our own side.
    storage_failed,   // an I/O error of the database: nothing may be acknowledged any more
    storage_full,     // no space: reads go on, new work is refused
    newer_schema,     // the database was written by a newer version
    corrupt,          // a stored row does not match its checksum
    locked,           // another daemon uses the data directory
    invalid_argument, // what the caller gave is not valid
    already_exists,   // a tenant of that name exists
    busy,             // a queue or pool is at its limit
    held,             // the snapshot gate or a breaker holds the change (rules G-2, G-5)
    shutting_down,    // the daemon drains
    bug,              // a state that the program promised itself not to reach
};

// What code that may retry should do; it looks at nothing else.
enum class disposition {
    none,            // no error
    retry_soon,      // transient: back off, then try again (B-6)
    wait_for_budget, // the call limit: pause the bucket (B-2)
    give_up,         // will not pass by itself: a person has to act
    hold,            // wait for a second read or an approval
    bug,             // ours: count it, say it, do not repeat it
};

[[nodiscard]] disposition disposition_of(errc code) noexcept;

// The name as it stands in logs, metrics and the JSON of the control socket: "key_refused".
[[nodiscard]] const char* name_of(errc code) noexcept;

[[nodiscard]] const boost::system::error_category& error_category() noexcept;

[[nodiscard]] inline boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

template <class T>
using result = boost::system::result<T>;

// The errc of a code of our category; errc::bug for a foreign one, which no boundary should let
// through.
[[nodiscard]] errc errc_of(const boost::system::error_code& code) noexcept;

// An error with the sentence that a person needs: what was wrong, where, and what to do.
struct failure {
    errc code = errc::bug;
    std::string detail; // never holds employee data or a secret
};

// A value, or a failure in words: what the edges and start-up work with.
template <class T>
using outcome = boost::system::result<T, failure>;

// What outcome<T>::value() throws where nobody looked first.
[[noreturn]] void throw_exception_from_error(const failure& what,
                                             const boost::source_location& where);

} // namespace rollcall

template <>
struct boost::system::is_error_code_enum<rollcall::errc> : std::true_type {};
