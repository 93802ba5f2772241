"""Expected values of Hugging Face transformers for policies exported as folders: a fixture that our tests compare with.

    npm run -s rlvr -- export maze-small --to hf --out DIR/maze-small    (and chain-sum, countdown)
    python tools/hf_logits.py DIR tests/fixtures/hf/logits.json

Needs torch, transformers and safetensors. For each folder in DIR: its text files' digests (so that a test notices when
the export has changed since), what AutoTokenizer makes of a few prompts, and the logits of AutoModelForCausalLM in f32.
"""

import argparse
import hashlib
import json
from pathlib import Path

import torch
import transformers

PROMPTS = {
    "maze-small": ["a1d4b2c3d1>", "d4a1c1c2b3>c4c4⏎"],
    "chain-sum": ["1234=", "9087=L974⏎"],
    "countdown": ["125934=", "072186=2+1⏎"],
}
TEXT_FILES = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")


def expected(folder: Path, prompts: list[str]) -> dict[str, object]:
    """What transformers makes of one folder."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    found = []
    for text in prompts:
        ids: list[int] = tokenizer(text)["input_ids"]
        if tokenizer.decode(ids) != text:
            raise SystemExit(f"{folder}: {text!r} comes back as {tokenizer.decode(ids)!r}")
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0]
        rows = [[float(f"{value:.7g}") for value in row] for row in logits.tolist()]
        found.append({"text": text, "ids": ids, "logits": rows})
    return {
        "digests": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TEXT_FILES
        },
        "eos": model.generation_config.eos_token_id,
        "eos_text": tokenizer.eos_token,
        "parameters": model.num_parameters(),
        "prompts": found,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, help="a folder of exported policies, each named by its task")
    parser.add_argument("out", type=Path, help="the fixture to write")
    arguments = parser.parse_args()
    policies = {
        name: expected(arguments.folders / name, prompts)
        for name, prompts in PROMPTS.items()
    }
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    arguments.out.write_text(
        json.dumps({"versions": versions, "policies": policies}, ensure_ascii=False) + "\n"
    )


if __name__ == "__main__":
    main()
