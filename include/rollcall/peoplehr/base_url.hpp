// The address of a tenant's API: its setting base_url, checked.
#pragma once
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "rollcall/core/error.hpp"
#include "rollcall/http/stream.hpp"

namespace rollcall::peoplehr {

struct api_address {
    http::endpoint to; // source_address is left empty
    std::string path;  // in front of the resource, without a slash at its end: "" or "/proxy"
};

// Takes "https://HOST[:PORT][/PATH]". "http://" is for loopback hosts only, because the API key is
// in every request. Otherwise invalid_argument with what is wrong.
[[nodiscard]] boost::system::result<api_address, failure> parse_base_url(std::string_view text);

} // namespace rollcall::peoplehr
