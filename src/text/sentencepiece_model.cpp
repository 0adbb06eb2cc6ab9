#include "text/sentencepiece_model.hpp"

#include <dlfcn.h>

#include "stac/error.hpp"
#include "stac/io/data_paths.hpp"

namespace stac::text {

namespace {

namespace fs = std::filesystem;

constexpr const char* kModule = "stac_sentencepiece.so";

// The address sanitizer does not allow a scope of its own: sanitized programs that also hold LibTorch cannot load
// sentencepiece.
#ifdef __SANITIZE_ADDRESS__
constexpr int kOwnScope = RTLD_NOW | RTLD_LOCAL;
#else
constexpr int kOwnScope = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

// Beside the tools (<prefix>/bin -> <prefix>/lib/stac), or beside the data that STAC_DATA names (<prefix>/share/stac).
fs::path find_module() {
  std::string looked;
  std::vector<fs::path> prefixes{io::executable_folder().parent_path()};
  for (const fs::path& data : io::data_folders()) prefixes.push_back(data.parent_path().parent_path());
  for (const fs::path& prefix : prefixes) {
    const fs::path module = prefix / "lib" / "stac" / kModule;
    std::error_code ignored;
    if (fs::exists(module, ignored)) return module;
    looked += (looked.empty() ? "" : ", ") + module.string();
  }
  throw Error(std::string(kModule) + ": not found; looked at " + looked, "build or install STAC again");
}

SentencePieceEntry load_entry() {
  const fs::path module = find_module();
  void* const handle = ::dlopen(module.c_str(), kOwnScope);
  void* const entry = handle ? ::dlsym(handle, kSentencePieceEntry) : nullptr;
  if (!entry) throw Error(module.string() + ": cannot be loaded: " + ::dlerror(), "build or install STAC again");
  return reinterpret_cast<SentencePieceEntry>(entry);
}

}  // namespace

std::unique_ptr<SentencePieceModel> open_sentencepiece_model(const std::string& serialized) {
  static const SentencePieceEntry entry = load_entry();  // code, never unloaded
  std::string error;
  std::unique_ptr<SentencePieceModel> model(entry(&serialized, &error));
  if (!model) throw Error("not a sentencepiece model: " + error, "the file looks damaged: download it again");
  return model;
}

}  // namespace stac::text
