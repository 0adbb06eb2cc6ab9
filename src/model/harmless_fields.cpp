#include "model/harmless_fields.hpp"

#include <algorithm>
#include <array>

namespace stac::model {
namespace {

constexpr std::array kHarmless = std::to_array<std::string_view>({
    // Training and numerics
    "attention_dropout",
    "hidden_dropout",
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "resid_pdrop",
    "embd_pdrop",
    "dropout",
    "initializer_range",
    "gradient_checkpointing",
    "pretraining_tp",
    "torch_dtype",
    "dtype",
    "use_bfloat16",
    "torchscript",
    "use_cache",
    "chunk_size_feed_forward",
    // Bookkeeping
    "model_type",
    "architectures",
    "transformers_version",
    "transformers.js_config",
    "name_or_path",
    "tokenizer_class",
    "is_llama_config",
    "model_max_length",
    "max_sequence_length",
    "seq_length",
    "tokenizer_model_max_length",
    "tokenizer_padding_side",
    // Tokens and generation; generation_config.json is what counts
    "pad_token_id",
    "sep_token_id",
    "decoder_start_token_id",
    "prefix",
    "max_length",
    "min_length",
    "max_new_tokens",
    "do_sample",
    "early_stopping",
    "num_beams",
    "num_beam_groups",
    "diversity_penalty",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "repetition_penalty",
    "length_penalty",
    "no_repeat_ngram_size",
    "encoder_no_repeat_ngram_size",
    "bad_words_ids",
    "num_return_sequences",
    "output_scores",
    "return_dict_in_generate",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "remove_invalid_values",
    "exponential_decay_length_penalty",
    "suppress_tokens",
    "begin_suppress_tokens",
    // Other tasks and outputs
    "id2label",
    "label2id",
    "num_labels",
    "finetuning_task",
    "problem_type",
    "task_specific_params",
    "return_dict",
    "output_hidden_states",
    "output_attentions",
    "tf_legacy_loss",
    "is_decoder",
    "tie_encoder_decoder",
    // Only with windows: Qwen2 reads it
    "max_window_layers",
});

}  // namespace

bool is_harmless_field(std::string_view name) {
  if (name.starts_with('_') || name.starts_with("unsloth_")) return true;
  return std::ranges::find(kHarmless, name) != kHarmless.end();
}

}  // namespace stac::model
