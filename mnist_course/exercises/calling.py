"How an answer is called: whatever its arguments are called, for so long and no longer, and where in it an error arose"
import ctypes,inspect,linecache,signal,sys,threading,time,traceback,types
import _thread
from contextlib import contextmanager
from itertools import count


# A limit to its time

MUCH_LONGER = 5 # So many times its limit may it wait: a busy machine makes a program wait, through no fault of its own
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
TIDYING = {f.__code__.co_filename for f in (importing,contextmanager)}

def interrupt_main():
    "Interrupt the main thread, and wake it where it sleeps"
    if hasattr(signal, 'pthread_kill'): signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else: _thread.interrupt_main() # Windows

def raise_in(ident, exception):
    "Have a thread raise it at its next step of Python, in place of one that it has not raised yet; `None` for none"
    raised = ctypes.py_object(exception) if exception else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), raised)

def wait_until_late(seconds, ident, over):
    "Return when a thread has computed for so many seconds, or waited `MUCH_LONGER`, or when it is `over`"
    computing,waiting = seconds,MUCH_LONGER*seconds
    while computing>0 and waiting>0:
        start,cpu = time.monotonic(),time.process_time()
        if over.wait(0.1): return
        if importing(sys._current_frames().get(ident)): continue
        took = time.monotonic()-start
        computing,waiting = computing-min(took, time.process_time()-cpu),waiting-took

class time_limit:
    """Raise `TimeoutError` in what takes longer, imports aside

    It is interrupted, again and again, until it is out, also where its process ignores Ctrl-C. Other threads than
    the main one, as in `nbdev-test`, have no interrupts, and raise at their next step of Python instead, but go on
    sleeping. A single call into C that never comes back can't be stopped, nor can all loops that catch everything:
    that is said after ten seconds, if the interpreter comes to it."""
    def __init__(self,
        seconds, # How long it may compute, by the processor's clock; it may wait `MUCH_LONGER`
        err=None, # Where to say that it can't be stopped (default: `sys.stderr`)
    ):
        self.seconds,self.err = seconds,err or sys.stderr
        self.asked,self.done = 0,False
        self.asking = False # An interrupt that we have not sent is somebody's Ctrl-C

    def __enter__(self):
        self.ident,self.main = threading.get_ident(),threading.current_thread() is threading.main_thread()
        self.home,self.trace = sys._getframe(1),sys.gettrace()
        self.over,self.watcher = threading.Event(),threading.Thread(target=self.watch, daemon=True)
        if self.main: self.old = signal.signal(signal.SIGINT, self.interrupted)
        self.watcher.start()

    def __exit__(self, *exception):
        self.done,self.home = True,None
        self.over.set()
        self.watcher.join()
        if self.main: signal.signal(signal.SIGINT, self.old or signal.SIG_DFL)
        else: raise_in(self.ident, None)
        if self.main and self.asked > PATIENCE: sys.settrace(self.trace)
        if self.asked: raise TimeoutError from None # whatever it has made of being asked

    def watch(self):
        "Ask it to end, again and again, once it is late"
        wait_until_late(self.seconds, self.ident, self.over)
        for n in count(1):
            if self.over.wait(0.2 if n>1 else 0): return
            self.ask()
            if n==STUCK: print(NOT_STOPPED, file=self.err)

    def ask(self):
        if self.main:
            self.asking = True
            interrupt_main()
        elif not self.put_off(sys._current_frames()[self.ident]):
            self.asked += 1
            raise_in(self.ident, OutOfTime)

    def put_off(self, frame): return self.done or importing(frame) or frame.f_code.co_filename in TIDYING

    def interrupted(self, signum, frame):
        if not self.asking: return pass_on(self.old, signum, frame)
        self.asking = False
        if self.put_off(frame): return
        self.asked += 1
        if self.asked > PATIENCE: raise_at_next_line(frame, self.home, self.asked)
        raise OutOfTime

def raise_at_next_line(frame, home, n):
    "Raise `OutOfTime` at the next line of the `n`th frame: in the `except` that swallows the one before, or behind it"
    frames,outer = [frame],frame.f_back
    while outer not in (home,None) and outer.f_code.co_filename not in TIDYING:
        frames.append(outer)
        outer = outer.f_back
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


# Where an error comes from

def where(e):
    """The line of the learner's own code that an error comes from, as far as it is known

    Of all the code that has run, that alone is `__main__`."""
    found = traceback.walk_tb(e and e.__traceback__)
    own = [(frame.f_code, n) for frame,n in found if frame.f_globals.get('__name__')=='__main__']
    if not own: return ''
    code,n = own[-1]
    place = f"\nin line {n-code.co_firstlineno+1} of {code.co_name}"
    text = linecache.getline(code.co_filename, n).strip()
    return f"{place}: {text}" if text else place

def to_do(f, e):
    "What to say of an error if it comes from a stub: that of `f`, or of another exercise that it calls"
    if not isinstance(e, NotImplementedError) or e.args: return # PyTorch's own has a message
    name = traceback.extract_tb(e.__traceback__)[-1].name
    if name in (getattr(f, '__name__', name), '<lambda>') or name.startswith('__'):
        return "It is still to do: write your answer where it says YOUR CODE HERE, and take out the raise."
    return f"It calls `{name}`, which is still to do."


# Arguments by role

ROLES = dict( # what an argument may be called
    xb='x xs inputs images batch imgs',
    yb='y ys targets target labels label trgts t',
    preds='pred predictions prds p out outputs logits scores acts activations probs',
    x='xs images train_x inputs',
    y='ys labels train_y targets',
    weights='weight w ws',
    bias='b biases',
    params='parameters ps',
    lr='learning_rate eta alpha rate',
    dl='train_dl trn_dl loader train_loader dataloader train_dataloader dl_train',
    valid_dl='val_dl dl valid_loader val_loader loader test_dl dl_valid',
    model='net m f func',
    loss_func='loss_fn criterion loss mnist_loss',
    opt='optimizer optim',
    metric='metrics batch_accuracy accuracy acc',
    dls='dataloaders loaders data dl',
    opt_func='opt_fn opt_class optimizer opt optim',
    momentum='mom m mu beta',
    bs='batch_size batchsize',
    n_hidden='hidden n_hid nh hidden_size hidden_units num_hidden n_units n h',
    size='shape',
    std='sd sigma scale stdev')

def names_of(role): return [role, *ROLES.get(role, '').split()]

def parameters_of(f):
    "The parameters of a function, and the kinds among them that take what is left: *args and **kwargs"
    try: given = list(inspect.signature(f).parameters.values())
    except (TypeError,ValueError): # as for torch.sigmoid
        given = [inspect.Parameter('args', inspect.Parameter.VAR_POSITIONAL)]
    rest = {p.kind for p in given if p.kind in (p.VAR_POSITIONAL,p.VAR_KEYWORD)}
    return [p for p in given if p.kind not in rest],rest

def roles_of(given, roles):
    "Which role each parameter plays, by its name, or else by its place if it has no default; and what roles are left"
    taken = {}
    for p in given:
        role = next((r for r in roles if p.name in names_of(r) and r not in taken.values()), None)
        if role: taken[p.name] = role
    left = [r for r in roles if r not in taken.values()]
    for p in given:
        if p.name not in taken and p.default is p.empty and left: taken[p.name] = left.pop(0)
    return taken,left

def bind(f, **roles):
    """A function without arguments that calls `f` with those of these values that it takes, whatever it calls them

    The values are given by role, such as `lr=0.1`, in the order in which the exercise lists them. An argument is
    recognised by its name, or else by its place. What `f` doesn't take as an argument it may read as a global, and
    finds our value there while it runs."""
    given,rest = parameters_of(f)
    taken,left = roles_of(given, roles)
    values = {p.name: roles[taken[p.name]] for p in given if p.name in taken}
    def call():
        args,kwargs = [],{}
        for i,p in enumerate(given):
            if p.name not in values: continue
            if p.kind==p.KEYWORD_ONLY or len(args)<i: kwargs[p.name] = values[p.name]
            else: args.append(values[p.name])
        if inspect.Parameter.VAR_POSITIONAL in rest: args += [roles[r] for r in left]
        elif inspect.Parameter.VAR_KEYWORD in rest: kwargs |= {r: roles[r] for r in left}
        with globals_of(f, {n: roles[r] for r in left for n in names_of(r)}): return f(*args, **kwargs)
    return call


# What it reads of its notebook

def code_of(f):
    "The function behind a function, a method, a partial, a decorated function or an object that is called"
    f = inspect.unwrap(getattr(f, 'func', f))
    f = getattr(f, '__func__', f)
    if not isinstance(f, types.FunctionType): f = getattr(type(f), '__call__', None)
    return f if isinstance(f, types.FunctionType) else None

def names_in(code):
    "Names that a function reads, in its lambdas, comprehensions and inner functions as well"
    return [*code.co_names, *(n for o in code.co_consts if isinstance(o, types.CodeType) for n in names_in(o))]

def replaceable(v): return not isinstance(v, (types.ModuleType,types.FunctionType,type))

@contextmanager
def globals_of(f, values):
    "While it lasts, those of these globals that the notebook of `f` has already, or that `f` reads, have these values"
    g = code_of(f)
    space,read = (g.__globals__,names_in(g.__code__)) if g else ({},())
    mine = {n: v for n,v in values.items() if n in read or n in space and replaceable(space[n])}
    old = {n: space[n] for n in mine if n in space}
    space.update(mine)
    try: yield
    finally:
        for n in mine: space.pop(n, None)
        space.update(old)
