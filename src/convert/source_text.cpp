#include "convert/source_text.hpp"

#include "stac/error.hpp"
#include "stac/text/chat_template.hpp"
#include "stac/text/tokenizer_config.hpp"

namespace stac::convert {

std::unique_ptr<const text::Tokenizer> load_fitting_tokenizer(const io::Checkpoint& checkpoint,
                                                              std::int64_t vocab_size) {
  std::unique_ptr<const text::Tokenizer> tokenizer = text::load_tokenizer(checkpoint.folder);
  if (tokenizer->vocab_size() <= vocab_size) return tokenizer;
  throw Error(checkpoint.folder.string() + ": the tokenizer has ids up to " +
                  std::to_string(tokenizer->vocab_size() - 1) + ", but config.json's vocab_size is " +
                  std::to_string(vocab_size),
              "the tokenizer and the model do not belong together: fetch the checkpoint again");
}

std::vector<std::string> text_warnings(const io::Checkpoint& checkpoint, std::int64_t vocab_size) {
  std::vector<std::string> warnings;
  if (text::has_tokenizer(checkpoint.folder)) {
    const auto tokenizer = load_fitting_tokenizer(checkpoint, vocab_size);
    for (const std::string& warning : tokenizer->warnings()) {
      warnings.push_back("tokenizer: " + warning);
    }
  } else {
    warnings.emplace_back("the checkpoint has no tokenizer, so the model can neither chat nor read a text");
  }
  const auto chat_template = text::find_chat_template(text::load_tokenizer_config(checkpoint.folder));
  if (chat_template && chat_template->problem()) {
    warnings.push_back("the chat template is broken, so the model cannot chat: " + *chat_template->problem());
  }
  return warnings;
}

}  // namespace stac::convert
