// The parts of a measurement; each sets its figures. `seconds` is what each may take of the wall.
#pragma once
#include <string>

#include "rollcall/capacity/machine.hpp"

namespace rollcall::measure {

void measure_reading(capacity::machine& into, double seconds);
void measure_calls(capacity::machine& into, double seconds);
void measure_tls(capacity::machine& into, double seconds);
void measure_memory(capacity::machine& into, bool quick);
// In `folder`, which is there and empty.
[[nodiscard]] outcome<void> measure_store(capacity::machine& into, const std::string& folder,
                                          double seconds, bool quick);

} // namespace rollcall::measure
