"What every check does: try a learner's function on inputs from small to large, and say what is wrong with it and why"
# A check tries a function by `Trial`s. Each has an input, a way to `run` a function on it, and what is `want`ed. The
# first trial that fails is shown. Its likely cause is found by comparison: each check knows the usual mistakes as
# functions, and the one that gives the same on every trial names the cause. So what is named gives these results.
from .calling import bind,code_of,globals_of,names_in,time_limit,where
from .causes import NOTHING,asking,known_cause,likely_cause,numbers_in,stale_global
from .trials import CheckFailed,Problem,Trial,a_type,apart,attempt,fail,number,same,short

__all__ = ['CheckFailed', 'NOTHING', 'Problem', 'Trial', 'a_type', 'asking', 'attempt', 'bind', 'code_of', 'fail',
    'globals_of', 'judge', 'known_cause', 'names_in', 'number', 'numbers_in', 'same', 'short', 'stale_global',
    'time_limit', 'where']

def judge(
    name, # Of the exercise
    f, # The learner's function
    trials, # `Trial`s, the easiest to understand first
    causes=(), # Pairs of a sentence, or of several, and a function with that mistake, the likeliest first
    read='', # Where in which chapter to look
    questions=None, # What to ask of `f` where no cause is known, as `asking` makes it
):
    "Print a line if `f` is right on all `trials`; else raise `CheckFailed` with the first that fails and why"
    if not callable(f):
        fail(name, f"what was given is {short(f)}, no function",
            f"Pass the function itself: check_{name}({name}).", read)
    trials,results = list(trials),[]
    for trial in trials:
        results.append(attempt(trial, f))
        if isinstance(results[-1], Problem): break
    failed = next((i for i,(t,r) in enumerate(zip(trials, results)) if not same(r, t.want, t.tol)), None)
    if failed is None: return print(f"{name}: all well")
    trial,cause = trials[failed],likely_cause(f, trials, results, failed, causes, questions)
    got,want = apart(results[failed], trial.want)
    want = getattr(results[failed], 'wanted', '') or trial.expected or want
    fail(name, f"for {trial.show}\nit gave  {got}\nexpected {want}", cause, read)
