// The JSON of a request. It holds the API key, so it lives in a buffer that is overwritten at its
// end.
#pragma once
#include "rollcall/http/client.hpp"
#include "rollcall/sync/people_source.hpp"

namespace rollcall::peoplehr {

[[nodiscard]] http::body_buffer write_request(const sync::fetch_request& what);

} // namespace rollcall::peoplehr
