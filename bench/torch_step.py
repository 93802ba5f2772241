"""The RLVR step of case step-* in PyTorch, on an NVIDIA GPU: eager, and torch.compile inside CUDA graphs.

    python bench/torch_step.py [--rounds 7] [--name NAME]    writes bench/results/NAME-torch.json

`npm run bench -- --node --only step-11k,step-105k,step-0.8m --name NAME` measures our side on the same machine. A step
is generation with cached keys and values, sampled by Gumbel noise; one readback of tokens and log-probabilities; made-up
advantages in place of a verifier; one update with the PPO clip, global-norm clipping and AdamW. f32 without TF32.
"""

import argparse
import json
import math
import statistics
import time
from datetime import datetime, timezone
from pathlib import Path

import torch
import torch.nn.functional as F

# (layers, width, heads, inner, vocabulary), (rollouts, prompt, length); bench/cases/cases.ts has the same.
STEPS = {
    "step-11k": ((1, 32, 2, 64, 16), (64, 8, 24)),
    "step-105k": ((2, 64, 4, 176, 32), (64, 8, 24)),
    "step-0.8m": ((4, 128, 4, 344, 32), (256, 16, 64)),
}
SAMPLE_SECONDS = 0.25


class Policy(torch.nn.Module):
    """Llama: RMSNorm, RoPE in halves, SwiGLU, untied head."""

    def __init__(self, layers, width, heads, inner, vocabulary, length):
        super().__init__()
        self.heads, self.head_width = heads, width // heads
        weight = lambda rows, columns: torch.nn.Parameter(torch.randn(rows, columns) / math.sqrt(columns))
        self.embedding = torch.nn.Parameter(torch.randn(vocabulary, width) * 0.05)
        self.head = weight(vocabulary, width)
        self.norms = torch.nn.ParameterList(torch.nn.Parameter(torch.ones(width)) for _ in range(2 * layers + 1))
        self.qkv = torch.nn.ParameterList(weight(3 * width, width) for _ in range(layers))
        self.o = torch.nn.ParameterList(weight(width, width) for _ in range(layers))
        self.gate_up = torch.nn.ParameterList(weight(2 * inner, width) for _ in range(layers))
        self.down = torch.nn.ParameterList(weight(width, inner) for _ in range(layers))
        half = self.head_width // 2
        angle = torch.arange(length)[:, None].double() * 10_000.0 ** (-torch.arange(half).double() / half)
        self.register_buffer("cosine", angle.cos().float())
        self.register_buffer("sine", angle.sin().float())

    def forward(self, tokens, caches=None, at=None):
        """Logits of tokens (rows, positions). With caches (2, rows, heads, length, width): of the one position `at` (1)."""
        rows, positions = tokens.shape
        place = slice(positions) if at is None else at
        mask = None if at is None else (torch.arange(len(self.cosine), device=tokens.device) <= at)[None]

        def rotate(x):
            a, b = x.chunk(2, -1)
            cosine, sine = self.cosine[place], self.sine[place]
            return torch.cat([a * cosine - b * sine, b * cosine + a * sine], -1)

        norm = lambda x, i: F.rms_norm(x, x.shape[-1:], self.norms[i], 1e-5)
        x = self.embedding[tokens]
        for layer in range(len(self.o)):
            qkv = F.linear(norm(x, 2 * layer), self.qkv[layer]).view(rows, positions, 3, self.heads, self.head_width)
            q, k, v = qkv.permute(2, 0, 3, 1, 4)
            q, k = rotate(q), rotate(k)
            if caches is not None:
                k, v = caches[layer].index_copy_(3, at, torch.stack([k, v]))
            attended = F.scaled_dot_product_attention(q, k, v, mask, is_causal=mask is None)
            x = x + F.linear(attended.transpose(1, 2).reshape(x.shape), self.o[layer])
            gate, up = F.linear(norm(x, 2 * layer + 1), self.gate_up[layer]).chunk(2, -1)
            x = x + F.linear(F.silu(gate) * up, self.down[layer])
        return F.linear(norm(x, 2 * len(self.o)), self.head)


class Step:
    """One way to take steps; with `graphs`, generation and update are a CUDA graph each."""

    def __init__(self, size, shape, graphs):
        layers, width, heads, _, vocabulary = size
        self.rows, self.prompt, self.length = shape
        torch.manual_seed(0)
        self.policy = Policy(*size, self.length).cuda()
        self.optimiser = torch.optim.AdamW(
            self.policy.parameters(), lr=1e-4, betas=(0.9, 0.95), eps=1e-8, weight_decay=0, fused=True, capturable=True
        )
        zeros = lambda *sizes, **kind: torch.zeros(*sizes, device="cuda", **kind)
        self.caches = [zeros(2, self.rows, heads, self.length, width // heads) for _ in range(layers)]
        self.tokens = torch.randint(vocabulary, (self.rows, self.length), device="cuda")
        self.logprobs = zeros(self.rows, self.length)
        self.advantages = torch.rand(self.rows, self.length, device="cuda") * 2 - 1
        self.loss = zeros(())
        self.forward = torch.compile(self.policy, dynamic=False) if graphs else self.policy
        self.places = torch.arange(self.length, device="cuda").split(1)
        self.generate, self.update = self._generate, self._update
        if graphs:
            self.generate, self.update = captured(self._generate), captured(self._update)

    @torch.no_grad()
    def _generate(self):
        for at in range(self.length - 1):
            logits = self.forward(self.tokens[:, at : at + 1], self.caches, self.places[at])[:, 0]
            if at + 1 < self.prompt:
                continue
            noise = -torch.log(-torch.log(torch.rand_like(logits).clamp_min(1e-10)))
            chosen = (logits + noise).argmax(-1)
            self.tokens[:, at + 1] = chosen
            self.logprobs[:, at + 1] = logits.log_softmax(-1).gather(-1, chosen[:, None])[:, 0]

    def _update(self):
        logits = self.forward(self.tokens[:, :-1]).log_softmax(-1)
        logprob = logits.gather(-1, self.tokens[:, 1:, None])[..., 0][:, self.prompt - 1 :]
        advantage = self.advantages[:, self.prompt :]
        ratio = (logprob - self.logprobs[:, self.prompt :]).exp()
        loss = -torch.minimum(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.policy.parameters(), 1.0, foreach=True)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=False)
        self.loss.copy_(loss.detach())

    def run(self, times):
        for _ in range(times):
            self.generate()
            self.tokens.cpu(), self.logprobs.cpu()
            self.update()
        torch.cuda.synchronize()


def captured(work):
    """`work` as one CUDA graph, after runs that compile and allocate what it needs."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


def timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--name", default="torch")
    options = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = False
    results = {}
    for name, (size, shape) in STEPS.items():
        ways = {"eager": Step(size, shape, graphs=False), "compiled, graphs": Step(size, shape, graphs=True)}
        samples = {way: [] for way in ways}
        for step in ways.values():
            step.run(3)
        for turn in range(options.rounds):
            for way in list(ways) if turn % 2 == 0 else list(ways)[::-1]:
                repeats = max(1, round(SAMPLE_SECONDS / timed(lambda: ways[way].run(1))))
                samples[way].append(timed(lambda: ways[way].run(repeats)) / repeats * 1000)
        losses = {way: step.loss.item() for way, step in ways.items()}
        if not all(math.isfinite(loss) for loss in losses.values()):
            raise SystemExit(f"{name}: losses are not finite: {losses}")
        results[name] = {
            "made": datetime.now(timezone.utc).isoformat(),
            "rounds": options.rounds,
            "parameters": sum(p.numel() for p in ways["eager"].policy.parameters()),
            "contestants": [
                {"name": way, "samples_ms": times, "median_ms": statistics.median(times)}
                for way, times in samples.items()
            ],
        }
        print(name, {way: f"{statistics.median(times):.3f} ms" for way, times in samples.items()}, flush=True)
    machine = {"place": f"PyTorch {torch.__version__}", "device": torch.cuda.get_device_name()}
    file = Path(__file__).parent / "results" / f"{options.name}-torch.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
