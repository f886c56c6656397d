// The answer to "why is this person so, and why did that not happen", for people in HR and support.
#pragma once
#include <iosfwd>
#include <string>

#include <boost/json/object.hpp>

namespace rollcall::cli {

// `tenant` and `person` as they were asked for.
void print_explanation(const boost::json::object& answer, const std::string& tenant,
                       const std::string& person, std::ostream& out);

} // namespace rollcall::cli
