#include "io/hub/hub_address.hpp"

#include "io/hub/url.hpp"

namespace stac::io {

std::string page_url(const std::string& endpoint, const HubAddress& address) {
  return endpoint + (address.kind == RepositoryKind::dataset ? "/datasets/" : "/") + address.repository;
}

std::string listing_url(const std::string& endpoint, const HubAddress& address) {
  return endpoint + "/api/models/" + address.repository + "/revision/" + percent_encoded(address.revision);
}

std::string file_url(const std::string& endpoint, const HubAddress& address, const std::string& file) {
  return page_url(endpoint, address) + "/resolve/" + percent_encoded(address.revision) + "/" +
         percent_encoded_path(file);
}

}  // namespace stac::io
