// What the hub's refusals mean, and what to do about each.
#pragma once
#include <string>

#include "io/hub/http.hpp"
#include "io/hub/hub_address.hpp"
#include "stac/io/hub_access.hpp"

namespace stac::io {

/// @param file  that was asked for; empty: the repository itself
/// @throws stac::Error always
[[noreturn]] void refuse(const HubAccess& access, const HubAddress& address, const std::string& file,
                         const HttpHead& head);

/// What waiting cannot help: a certificate, an address that cannot be asked. Other failures: nothing happens.
/// @throws stac::Error
void refuse_hopeless(const HubAccess& access, const ConnectionError& error);

/// The name of the endpoint's machine, for messages.
[[nodiscard]] std::string host_of(const std::string& endpoint);

}  // namespace stac::io
