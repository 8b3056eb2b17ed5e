"What an answer is tried on, and what came of it"
import contextlib,io,re,sys
from dataclasses import dataclass
from typing import Any,Callable

import torch

from .calling import OutOfTime,time_limit,to_do,where
from .errors import meaning

class CheckFailed(AssertionError):
    "An exercise isn't right yet; shown in a notebook without a traceback"
    def _render_traceback_(self): return [str(self)]

def fail(name, what, cause, read='', kind=CheckFailed):
    "Raise a `kind` of `CheckFailed` with a message of one form"
    to_read = f"\nRead: {read}" if read else ''
    raise kind(f"{name} is not right yet: {what}\nLikely cause: {cause}{to_read}")

@dataclass
class Problem:
    "What came instead of a result, and why"
    what:str
    cause:str
    raised:bool=False # Is it an error that it has raised itself?
    wanted:str='' # What to show as expected instead of the trial's `want`, where one trial asks several questions

@dataclass
class Trial:
    "An input that a function is tried on"
    run:Callable    # Called with the function; returns its result, for instance `lambda f: f(preds.clone())`
    want:Any        # The right result: a number, tensor, bool or str, or a tuple, list or dict of these
    show:str        # The input in words, as the learner is to see it
    tol:float=1e-4  # By how much a number may differ, as a share of `want` where that is above 1
    expected:str='' # What to show instead of `want`, where that would give the answer away
    limit:float=2.  # How many seconds it may take


# Results

DECIMALS = range(4, 9) # To so many a learner may round a number: round(accuracy, 4)

def number(v):
    "A float of a number, of a 0-d tensor or of one with a single item; anything else as it is"
    if isinstance(v, torch.Tensor): return float(v.detach()) if v.numel()==1 else v
    if isinstance(v, str) or not hasattr(v, '__float__') or getattr(v, 'shape', ()): return v
    return float(v)

def same_numbers(a, b, tol):
    if not (isinstance(a, float) and isinstance(b, float)): return False
    if a==b or a!=a and b!=b: return True
    if abs(a-b) <= tol*max(1, abs(b)): return True
    return tol>0 and 0 not in (a,b) and any(a==round(b, n) or b==round(a, n) for n in DECIMALS)

def same_tensors(a, b, tol):
    if not isinstance(a, torch.Tensor) or a.shape!=b.shape: return False
    a,b = a.detach().double(),b.detach().double()
    return bool((((a-b).abs() <= tol*b.abs().clamp(min=1)) | (a==b) | a.isnan()&b.isnan()).all())

def same(a, b, tol=1e-4):
    "Are two results equal, but for rounding? A float and a tensor with one item are."
    if isinstance(a, Problem) or isinstance(b, Problem): return a==b
    if isinstance(b, (bool,str)) or b is None: return type(a)==type(b) and a==b
    if isinstance(b, dict): return isinstance(a, dict) and a.keys()==b.keys() and all(same(a[k], b[k], tol) for k in b)
    if isinstance(b, (tuple,list)):
        return isinstance(a, (tuple,list)) and len(a)==len(b) and all(same(*o, tol) for o in zip(a, b))
    if isinstance(b, torch.Tensor) and b.dim(): return same_tensors(a, b, tol)
    return same_numbers(number(a), number(b), tol)

def rounded(v, digits):
    "The numbers of a nested list, rounded"
    return [rounded(o, digits) for o in v] if isinstance(v, list) else round(v, digits)

MOST_NUMBERS,MOST_ITEMS,MOST_LETTERS = 12,4,200 # So much of a tensor, a list or a text is shown

def short_tensor(v, digits):
    if v.numel() > MOST_NUMBERS:
        return f"a tensor {tuple(v.shape)} that begins with {short_tensor(v.flatten()[:MOST_ITEMS], digits)}"
    return f"{v.item():.{digits}g}" if v.dim()==0 else f"tensor({rounded(v.tolist(), digits)})"

def short(v, digits=4):
    "A value in a line or two"
    if isinstance(v, Problem): return v.what
    if isinstance(v, torch.Tensor): return short_tensor(v.detach(), digits)
    if isinstance(v, float): return f"{v:.{digits}g}"
    if isinstance(v, dict): return ', '.join(f'{k}: {short(o, digits)}' for k,o in v.items())
    if isinstance(v, (list,tuple)) and len(v):
        return ', '.join([short(o, digits) for o in v[:MOST_ITEMS]] + (['…'] if len(v)>MOST_ITEMS else []))
    return repr(v) if len(repr(v))<MOST_LETTERS else repr(v)[:MOST_LETTERS]+'…'

def apart(got, want):
    "Two different results in words that differ"
    for digits in (4,6,8,12):
        shown = short(got, digits),short(want, digits)
        if shown[0]!=shown[1]: break
    return shown

def a_type(v):
    "The name of a value's type, with its article"
    name = type(v).__name__
    return f"{'an' if re.match('[aeio]|nd', name, re.I) else 'a'} {name}"


# Trying

ENDLESS = "It doesn't come back: is there a loop that never ends?"

def error_problem(f, e):
    "The `Problem` that an exception is"
    stub = to_do(f, e)
    if stub: return Problem("nothing yet", stub)
    name,first = type(e).__name__,str(e).splitlines()[0][:160] if str(e) else ''
    cause = meaning(e) or f"It raises {name}. Try it in a cell of its own with the input above."
    return Problem(f"{name}: {first}{where(e)}", cause, raised=True)

def attempt(trial, f):
    "What `f` gives on a trial: its result, or a `Problem`. Whatever it prints is swallowed."
    err = sys.stderr
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), \
            time_limit(trial.limit, err): return trial.run(f)
    except (TimeoutError,OutOfTime):
        return Problem(f"nothing within {trial.limit:g} seconds", ENDLESS)
    except CheckFailed as e: # raised by `run`, with what came and its cause
        return Problem(str(e.args[0])+where(e.__cause__), str(e.args[-1]))
    except SystemExit: return Problem("an attempt to leave Python", "It calls exit or quit.")
    except Exception as e: return error_problem(f, e)
