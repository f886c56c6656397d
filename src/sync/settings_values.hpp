// What the texts of settings may be, and the grammars of those that are more than one value. Inside
// the layer only.
//
// Each reader answers an empty text if the value is good, and what is wrong with it otherwise.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {

[[nodiscard]] std::string check_url(std::string_view url);
[[nodiscard]] std::string check_zone(std::string_view zone);

// "people=3 percent=10 max=500 week_percent=20", in any order, or "off". What is left out has the
// meaning of guard_limit's own initialisers, but that `people` needs `percent`: beside the 100
// percent that it would have, it would never hold anything.
[[nodiscard]] std::string read_limit(std::string_view text, guard_limit& into);
// The normal form: `percent` always, the others where they differ from guard_limit{}.
[[nodiscard]] std::string limit_text(const guard_limit& limit);

// "PW1, ceo@example.com": trimmed, normalised (G-12), sorted, each once (G-13).
[[nodiscard]] std::string read_people(std::string_view text, std::vector<std::string>& into);
[[nodiscard]] std::string people_text(const std::vector<std::string>& people);

// "cost_centre=APIColumn1, grade=AnalysisCode1": sorted by attribute. A key is found whatever its
// case, and kept as PeopleHR writes it.
[[nodiscard]] std::string read_extra_fields(std::string_view text, std::vector<extra_field>& into);
[[nodiscard]] std::string extra_fields_text(const std::vector<extra_field>& fields);

} // namespace rollcall::sync
