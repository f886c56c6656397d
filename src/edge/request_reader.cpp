#include "request_reader.hpp"

#include <algorithm>
#include <boost/json/stream_parser.hpp>
#include <charconv>

#include "rollcall/core/ids.hpp"
#include "rollcall/core/secret.hpp"

namespace rollcall::edge {
namespace {

namespace json = boost::json;

// Depth of the deepest request is 4 ("tenants[].settings.company"); the rest is room.
constexpr std::size_t depth_max = 16;

// Memory that is overwritten before it is given back: a request may hold an API key.
class wiping_resource final : public json::memory_resource {
    // Boost.JSON 1.81 frees a string with another alignment than it was allocated with, and none of
    // its types needs more than the default one, which is therefore what both get.
    void* do_allocate(std::size_t size, std::size_t) override { return ::operator new(size); }
    void do_deallocate(void* data, std::size_t size, std::size_t) override {
        wipe(data, size);
        ::operator delete(data);
    }
    bool do_is_equal(const json::memory_resource& other) const noexcept override {
        return this == &other;
    }
};

std::string_view kind_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null: return "null";
        case json::kind::bool_: return "a boolean";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_: return "a number";
        case json::kind::string: return "a string";
        case json::kind::array: return "an array";
        case json::kind::object: return "an object";
    }
    return "something else";
}

std::string unknown_text(std::string_view kind, std::string_view name,
                         const std::vector<std::string_view>& known) {
    std::string text = "is not a known " + std::string(kind);
    if (const auto near = nearest_name(name, known); !near.empty()) {
        return text + "; did you mean \"" + std::string(near) + "\"?";
    }
    if (known.empty()) return text + "; none is known here";
    text += "; known are ";
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (i != 0) text += ", ";
        text += known[i];
    }
    return text;
}

} // namespace

http::response faults_problem(const faults& all) {
    std::string detail;
    json::array list;
    for (const auto& one : all) {
        if (!detail.empty()) detail += "; ";
        detail += one.path.empty() ? one.what : one.path + ": " + one.what;
        list.push_back(json::object{{"path", one.path}, {"detail", one.what}});
    }
    return http::problem(400, name_of(errc::invalid_argument), "The request is not valid", detail,
                         {{"errors", std::move(list)}});
}

outcome<json::object> read_object(std::string& body) {
    if (body.find_first_not_of(" \t\r\n") == std::string::npos) return json::object{};
    const auto storage = json::make_shared_resource<wiping_resource>();
    json::parse_options options;
    options.max_depth = depth_max;
    json::stream_parser parser(storage, options);
    parser.reset(storage);
    boost::system::error_code error;
    const std::size_t read = parser.write(body, error);
    if (!error) parser.finish(error);
    wipe(body.data(), body.size());
    body.clear();
    if (error) {
        return failure{errc::invalid_argument, "The body is not JSON: " + error.message() +
                                                   " (at byte " + std::to_string(read) + ")"};
    }
    auto value = parser.release();
    if (!value.is_object()) {
        return failure{errc::invalid_argument,
                       "The body has to be a JSON object; it is " + std::string(kind_name(value))};
    }
    return std::move(value.as_object());
}

std::string member_reader::path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

const json::value* member_reader::take(std::string_view name, presence p) {
    known_.push_back(name);
    const auto* value = object_.if_contains(name);
    if (value == nullptr && p == presence::required) {
        faults_.push_back({path_of(name), "is missing"});
    }
    return value;
}

void member_reader::wrong_type(std::string_view name, std::string_view wanted,
                               const json::value& found) {
    faults_.push_back({path_of(name), "has to be " + std::string(wanted) + "; it is " +
                                          std::string(kind_name(found))});
}

std::optional<std::string_view> member_reader::text(std::string_view name, presence p,
                                                    std::size_t bytes_max) {
    const auto* value = take(name, p);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
        wrong_type(name, "a string", *value);
        return std::nullopt;
    }
    const std::string_view text = value->get_string();
    if (text.empty()) {
        faults_.push_back({path_of(name), "may not be empty"});
        return std::nullopt;
    }
    if (text.size() > bytes_max) {
        faults_.push_back(
            {path_of(name), "is longer than " + std::to_string(bytes_max) + " bytes"});
        return std::nullopt;
    }
    return text;
}

std::optional<bool> member_reader::flag(std::string_view name) {
    const auto* value = take(name, presence::optional);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) {
        wrong_type(name, "true or false", *value);
        return std::nullopt;
    }
    return value->get_bool();
}

std::optional<std::uint64_t> member_reader::number(std::string_view name, std::uint64_t min,
                                                   std::uint64_t max) {
    const auto* value = take(name, presence::optional);
    if (value == nullptr) return std::nullopt;
    boost::system::error_code error;
    const auto number =
        value->is_number() ? value->to_number<std::uint64_t>(error) : std::uint64_t{0};
    const auto wanted = "an integer from " + std::to_string(min) + " to " + std::to_string(max);
    if (!value->is_number()) {
        wrong_type(name, wanted, *value);
        return std::nullopt;
    }
    if (!error && number >= min && number <= max) return number;
    faults_.push_back({path_of(name), "has to be " + wanted});
    return std::nullopt;
}

const json::object* member_reader::object(std::string_view name) {
    const auto* value = take(name, presence::optional);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) wrong_type(name, "an object", *value);
    return value->if_object();
}

const json::array* member_reader::array(std::string_view name, presence p) {
    const auto* value = take(name, p);
    if (value == nullptr) return nullptr;
    if (!value->is_array()) wrong_type(name, "an array", *value);
    return value->if_array();
}

void member_reader::refuse_others() {
    for (const auto& [key, value] : object_) {
        const std::string_view name = key;
        if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
            faults_.push_back({path_of(name), unknown_text("member", name, known_)});
        }
    }
}

std::optional<std::string_view> query_reader::text(std::string_view name) {
    known_.push_back(name);
    const auto found = query_.find(std::string(name));
    if (found == query_.end()) return std::nullopt;
    if (found->second.empty()) {
        faults_.push_back({std::string(name), "may not be empty"});
        return std::nullopt;
    }
    return found->second;
}

std::uint64_t query_reader::number(std::string_view name, std::uint64_t otherwise,
                                   std::uint64_t min, std::uint64_t max) {
    const auto given = text(name);
    if (!given) return otherwise;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
    if (error != std::errc{} || end != given->data() + given->size() || value < min ||
        value > max) {
        faults_.push_back({std::string(name), "has to be a whole number from " +
                                                  std::to_string(min) + " to " +
                                                  std::to_string(max)});
        return otherwise;
    }
    return value;
}

void query_reader::refuse_others() {
    for (const auto& [name, value] : query_) {
        if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
            faults_.push_back({name, unknown_text("query parameter", name, known_)});
        }
    }
}

} // namespace rollcall::edge
