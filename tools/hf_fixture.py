"""A small Llama of a vocabulary of its own, as transformers saves it: the folder that tests of import read.

    python tools/hf_fixture.py tests/fixtures/hf/bpe

Needs torch, transformers and tokenizers. Random weights in bf16, in two files with an index; grouped-query attention and a
head of its own; a byte-level BPE tokenizer trained on a few sentences, with a begin token before every text. Beside them
expected.json: what the tokenizer makes of a few texts, and the logits of the model in f32.
"""

import argparse
import json
from pathlib import Path

import tokenizers
import torch
import transformers
from tokenizers import decoders, models, pre_tokenizers, processors, trainers

SENTENCES = [
    "the sum of the digits is the answer",
    "the answer of 12 + 34 is 46 and the rest is 7 - 5 = 2",
    "Left, Right, Direct: L R D",
] * 20
TEXTS = ["the answer is 7", "12+34=46", "naïve ⏎ text"]


def tokenizer() -> transformers.PreTrainedTokenizerFast:
    bpe = tokenizers.Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<|begin|>", "<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    bpe.train_from_iterator(SENTENCES, trainer)
    bpe.post_processor = processors.TemplateProcessing(
        single="<|begin|> $A", special_tokens=[("<|begin|>", bpe.token_to_id("<|begin|>"))]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<|begin|>", eos_token="<|end|>"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    torch.manual_seed(0)
    tokens = tokenizer()
    config = transformers.LlamaConfig(
        vocab_size=328,  # more than the tokenizer has, as models are padded
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=64,
        rope_theta=5000.0,
        rms_norm_eps=1e-6,
        tie_word_embeddings=False,
        bos_token_id=tokens.bos_token_id,
        eos_token_id=tokens.eos_token_id,
        initializer_range=0.3,
    )
    model = transformers.LlamaForCausalLM(config).to(torch.bfloat16)
    model.save_pretrained(folder, max_shard_size="20KB")
    tokens.save_pretrained(folder)
    exact = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    read = transformers.AutoTokenizer.from_pretrained(folder)
    expected = []
    for text in TEXTS:
        ids: list[int] = read(text)["input_ids"]
        with torch.no_grad():
            last = exact(torch.tensor([ids])).logits[0, -1]
        expected.append({"text": text, "ids": ids, "last_logits": [float(f"{z:.7g}") for z in last.tolist()]})
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    (folder / "expected.json").write_text(
        json.dumps({"versions": versions, "texts": expected}, ensure_ascii=False) + "\n"
    )


if __name__ == "__main__":
    main()
