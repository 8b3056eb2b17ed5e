"Why a result is wrong: which mistakes give the same, and what else can be proved by trying"
# What is said is true of the results: a known mistake is named if it gives them all, a stale global if they change
# with it, a batch of one if the same row twice is right. Where nothing is found, it is asked what has a known answer.
import math
from contextlib import suppress
from functools import wraps
from itertools import islice

import torch

from .calling import bind,code_of,globals_of,names_in
from .trials import CheckFailed,Problem,Trial,a_type,attempt,number,same


# Known mistakes

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

def part(v):
    "A number, rounded, or what to compare of anything else"
    if isinstance(v, Problem): return v.what
    v = number(v)
    if isinstance(v, float): return round(v, 4) if math.isfinite(v) else str(v)
    return v if v is None or isinstance(v, str) else a_type(v)

def parts(v):
    "The numbers in a result, and whatever else there is"
    if isinstance(v, torch.Tensor): v = v.detach().double().flatten().tolist()
    if isinstance(v, dict): v = list(v.values())
    return [p for o in v for p in parts(o)] if isinstance(v, (list,tuple)) else [part(v)]

def numbers_in(results):
    "How many different numbers and other parts there are in results"
    return len({p for o in results for p in parts(o)})

SIMPLE = 12 # Fractions with a denominator up to this come up by chance, as most accuracies of small batches
TELLS_MUCH,TELLS_LITTLE = 3,1
ENOUGH = {1: TELLS_MUCH, 2: 3*TELLS_MUCH} # What results must tell in all, before so many mistakes at once are named

def tells(part):
    "How much it tells that a mistake gives this, too"
    small = isinstance(part, float) and abs(part)<=SIMPLE
    simple = small and any(abs(part*n-round(part*n))<2e-3 for n in range(1, SIMPLE+1))
    return TELLS_LITTLE if part is None or simple else TELLS_MUCH

def pairs_of(trial, result):
    "Each part of a result with what was wanted there"
    got,want = parts(result),parts(trial.want)
    if len(got)==len(want): return set(zip(got, want))
    return {(p, None) for p in [*got, f'{len(got)} parts']} # that there are so many tells something as well

def enough(trials, tried, mistakes):
    "Do these pairs of a trial and its result tell so much that no mistake, or no two, give the same by chance?"
    told = sum(tells(got) for got,_ in set().union(*(pairs_of(t, r) for t,r in tried)))
    if mistakes>1: return told >= ENOUGH[2] and numbers_in(got for _,got in tried)>1
    return told >= min(ENOUGH[1], numbers_in(t.want for t in trials)) # a single answer may be all that there is

def together(sentences):
    "One or several mistakes as one text"
    if len(sentences)==1: return sentences[0]
    return f"{len(sentences)} mistakes at once. " + ' '.join(f"({i}) {o}" for i,o in enumerate(sentences, 1))

def known_cause(trials, results, causes):
    """What to say of the first mistake, or mistakes, that give the same results, or `None`

    If there is none, the same but for an error that came after a first wrong result."""
    tried,causes = list(zip(trials, results)),list(causes)
    before = [(t, r) for t,r in tried if not isinstance(r, Problem)]
    wrong_before = any(not same(r, t.want, t.tol) for t,r in before)
    for pairs in (tried, before if wrong_before and len(before)<len(tried) else []):
        hardest_first = sorted(pairs, key=lambda o: -numbers_in([o[1]])) # many numbers rule out most causes
        for text,wrong in causes if pairs else ():
            sentences = (text,) if isinstance(text, str) else text
            if not all(matches(t, r, wrong) for t,r in hardest_first): continue
            if enough(trials, pairs, len(sentences)): return together(sentences)


# What can be proved

def others(v):
    "Other values for a global: for a tensor, other numbers, and more rows; for a loader, its first two batches"
    if not isinstance(v, torch.Tensor):
        with suppress(Exception): yield list(islice(v, 2))
        return
    v = v.detach()
    if v.dtype==torch.bool: yield ~v
    else: yield v.max()+v.min()-v if v.numel() and v.min()<v.max() else v+1
    if v.dim(): yield torch.cat([v, v])

def stale_global(
    f, # A learner's function
    again, # Called without arguments; runs `f` and returns what came
): # A sentence, or `None`
    "Has a tensor or loader that another cell left a part in what comes? If so, another one makes a difference."
    g = code_of(f)
    if not g or not g.__code__.co_argcount: return # without arguments, it may read what it likes
    def seeded():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return again()
    read = {n: g.__globals__.get(n) for n in names_in(g.__code__)}
    read = {n: v for n,v in read.items() if isinstance(v, torch.Tensor) or hasattr(v, 'dataset')}
    before = seeded() if read else None
    if not read or not same(seeded(), before): return
    for name,v in read.items():
        for other in others(v):
            with globals_of(f, {name: other}): after = seeded()
            if not same(after, before):
                return f"It reads `{name}`, which another cell has left behind: with another `{name}`, the result " \
                    "is another. Use the arguments."

def is_single(v): return isinstance(v, torch.Tensor) and v.dim()>0 and len(v)==1
def twice(v): return torch.cat([v, v]) if is_single(v) else v

def doubled(f):
    "`f`, given a single row twice, so that it sees a batch of two; of a result with two rows, the first"
    @wraps(f)
    def g(*args, **kwargs):
        if not any(map(is_single, [*args, *kwargs.values()])): raise ValueError("no single row")
        res = f(*map(twice, args), **{k: twice(v) for k,v in kwargs.items()})
        return res[:1] if isinstance(res, torch.Tensor) and res.dim() and len(res)==2 else res
    return g

ONE_FAILS = "It is right for two images, and not for a single one"

def single_row(f, trial):
    "A sentence if a trial has a batch of one, and the same row twice is all right"
    if not same(attempt(trial, doubled(f)), trial.want, trial.tol): return
    g = code_of(f)
    if g and 'squeeze' in names_in(g.__code__):
        return f"{ONE_FAILS}: squeeze() drops every dimension of size 1, and so a batch of one as well. Say which " \
            "it should drop: squeeze(1)."
    return f"{ONE_FAILS}. What does it do with a batch of one?"

def factor(tried):
    "A sentence if all numbers are the right ones times one factor"
    got,want = parts([r for _,r in tried]),parts([t.want for t,_ in tried])
    if len(got)!=len(want) or len(set(want))<3 or not all(isinstance(o, float) for o in got+want): return
    got,want = torch.tensor(got),torch.tensor(want)
    by = (got*want).sum()/want.square().sum()
    if not same(got, by*want, 1e-3) or by.abs()<0.01: return
    if same(by, -1., 1e-3): return "All numbers are right but for their sign: a minus is missing, or is one too many."
    return f"All numbers are {by:.4g} times what they should be."

def constant(tried):
    "A sentence if the same number comes for all inputs, where different ones are wanted"
    got,want = (set(parts([r for r in results])) for results in zip(*((r, t.want) for t,r in tried)))
    (one,),many = got if len(got)==1 else (None,),len(want)>1
    if isinstance(one, float) and many and len(tried)>1:
        return f"It gives {one:.4g} whatever it is given, as if the arguments were not used."

def shape_cause(got, want):
    "A sentence if a result has another form than what is wanted"
    many = isinstance(want, torch.Tensor) and want.dim()
    if not isinstance(got, torch.Tensor):
        return f"It is {a_type(got)}, and a tensor {tuple(want.shape)} is wanted." if many else None
    if many and got.shape!=want.shape: return f"The shape is {tuple(got.shape)} and should be {tuple(want.shape)}."
    if got.numel()>1 and not many and not isinstance(want, (tuple,list)):
        return f"It returns {got.numel()} numbers, and one is wanted: is a mean missing?"

def asking(
    questions, # Functions of a loss or metric, predictions and targets, as in `checkup.questions`
    preds,targets, # What the questions are made from
    roles=('preds','yb'), # What an answer may call these, as for `bind`
): # For `judge`: a function of the answer that returns a sentence, or `None`
    "Ask questions with known answers, and say which failed"
    def asked(f):
        def called(p, y): return bind(f, **dict(zip(roles, (p,y))))()
        for question in questions:
            said = attempt(Trial(lambda f: question(f, preds, targets), None, ''), called)
            if isinstance(said, str): return said
    return asked


# All of it

NOTHING = "It returns nothing: is `return` missing?"
UNKNOWN = "No usual mistake gives this. Work it out on paper for this input, and compare step by step."

def likely_cause(f, trials, results, failed, causes, questions):
    "What to say of an answer that has given these results, the first wrong one on the trial number `failed`"
    trial,result = trials[failed],results[failed]
    problem = isinstance(result, Problem)
    found = known_cause(trials, results, causes)
    if found: return found
    alone = single_row(f, trial)
    if problem and not result.raised: return alone or result.cause
    if result is None: return NOTHING
    found = stale_global(f, lambda: attempt(trial, f)) or alone
    if found or problem: return found or result.cause
    tried = list(zip(trials, results))
    found = shape_cause(result, trial.want) or constant(tried) or factor(tried)
    if not found and questions: found = questions(f)
    return found or UNKNOWN
