// What an answer means: pure functions from what arrived to an errc (rule G-1; sections 2.2, 3 and
// 9 of the wire facts). Nearly every failure of PeopleHR comes as HTTP 200, and the worst of them,
// a throttle, looks like an empty success, so the order of the questions is part of the rule.
//
// The details are sentences for the operator. They never quote the body: it may hold employee data.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rollcall/core/error.hpp"
#include "rollcall/peoplehr/decode.hpp"

namespace rollcall::peoplehr {

struct verdict {
    errc code = errc::bug;
    std::string detail;                         // empty for ok
    std::optional<std::uint32_t> learned_limit; // calls a minute, from the text of a throttle
    bool pages_refused = false; // of a page: there is no such action, or not for this key
};

// The first questions: HTTP status, content type, and whether there is JSON at all. Nothing: decode
// the body and ask the next function.
[[nodiscard]] std::optional<verdict> classify_http(unsigned status, std::string_view content_type,
                                                   std::string_view body);

// The other questions, of an answer that came with HTTP 200. errc::ok only for a complete answer
// with Status 0, not isError, no throttle text, a Result of the type that the question has, and an
// EmployeeId in every row. Status 10, "no record found", is ok without rows for everybody and
// not_found for one employee.
//
// A page has to say how many rows there are in all; whether its own go together with those of other
// pages is asked elsewhere. "Access Denied." and "Invalid Action." of a page may be about its
// action alone, which has a grant of its own.
//
// "A query is already running" is upstream_failed, in both of its renderings, though section 3
// lists it with the throttles: it names no limit and concerns one tenant, and throttled would pause
// the egress address for all of them (B-2).
[[nodiscard]] verdict classify(const answer& read, question asked);

// Whether the text speaks of the call limit: "API calls will be limited to a N per minute". What is
// "limited to" something else, without a word for calls or minutes, is none.
[[nodiscard]] bool is_throttle_text(std::string_view text) noexcept;
// N of such a text, if it is a number of calls a minute that a limit can be: whole, without a sign,
// with or without separated thousands, and of no other span of time.
[[nodiscard]] std::optional<std::uint32_t> limit_in(std::string_view text) noexcept;

} // namespace rollcall::peoplehr
