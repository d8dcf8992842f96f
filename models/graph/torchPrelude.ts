/** Attention, products and AbsTopK in PyTorch, by hand: what emitted functions call. */

/** What every emitted file begins with; `attend` and `largest` are what a graphics card does otherwise. */
export const TORCH_PRELUDE = `import torch
import torch.nn.functional as F

try:  # One kernel for attention, where PyTorch has it (2.1 or later).
    F.scaled_dot_product_attention(*(torch.zeros(1, 1, 1, 8) for _ in range(3)), scale=1.0)
    FUSED = True
except (AttributeError, TypeError, RuntimeError):
    FUSED = False

ROWS_AT_ONCE = 32  # Heads of windows whose scores are held at one time, on a processor.


class Attention(torch.autograd.Function):
    """Values mixed by softmax(q · k + hidden), a few heads at a time: their scores stay in the cache.

    q [row, query, channel], k and v [row, key, channel], hidden [query, key]; a row is a head of a window.
    All in float32 whatever products are in elsewhere. The gradient of a slope is a sum over keys of
    place · (gradient of the score), in which what is common to all places cancels: with numbers of 16
    bits nothing was left of it in steep heads.
    """

    @staticmethod
    def forward(ctx, q, k, v, hidden):
        mixed, shares = v.new_empty(*q.shape[:2], v.shape[2]), []
        with torch.autocast(q.device.type, enabled=False):
            for at in range(0, len(q), ROWS_AT_ONCE):
                few = slice(at, at + ROWS_AT_ONCE)
                # Added in the product itself: a pass over the scores less.
                shares.append(torch.baddbmm(hidden, q[few], k[few].transpose(1, 2)).softmax(-1))
                mixed[few] = torch.bmm(shares[-1], v[few])
        ctx.save_for_backward(q, k, v, *shares)
        return mixed

    @staticmethod
    def backward(ctx, grad):
        q, k, v, *all_shares = ctx.saved_tensors
        dq, dk, dv = (torch.empty_like(x) for x in (q, k, v))
        for at, shares in zip(range(0, len(q), ROWS_AT_ONCE), all_shares):
            few = slice(at, at + ROWS_AT_ONCE)
            dv[few] = torch.bmm(shares.transpose(1, 2), grad[few])
            scores = torch.bmm(grad[few], v[few].transpose(1, 2))
            scores = torch._softmax_backward_data(scores, shares, -1, shares.dtype)
            dq[few] = torch.bmm(scores, k[few])
            dk[few] = torch.bmm(scores.transpose(1, 2), q[few])
        return dq, dk, dv, None


def attend(q, k, v, visible):
    """Values mixed by softmax(q · k) over the keys that are visible; q is scaled already."""
    if FUSED and q.is_cuda:
        width = v.shape[-1]
        widest = -(-max(q.shape[-1], width) // 8) * 8  # What the kernel asks for.
        q, k, v = [F.pad(x, (0, widest - x.shape[-1])) for x in (q, k, v)]
        return F.scaled_dot_product_attention(q, k, v, attn_mask=visible, scale=1.0)[..., :width]
    hidden = torch.zeros(visible.shape, device=q.device).masked_fill_(~visible, float("-inf"))
    rows = [x.flatten(0, 1).float() for x in (q, k, v)]
    return Attention.apply(*rows, hidden).view(*q.shape[:-1], -1)


def affine(x, weight, bias):
    """x · weight + bias, in one call on a processor; on a card the sum has more digits than the product."""
    return x @ weight + bias if x.is_cuda else F.linear(x, weight.t(), bias)


def largest(x, k):
    """True at the k largest magnitudes of the last axis, ties included."""
    magnitude = x.detach().abs()
    if not x.is_cuda:
        return magnitude >= magnitude.topk(k, -1, sorted=False).values.amin(-1, keepdim=True)
    return largest_by_bits(magnitude, k)


def largest_by_bits(magnitude, k):
    """The same of numbers of at least 0, which order as their bits do: the threshold is found bit by bit,
    in passes that a compiler makes one."""
    bits = magnitude.float().view(torch.int32)
    threshold = torch.zeros_like(bits[..., :1])
    for bit in range(30, -1, -1):
        trial = threshold + (1 << bit)
        enough = (bits >= trial).sum(-1, keepdim=True, dtype=torch.int32) >= k
        threshold = torch.where(enough, trial, threshold)
    return bits >= threshold
`;
