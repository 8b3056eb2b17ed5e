"What every check does: try a learner's function on inputs from small to large, and say what is wrong with it and why"
# A check tries a function by `Trial`s. Each has an input, a way to `run` a function on it, and what is `want`ed. The first trial that
# fails is shown. Its likely cause is found by comparison: each check knows the usual mistakes as functions, and the one that gives
# the same on every trial names the cause. So a cause that is named is one that would really give these results.
import contextlib,ctypes,inspect,io,linecache,re,signal,sys,threading,time,traceback,types
import _thread
from dataclasses import dataclass
from itertools import count
from typing import Any,Callable

import torch

class CheckFailed(AssertionError):
    "An exercise isn't right yet; shown in a notebook without a traceback"
    def _render_traceback_(self): return [str(self)]

@dataclass
class Problem:
    "What came instead of a result, and why"
    what:str
    cause:str
    wanted:str='' # What to show instead of the trial's `want`, where one trial asks several questions

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

MUCH_LONGER = 5 # So many times its limit may it wait: a busy machine makes a program wait, which is no fault of its own
PATIENCE = 5 # How often what is too late is asked to end, before each request is repeated at a line behind it
STUCK = 50 # After so many requests, ten seconds of them, that is said
NOT_STOPPED = "mnist_course: an answer has been asked to end for ten seconds, and goes on. Restart the kernel."

class OutOfTime(BaseException):
    "Raised in what takes too long; no `Exception`, so that an answer that catches those lets it through"

def importing(frame):
    "Is an import under way? Making PyTorch's first optimizer imports for seconds, which mustn't be broken off."
    while frame and frame.f_code.co_filename!='<frozen importlib._bootstrap>': frame = frame.f_back
    return frame is not None

# Files whose `with` and `finally` put things back
TIDYING = {f.__code__.co_filename for f in (importing,contextlib.contextmanager)}

def interrupt_main():
    "Interrupt the main thread, and wake it where it sleeps"
    if hasattr(signal, 'pthread_kill'): signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else: _thread.interrupt_main() # Windows

def raise_in(ident, exception):
    "Have a thread raise it at its next step of Python, in place of one that it has not raised yet; `None` for none"
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), exception and ctypes.py_object(exception))

def wait_until_late(seconds, ident, over):
    "Return when a thread has computed for so many seconds, or waited `MUCH_LONGER`, or when it is `over`"
    computing,waiting = seconds,MUCH_LONGER*seconds
    while computing>0 and waiting>0:
        start,cpu = time.monotonic(),time.process_time()
        if over.wait(0.1): return
        if importing(sys._current_frames().get(ident)): continue
        took = time.monotonic()-start
        computing,waiting = computing-min(took, time.process_time()-cpu),waiting-took

@contextlib.contextmanager
def time_limit(
    seconds, # How long it may compute, by the processor's clock; it may wait `MUCH_LONGER`
    err=None, # Where to say that it can't be stopped (default: `sys.stderr`)
):
    """Raise `TimeoutError` in what takes longer, imports aside

    It is interrupted, again and again, until it is out, also where its process ignores Ctrl-C. Other threads than the main
    one, as in `nbdev-test`, have no interrupts, and raise at their next step of Python instead, but go on sleeping. A single
    call into C that never comes back can't be stopped, nor can all loops that catch everything: that is said after ten
    seconds, if the interpreter comes to it."""
    ident,main = threading.get_ident(),threading.current_thread() is threading.main_thread()
    over,asked,done,err = threading.Event(),0,False,err or sys.stderr
    asking = False # An interrupt that we have not sent is somebody's Ctrl-C
    def put_off(frame): return done or importing(frame) or frame.f_code.co_filename in TIDYING
    def ask():
        nonlocal asking,asked
        if main:
            asking = True
            interrupt_main()
        elif not put_off(sys._current_frames()[ident]):
            asked += 1
            raise_in(ident, OutOfTime)
    def watch():
        wait_until_late(seconds, ident, over)
        for n in count(1):
            if over.wait(0.2 if n>1 else 0): return
            ask()
            if n==STUCK: print(NOT_STOPPED, file=err)
    def interrupted(signum, frame):
        nonlocal asking,asked
        if not asking: return pass_on(old, signum, frame)
        asking = False
        if put_off(frame): return
        asked += 1
        if asked > PATIENCE: raise_at_next_line(frame, asked)
        raise OutOfTime
    trace,watcher = sys.gettrace(),threading.Thread(target=watch, daemon=True)
    if main: old = signal.signal(signal.SIGINT, interrupted)
    try:
        watcher.start()
        yield
    finally:
        done = True
        over.set()
        watcher.join()
        if main: signal.signal(signal.SIGINT, old or signal.SIG_DFL)
        else: raise_in(ident, None)
        if main and asked > PATIENCE: sys.settrace(trace)
        if asked: raise TimeoutError from None # whatever it has made of being asked

def raise_at_next_line(frame, n):
    "Raise `OutOfTime` at the next line of the `n`th frame: in the `except` that swallows the one before, or behind it"
    frames = []
    while frame and frame.f_code.co_filename not in TIDYING: frames,frame = [*frames,frame],frame.f_back
    chosen = frames[n%len(frames)]
    def trace(frame, event, arg):
        if event=='line' and frame is chosen: raise OutOfTime
        return trace
    chosen.f_trace = trace
    sys.settrace(trace)

def pass_on(handler, signum, frame):
    "Do with a Ctrl-C what would be done without us"
    if callable(handler): handler(signum, frame)
    elif handler!=signal.SIG_IGN: raise KeyboardInterrupt

def attempt(trial, f):
    "What `f` gives on a trial: its result, or a `Problem`. Whatever it prints is swallowed."
    err = sys.stderr
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), \
            time_limit(trial.limit, err): return trial.run(f)
    except (TimeoutError,OutOfTime): return Problem(f"nothing within {trial.limit:g} seconds", "It doesn't come back: is there a loop that never ends?")
    except CheckFailed as e: return Problem(str(e.args[0])+where(e.__cause__), str(e.args[-1])) # raised by `run`, with what came and its cause
    except SystemExit: return Problem("an attempt to leave Python", "It calls exit or quit.")
    except Exception as e: return to_do(f, e) or Problem(f"{type(e).__name__}: {str(e).splitlines()[0][:160] if str(e) else ''}{where(e)}", f"It raises {type(e).__name__}. Try it in a cell of its own with the input above.")

def where(e):
    "The line of the learner's own code that an error comes from, as far as it is known: of all the code that has run, that alone is `__main__`"
    own = [(frame.f_code, n) for frame,n in traceback.walk_tb(e and e.__traceback__) if frame.f_globals.get('__name__')=='__main__']
    if not own: return ''
    code,n = own[-1]
    text = linecache.getline(code.co_filename, n).strip()
    return f"\nin line {n-code.co_firstlineno+1} of {code.co_name}" + f": {text}"*bool(text)

def to_do(f, e):
    "A `Problem` if an error comes from a stub: that of `f`, or of another exercise that it calls. (PyTorch's own `NotImplementedError` has a message.)"
    if not isinstance(e, NotImplementedError) or e.args: return
    name = traceback.extract_tb(e.__traceback__)[-1].name
    other = not name.startswith('__') and name != getattr(f, '__name__', name)
    return Problem("nothing yet", f"It calls `{name}`, which is still to do." if other else "It is still to do: write your answer where it says YOUR CODE HERE, and take out the raise.")

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
        fail(name, f"for {trial.show}\nit gave  {short(result)}\nexpected {getattr(result, 'wanted', '') or trial.expected or short(trial.want)}", cause, read)
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

def code_of(f):
    "The function behind a function, a method, a partial or an object that is called"
    f = getattr(f, 'func', f)
    f = getattr(f, '__func__', f)
    if not isinstance(f, types.FunctionType): f = getattr(type(f), '__call__', None)
    return f if isinstance(f, types.FunctionType) else None

def names_in(code):
    "Names that a function reads, in its lambdas, comprehensions and inner functions as well"
    return [*code.co_names, *(n for o in code.co_consts if isinstance(o, types.CodeType) for n in names_in(o))]

def stale_global(f):
    "Does it read a tensor or a loader that another cell has left?"
    g = code_of(f)
    if not g: return
    for o in names_in(g.__code__):
        v = g.__globals__.get(o)
        if isinstance(v, torch.Tensor) and not v.requires_grad or hasattr(v, 'dataset'): return f"It reads `{o}`, which another cell has left behind, and not only its arguments. Use the arguments."


# What an argument may be called

ROLES = dict(
    xb='xb x xs inputs images batch imgs', yb='yb y ys targets target labels label trgts t', preds='preds pred predictions prds p out outputs logits scores acts activations probs',
    x='x xs images train_x inputs', y='y ys labels train_y targets', weights='weights weight w ws', bias='bias b biases', params='params parameters ps',
    lr='lr learning_rate eta alpha rate', dl='dl train_dl trn_dl loader train_loader dataloader train_dataloader dl_train', valid_dl='valid_dl val_dl dl valid_loader val_loader loader test_dl dl_valid',
    model='model net m f func', loss_func='loss_func loss_fn criterion loss mnist_loss', opt='opt optimizer optim', metric='metric metrics batch_accuracy accuracy acc',
    dls='dls dataloaders loaders data dl', opt_func='opt_func opt_fn opt_class optimizer opt optim', momentum='momentum mom m mu beta', bs='bs batch_size batchsize', n_hidden='n_hidden hidden n_hid nh hidden_size hidden_units num_hidden n_units n h', size='size shape', std='std sd sigma scale stdev')

def bind(f, **roles):
    """A function without arguments that calls `f` with these values, whichever of them it takes and whatever it calls them

    The values are given by role, such as `lr=0.1`, in the order in which the exercise lists them. An argument is recognised by its
    name, or else by its place. What `f` doesn't take as an argument it may read as a global, and finds our value there while it runs."""
    names = {role: [role, *ROLES.get(role, '').split()] for role in roles}
    try: given = list(inspect.signature(f).parameters.values())
    except (TypeError,ValueError): given = [inspect.Parameter('args', inspect.Parameter.VAR_POSITIONAL)] # as for torch.sigmoid
    rest = {p.kind for p in given if p.kind in (p.VAR_POSITIONAL,p.VAR_KEYWORD)} # *args and **kwargs get what is left
    given = [p for p in given if p.kind not in rest]
    taken = {}
    for p in given:
        role = next((r for r in roles if p.name in names[r] and r not in taken.values()), None)
        if role: taken[p.name] = role
    left = [r for r in roles if r not in taken.values()]
    for p in given:
        if p.name not in taken and p.default is p.empty and left: taken[p.name] = left.pop(0)
    def call():
        args,kwargs = [],{}
        for p in given:
            if p.name not in taken: continue
            if p.kind==p.KEYWORD_ONLY or len(args)<given.index(p): kwargs[p.name] = roles[taken[p.name]]
            else: args.append(roles[taken[p.name]])
        if inspect.Parameter.VAR_POSITIONAL in rest: args += [roles[r] for r in left]
        elif inspect.Parameter.VAR_KEYWORD in rest: kwargs |= {r: roles[r] for r in left}
        with globals_of(f, {n: roles[r] for r in left for n in names[r]}): return f(*args, **kwargs)
    return call

@contextlib.contextmanager
def globals_of(f, values):
    "While it lasts, the globals with these names that the notebook of `f` already has, or that `f` reads, have these values"
    g = code_of(f)
    space,read = (g.__globals__,names_in(g.__code__)) if g else ({},())
    mine = {n: v for n,v in values.items() if n in space and not isinstance(space[n], (types.ModuleType,types.FunctionType,type)) or n in read}
    old = {n: space[n] for n in mine if n in space}
    space.update(mine)
    try: yield
    finally:
        for n in mine: space.pop(n, None)
        space.update(old)
