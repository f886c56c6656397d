// Why no connection leaves from an egress address: what connector::connect says where the fault is
// this machine's and neither the host nor anybody behind it was asked. A category of its own beside
// errc, because only whoever chose the address can do something about it.
#pragma once
#include <optional>
#include <string>
#include <type_traits>

#include "rollcall/core/error.hpp"
#include "rollcall/http/stream.hpp"

namespace rollcall::http {

enum class egress_fault {
    cannot_bind = 1, // it is no address of this machine
    wrong_family,    // the host has no address of its family
    cannot_leave,    // this machine sends nothing from it to the host
};

[[nodiscard]] const boost::system::error_category& egress_category() noexcept;

[[nodiscard]] inline boost::system::error_code make_error_code(egress_fault fault) noexcept {
    return {static_cast<int>(fault), egress_category()};
}

// Nothing for an error of any other kind.
[[nodiscard]] std::optional<egress_fault> egress_fault_of(
    const boost::system::error_code& code) noexcept;

// For the operator: which address, what is wrong with it, and what to do.
[[nodiscard]] std::string explain(egress_fault fault, const endpoint& to);

} // namespace rollcall::http

template <>
struct boost::system::is_error_code_enum<rollcall::http::egress_fault> : std::true_type {};
