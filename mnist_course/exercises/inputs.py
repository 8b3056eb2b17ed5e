"Inputs to try an answer on, and ways to call it on copies of them, so that it is seen what it did to them"
import torch

from .calling import bind
from .trials import CheckFailed


# Inputs that are the same each time

def seeded(seed): return torch.Generator().manual_seed(seed)

def normal(*size, seed=0, spread=1.): return torch.randn(size, generator=seeded(seed))*spread

def labels(*size, k=2, seed=0): return torch.randint(0, k, size, generator=seeded(seed))

def mixed(n, seed=0, spread=2.):
    "Raw scores (n,1), none of them near 0, with mixed labels (n,1)"
    preds = normal(n, 1, seed=seed, spread=spread)
    return preds + preds.sign()*0.1,(normal(n, 1, seed=seed+1)>0).long()

def pixels(n, top=255, seed=0):
    "Images (n,28,28), uint8, with pixels from 0 to `top`"
    return torch.randint(0, top+1, (n,28,28), generator=seeded(seed)).byte()


# Calls

CUT_OFF = ("It carries no gradient: .item(), float(), .detach(), .data, no_grad, NumPy or a new tensor made of its "
    "numbers has cut it off. Compute with the tensors themselves, up to the end.")
NO_SLOPE = 'no gradient' # stands in the place of the slopes of a result that is cut off

def copied(v, needs_grad=False):
    "A tensor that may be changed in place, also where it needs a gradient; anything else as it is"
    return v.clone().requires_grad_(needs_grad).clone() if isinstance(v, torch.Tensor) else v

def untouched(
    f, # A learner's function
    needs_grad=(), # Roles of the tensors that gradients are asked for
    **roles, # What it is given, as for `bind`
): # What it returns, and the copies that it was given, by role
    "Call `f` on copies, and raise `CheckFailed` if it changes one of them"
    copies = {k: copied(v, k in needs_grad) for k,v in roles.items()}
    res = bind(f, **copies)()
    for k,v in roles.items():
        if not isinstance(v, torch.Tensor) or torch.equal(copies[k], v): continue
        raise CheckFailed(f"a changed `{k}`", f"It changes `{k}` in place, by -=, exp_, an assignment to {k}[…] or "
            "the like, though that belongs to whoever calls it. Make a new tensor.")
    return res,copies

def randomly(res):
    "The sum of a result with random factors: after a softmax, say, the plain sum is always the same, and has no slope"
    return (res*torch.rand(res.shape, generator=seeded(0))).sum()

def value_and_slope(
    f, # A learner's function
    *names, # Roles of the tensors that gradients are asked for
    weigh=torch.sum, # Makes one number of the result, for instance `randomly`
    **roles, # What `f` is given, as for `bind`
): # Its result, alone if that is no tensor; else with a gradient for each of `names`, or with `NO_SLOPE`
    "What `f` returns for copies of these values, and the gradients of that"
    res,copies = untouched(f, names, **roles)
    if not isinstance(res, torch.Tensor): return res
    if not res.requires_grad: return res,NO_SLOPE
    return res,*torch.autograd.grad(weigh(res), [copies[k] for k in names], materialize_grads=True)
