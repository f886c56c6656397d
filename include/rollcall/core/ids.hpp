// Names that people type: which are allowed for a tenant, and which one a wrong word was meant to
// be.
#pragma once
#include <span>
#include <string_view>

namespace rollcall {

// [a-z0-9][a-z0-9._-]{0,62}: fits a file name, a URL path and a metric label as it is.
[[nodiscard]] bool valid_tenant_name(std::string_view name) noexcept;

// The known name that is nearest to `word`, for "did you mean"; empty if none is near. Near is an
// edit distance (with neighbours exchanged as one edit, letters' case ignored) of at most a third
// of the word, and at least one. The first of equals.
[[nodiscard]] std::string_view nearest_name(std::string_view word,
                                            std::span<const std::string_view> known);

} // namespace rollcall
