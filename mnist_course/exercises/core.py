"What every check does: try a learner's function on inputs from small to large, and say what is wrong with it and why"
# A check tries a function by `Trial`s. Each has an input, a way to `run` a function on it, and what is `want`ed. The first trial that
# fails is shown. Its likely cause is found by comparison: each check knows the usual mistakes as functions, and the one that gives
# the same on every trial names the cause. So a cause that is named is one that would really give these results.
import contextlib,io,re,sys
from dataclasses import dataclass
from typing import Any,Callable

import torch

from .calling import OutOfTime,bind,code_of,globals_of,names_in,time_limit,to_do,where

class CheckFailed(AssertionError):
    "An exercise isn't right yet; shown in a notebook without a traceback"
    def _render_traceback_(self): return [str(self)]

@dataclass
class Problem:
    "What came instead of a result, and why"
    what:str
    cause:str

@dataclass
class Trial:
    "An input that a function is tried on"
    run:Callable    # Called with the function; returns its result, for instance `lambda f: f(preds.clone(), yb.clone())`
    want:Any        # The right result: a number, a tensor, a bool, a str, or a tuple, list or dict of these
    show:str        # The input in words, as the learner is to see it
    tol:float=1e-4  # By how much a number may differ, as a share of `want` where that is above 1
    expected:str='' # What to show instead of `want`, where that would give the answer away
    limit:float=2.  # How many seconds it may take

def number(v):
    "A float of a number, of a 0-d tensor or of one with a single item; anything else as it is"
    if isinstance(v, torch.Tensor) and v.numel()==1: return float(v.detach())
    return float(v) if hasattr(v, '__float__') and not isinstance(v, (str,torch.Tensor)) and not getattr(v, 'shape', ()) else v

def same(a, b, tol=1e-4):
    "Are two results equal, but for rounding? A float and a tensor with one item are."
    if isinstance(a, Problem) or isinstance(b, Problem): return a==b
    if isinstance(b, (bool,str)) or b is None: return type(a)==type(b) and a==b
    if isinstance(b, dict): return isinstance(a, dict) and a.keys()==b.keys() and all(same(a[k], b[k], tol) for k in b)
    if isinstance(b, (tuple,list)): return isinstance(a, (tuple,list)) and len(a)==len(b) and all(same(*o, tol) for o in zip(a, b))
    if not isinstance(b, torch.Tensor) or b.numel()==1 and b.dim()==0:
        a,b = number(a),number(b)
        if not (isinstance(a, float) and isinstance(b, float)): return False
        return a!=a and b!=b or a==b or abs(a-b) <= tol*max(1, abs(b))
    if not isinstance(a, torch.Tensor) or a.shape!=b.shape: return False
    a,b = a.detach().double(),b.detach().double()
    return bool((((a-b).abs() <= tol*b.abs().clamp(min=1)) | (a==b) | a.isnan()&b.isnan()).all())

def short(v):
    "A value in a line or two"
    if isinstance(v, Problem): return v.what
    if isinstance(v, torch.Tensor):
        v = v.detach()
        if v.numel() > 12: return f"a tensor {tuple(v.shape)} that begins with {short(v.flatten()[:4])}"
        if v.dim()==0: return f"{v.item():.4g}"
        return 'tensor(' + str([round(o, 4) for o in v.tolist()] if v.dim()==1 else [[round(o, 4) for o in row] if isinstance(row, list) and not isinstance(row[0], list) else row for row in v.tolist()]) + ')'
    if isinstance(v, float): return f"{v:.4g}"
    if isinstance(v, dict): return ', '.join(f'{k}: {short(o)}' for k,o in v.items())
    if isinstance(v, (list,tuple)): return ', '.join(short(o) for o in v[:4]) + (', …' if len(v)>4 else '') if len(v) else repr(v)
    return repr(v) if len(repr(v))<200 else repr(v)[:200]+'…'

def a_type(v):
    "The name of a value's type, with its article"
    name = type(v).__name__
    return f"{'an' if re.match('[aeio]|nd', name, re.I) else 'a'} {name}"

def attempt(trial, f):
    "What `f` gives on a trial: its result, or a `Problem`. Whatever it prints is swallowed."
    err = sys.stderr
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), \
            time_limit(trial.limit, err): return trial.run(f)
    except (TimeoutError,OutOfTime): return Problem(f"nothing within {trial.limit:g} seconds", "It doesn't come back: is there a loop that never ends?")
    except CheckFailed as e: return Problem(str(e.args[0])+where(e.__cause__), str(e.args[-1])) # raised by `run`, with what came and its cause
    except SystemExit: return Problem("an attempt to leave Python", "It calls exit or quit.")
    except Exception as e: return Problem("nothing yet", to_do(f, e)) if to_do(f, e) else Problem(f"{type(e).__name__}: {str(e).splitlines()[0][:160] if str(e) else ''}{where(e)}", f"It raises {type(e).__name__}. Try it in a cell of its own with the input above.")

def judge(name, f, trials, causes=(), read=''):
    """Print a line if `f` is right on all `trials`; else raise `CheckFailed` with the first that fails

    `causes` are pairs of a sentence and a function with that mistake, the likeliest first; `read` says where in which chapter to look."""
    if not callable(f): fail(name, f"what was given is {short(f)}, no function", f"Pass the function itself: check_{name}({name}).", read)
    results = []
    for trial in trials:
        results.append(attempt(trial, f))
        if isinstance(results[-1], Problem): break
    for trial,result in zip(trials, results):
        if same(result, trial.want, trial.tol): continue
        if isinstance(result, Problem): cause = known_cause(trials, results, causes) or result.cause.startswith('It raises ') and stale_global(f) or result.cause
        elif result is None: cause = known_cause(trials, results, causes) or "It returns nothing: is `return` missing?"
        else: cause = known_cause(trials, results, causes) or stale_global(f) or shape_cause(result, trial.want) or "No usual mistake gives this. Work it out on paper for this input, and compare step by step."
        fail(name, f"for {trial.show}\nit gave  {short(result)}\nexpected {trial.expected or short(trial.want)}", cause, read)
    print(f"{name}: all well")

def fail(name, what, cause, read):
    "Raise `CheckFailed` with a message of one form"
    raise CheckFailed(f"{name} is not right yet: {what}\nLikely cause: {cause}" + (f"\nRead: {read}" if read else ''))

def result_of(trial, wrong):
    "What a function of ours gives on a trial, or the `Problem`; without a limit, as it ends"
    try: return trial.run(wrong)
    except CheckFailed as e: return Problem(str(e.args[0]), str(e.args[-1]))
    except Exception as e: return Problem(f"{type(e).__name__}: {str(e).splitlines()[0][:160] if str(e) else ''}", '')

def matches(trial, result, wrong):
    "Does a function give this result, or raise this error, on a trial?"
    its = result_of(trial, wrong)
    if not isinstance(result, Problem): return same(its, result, trial.tol)
    return isinstance(its, Problem) and its.what==result.what.partition('\nin line ')[0]

def numbers_in(results):
    "How many different numbers there are in results"
    found = set()
    for o in results:
        if isinstance(o, dict): o = list(o.values())
        if isinstance(o, (list,tuple)): found |= {round(float(v), 4) for v in o if isinstance(number(v), float)}
        if isinstance(o, torch.Tensor): found |= {round(v, 4) for v in o.detach().double().flatten().tolist()}
        elif isinstance(number(o), float): found.add(round(number(o), 4))
    return len(found)

def known_cause(trials, results, causes):
    """The sentence of the first mistake that gives the same results, or `None`

    If there is none, the same but for an error that came after a first wrong result."""
    tried = list(zip(trials, results))
    before = [(t, r) for t,r in tried if not isinstance(r, Problem)]
    causes = list(causes)
    for pairs in (tried, before if any(not same(r, t.want, t.tol) for t,r in before) else []):
        hardest_first = sorted(pairs, key=lambda o: -numbers_in([o[1]])) # many numbers rule out most causes at once
        for text,wrong in causes:
            if hardest_first and all(matches(t, r, wrong) for t,r in hardest_first): return text

def shape_cause(got, want):
    if isinstance(want, torch.Tensor) and want.dim() and not isinstance(got, torch.Tensor): return f"It is {a_type(got)}, and a tensor {tuple(want.shape)} is wanted."
    if isinstance(got, torch.Tensor) and isinstance(want, torch.Tensor) and got.shape!=want.shape: return f"The shape is {tuple(got.shape)} and should be {tuple(want.shape)}."
    if isinstance(got, torch.Tensor) and got.numel()>1 and not isinstance(want, (torch.Tensor,tuple,list)): return f"It returns {got.numel()} numbers, and one is wanted: is a mean missing?"

def stale_global(f):
    "Does it read a tensor or a loader that another cell has left?"
    g = code_of(f)
    if not g: return
    for o in names_in(g.__code__):
        v = g.__globals__.get(o)
        if isinstance(v, torch.Tensor) and not v.requires_grad or hasattr(v, 'dataset'): return f"It reads `{o}`, which another cell has left behind, and not only its arguments. Use the arguments."
