#include "io/hub/refusal.hpp"

#include "io/hub/url.hpp"
#include "io/printable.hpp"
#include "stac/error.hpp"

namespace stac::io {
namespace {

/// One refused request.
struct Refused {
  const HubAccess& access;
  const HubAddress& address;
  const std::string& file;
  const HttpHead& head;

  [[nodiscard]] std::string name() const { return in_quotes(address.repository); }
  [[nodiscard]] std::string kind() const { return address.kind == RepositoryKind::model ? "model" : "data set"; }
  [[nodiscard]] std::string page() const { return page_url(access.endpoint, address); }
  [[nodiscard]] bool has_token() const { return !access.token.empty(); }
  [[nodiscard]] std::string code() const { return head.header("x-error-code"); }
  [[nodiscard]] std::string message() const { return head.header("x-error-message"); }
};

[[noreturn]] void refuse_gated(const Refused& refused) {
  if (refused.has_token()) {
    throw Error(refused.name() + " is gated, and the token of " + refused.access.token_source + " may not read it",
                "accept its terms at " + refused.page() +
                    " with the account that the token belongs to; a fine-grained token also needs the right to read "
                    "gated repositories");
  }
  throw Error(
      refused.name() + " is gated: its owner wants its terms accepted first",
      "accept them at " + refused.page() + " and show a token of your account: HF_TOKEN=hf_..., or `hf auth login`");
}

[[noreturn]] void refuse_token(const Refused& refused) {
  throw Error(
      host_of(refused.access.endpoint) + " does not accept the token of " + refused.access.token_source,
      "make a new one at " + refused.access.endpoint + "/settings/tokens; or take it away: public models need none");
}

[[noreturn]] void refuse_repository(const Refused& refused) {
  const std::string token =
      refused.has_token() ? "give HF_TOKEN a token that may read it (now: that of " + refused.access.token_source + ")"
                          : "give a token that may read it: HF_TOKEN=hf_..., or `hf auth login`";
  throw Error(
      host_of(refused.access.endpoint) + " has no " + refused.kind() + " " + refused.name() + ", or it is private",
      "check its name at " + refused.access.endpoint + "; if it is private, " + token);
}

[[noreturn]] void refuse_revision(const Refused& refused) {
  throw Error(
      refused.name() + " has no revision " + in_quotes(refused.address.revision),
      "its branches, tags and commits: " + refused.page() + "/commits/main (a commit is named by its 40 digits)");
}

[[noreturn]] void refuse_file(const Refused& refused) {
  throw Error(refused.name() + " has no file " + in_quotes(refused.file) + " at revision " +
                  in_quotes(refused.address.revision),
              "its files: " + refused.page() + "/tree/" + percent_encoded_path(refused.address.revision));
}

[[noreturn]] void refuse_otherwise(const Refused& refused) {
  const std::string said = refused.message().empty() ? "" : " (" + printable(refused.message()) + ")";
  const std::string what = refused.file.empty() ? "" : ", file " + in_quotes(refused.file);
  throw Error(host_of(refused.access.endpoint) + " answers " + std::to_string(refused.head.status) + said + " to " +
                  refused.name() + what,
              refused.head.status == 403 ? "check what the token may read; or the hub has disabled the repository"
                                         : "check HF_ENDPOINT and the proxy settings, if there are any");
}

}  // namespace

void refuse(const HubAccess& access, const HubAddress& address, const std::string& file, const HttpHead& head) {
  const Refused refused{access, address, file, head};
  const std::string code = refused.code();
  if (code == "GatedRepo") refuse_gated(refused);
  if (code == "RevisionNotFound") refuse_revision(refused);
  if (code == "EntryNotFound") refuse_file(refused);
  if (code == "RepoNotFound") refuse_repository(refused);
  if (head.status == 401) {
    if (refused.has_token()) refuse_token(refused);
    refuse_repository(refused);
  }
  refuse_otherwise(refused);
}

void refuse_hopeless(const HubAccess& access, const ConnectionError& error) {
  const std::string what = access.endpoint + " cannot be read: " + error.what();
  if (error.kind() == ConnectionFailure::untrusted) {
    throw Error(what,
                "install the package ca-certificates, or name your organisation's certificates: SSL_CERT_FILE=FILE");
  }
  if (error.kind() == ConnectionFailure::refused) throw Error(what, "check HF_ENDPOINT");
}

std::string host_of(const std::string& endpoint) {
  const std::string origin = url_origin(endpoint);
  const std::string host = origin.substr(origin.find("//") + 2);
  return endpoint.find(host) == std::string::npos ? host.substr(0, host.rfind(':')) : host;
}

}  // namespace stac::io
