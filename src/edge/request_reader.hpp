// Strict reading of what a client sent: bodies and query parameters.
//
// A reader takes the members that a route knows, one by one, and notes everything that is wrong, so
// that one answer names every fault. What nobody took is unknown, and a fault as well.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "rollcall/core/error.hpp"
#include "rollcall/http/server.hpp"

namespace rollcall::edge {

struct fault {
    std::string path; // "tenants[3].settings.company"
    std::string what;
};
using faults = std::vector<fault>;

// The 400 problem of a request with faults: all of them in `detail`, and one by one in `errors`.
[[nodiscard]] http::response faults_problem(const faults& all);

// The body as an object, which lives in memory that is wiped when it is freed; `body` itself is
// wiped before the call returns. An empty body is an empty object. errc::invalid_argument says what
// is wrong and at which byte.
[[nodiscard]] outcome<boost::json::object> read_object(std::string& body);

enum class presence { optional, required };

// The members of one object. `path` is where it stands in the body ("" at the top).
class member_reader {
  public:
    member_reader(const boost::json::object& from, std::string path, faults& out)
        : object_(from), path_(std::move(path)), faults_(out) {}

    // Each gives nothing where the member is missing or wrong; a wrong or a missing required one is
    // a fault.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view name, presence p,
                                                       std::size_t bytes_max);
    [[nodiscard]] std::optional<bool> flag(std::string_view name);
    [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name, std::uint64_t min,
                                                      std::uint64_t max);
    [[nodiscard]] const boost::json::object* object(std::string_view name);
    [[nodiscard]] const boost::json::array* array(std::string_view name, presence p);
    // Call last: what was not taken is a fault, with the nearest known name.
    void refuse_others();

  private:
    [[nodiscard]] const boost::json::value* take(std::string_view name, presence p);
    void wrong_type(std::string_view name, std::string_view wanted,
                    const boost::json::value& found);
    [[nodiscard]] std::string path_of(std::string_view name) const;

    const boost::json::object& object_;
    std::string path_;
    faults& faults_;
    std::vector<std::string_view> known_;
};

// The query parameters of a request.
class query_reader {
  public:
    query_reader(const std::map<std::string, std::string>& from, faults& out)
        : query_(from), faults_(out) {}

    [[nodiscard]] std::optional<std::string_view> text(std::string_view name);
    [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t otherwise,
                                       std::uint64_t min, std::uint64_t max);
    void refuse_others();

  private:
    const std::map<std::string, std::string>& query_;
    faults& faults_;
    std::vector<std::string_view> known_;
};

} // namespace rollcall::edge
